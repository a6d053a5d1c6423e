"""The shop's facts and the sentences of its own, live at once in every process."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, Response

from admin.api.context import ApiContext, Context, Reading
from admin.api.shop import change_shop
from admin.pages.rendering import page
from admin.pages.routing import PageRoute, back_to
from admin.pages.visitor import EditsShop, ReadsShop, Viewer
from conversations.texts import Texts
from core.shop import read_shop
from staff.permissions import Action

router = APIRouter(prefix="/shop", route_class=PageRoute)

#: What customers read, in both languages, and what is the same in both.
SPOKEN = ("name", "greeting", "operator", "address", "hours_text")
PLAIN = ("privacy_url", "currency", "country", "color")
_Words = Annotated[str, Form(max_length=2000)]


@router.get("")
async def show_shop(
    request: Request, viewer: ReadsShop, session: Reading, q: Annotated[str, Query(max_length=100)] = ""
) -> HTMLResponse:
    """The facts; and the sentences that hold the words `q`, or those that the shop has worded itself."""
    facts, _sample = await read_shop(session)
    shipped = Texts.shipped()
    sentences = [
        (key, words, facts.texts.get(key))
        for key, words in shipped.by_key.items()
        if (q and _says(key, words, q.strip())) or (not q and key in facts.texts)
    ]
    return page(request, "shop.html", viewer, facts=facts, spoken=SPOKEN, plain=PLAIN, sentences=sentences[:50], q=q,
                may_edit=viewer.may(Action.EDIT_SHOP))  # fmt: skip


def _says(key: str, sentence: Mapping[str, str], words: str) -> bool:
    return any(words.casefold() in one.casefold() for one in (key, *sentence.values()))


@router.post("/spoken")
async def change_spoken(
    viewer: EditsShop,
    context: Context,
    fact: Annotated[Literal["name", "greeting", "operator", "address", "hours_text"], Form()],
    zh: _Words = "",
    en: _Words = "",
) -> Response:
    return await _change(viewer, context, {fact: {"zh": _plain(zh), "en": _plain(en)}})


@router.post("/plain")
async def change_plain(
    viewer: EditsShop,
    context: Context,
    currency: Annotated[str, Form(min_length=1, max_length=10)],
    country: Annotated[str, Form(min_length=1, max_length=10)],
    color: Annotated[str, Form(min_length=1, max_length=20)],
    privacy_url: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Only the privacy notice may be nowhere: an empty currency is no currency, not the usual one."""
    changes = {
        "privacy_url": privacy_url.strip(),
        "currency": currency.strip().upper(),
        "country": country.strip().upper(),
        "color": color.strip(),
    }
    return await _change(viewer, context, changes)


@router.post("/texts")
async def change_text(
    viewer: EditsShop,
    context: Context,
    key: Annotated[str, Form(min_length=1, max_length=120)],
    zh: _Words = "",
    en: _Words = "",
) -> Response:
    """A sentence in the shop's own words; both empty: the shipped one again."""
    words = {"zh": _plain(zh), "en": _plain(en)}
    return await _change(viewer, context, {"texts": {key: words if any(words.values()) else None}})


def _plain(words: str) -> str:
    return words.replace("\r\n", "\n").strip()


async def _change(viewer: Viewer, context: ApiContext, changes: dict[str, Any]) -> Response:
    async with context.database.write() as session:
        await change_shop(session, changes, by=viewer.actor.name, now=context.clock.now())
    return back_to("/admin/shop")
