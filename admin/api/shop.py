"""The shop's facts and its own wordings, live at once."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field, ValidationError

from admin.api.context import Caller, Context, Reading, allowed
from admin.api.fields import Body, Text
from admin.api.writing import ApiRoute, Writing
from conversations.texts import Texts
from core.database import WriteSession
from core.errors import InvalidInput
from core.shop import read_shop, write_shop
from core.shop_facts import ShopFacts, merge_facts
from staff import audit
from staff.permissions import Action

router = APIRouter(prefix="/shop", tags=["shop"], route_class=ApiRoute)

_Words = Annotated[Text, Field(max_length=2000)]


class LocalisedPatch(Body):
    """One language or both; what is not named stays."""

    zh: _Words = ""
    en: _Words = ""


class ShopPatch(Body):
    """What is not named stays. `texts`: a sentence's own wording by its key; null brings the shipped one back."""

    name: LocalisedPatch = LocalisedPatch()
    greeting: LocalisedPatch = LocalisedPatch()
    operator: LocalisedPatch = LocalisedPatch()
    address: LocalisedPatch = LocalisedPatch()
    hours_text: LocalisedPatch = LocalisedPatch()
    privacy_url: Annotated[str, Field(max_length=500, pattern=r"^(https?://\S+)?$")] = ""
    currency: Annotated[str, Field(examples=["CNY"], pattern=r"^[A-Z]{3}$")] = "CNY"
    country: Annotated[str, Field(examples=["CN"], pattern=r"^[A-Z]{2}$")] = "CN"
    color: Annotated[str, Field(examples=["#1f6f54"], pattern=r"^#[0-9a-fA-F]{6}$")] = "#1f6f54"
    texts: dict[str, LocalisedPatch | None] = Field(default={})


@router.get("", summary="Show the shop's facts", dependencies=[allowed(Action.READ_SHOP)])
async def show(session: Reading) -> ShopFacts:
    """What customers read is `{"zh", "en"}`; an empty language falls back to the other."""
    return (await read_shop(session))[0]


@router.patch("", summary="Change the shop's facts", dependencies=[allowed(Action.EDIT_SHOP)])
async def change(session: Writing, actor: Caller, context: Context, body: ShopPatch) -> ShopFacts:
    """Live at once in every process. An unknown text key or placeholder is refused."""
    return await change_shop(session, body.model_dump(exclude_unset=True), by=actor.name, now=context.clock.now())


async def change_shop(session: WriteSession, changes: Mapping[str, Any], *, by: str, now: datetime) -> ShopFacts:
    """Lays `changes` over the facts. Raises InvalidInput: a wrong value, an unknown text or placeholder."""
    before, _ = await read_shop(session)
    after = _merged(before, changes)
    await write_shop(session, after, by, now)
    changed = {name: (_shown(before, name), _shown(after, name)) for name in changes}
    audit.record(session, actor=by, action="shop.set", object="shop:1", now=now, changes=changed)
    return after


def _merged(before: ShopFacts, changes: Mapping[str, Any]) -> ShopFacts:
    try:
        after = merge_facts(before, changes)
    except ValidationError as error:
        fields = {".".join(str(part) for part in fault["loc"]): fault["msg"] for fault in error.errors()}
        raise InvalidInput("; ".join(f"{path}: {reason}" for path, reason in fields.items()), fields) from None
    Texts.shipped().check_overrides(after.texts)
    return after


def _shown(facts: ShopFacts, name: str) -> Any:
    return facts.model_dump(mode="json")[name]
