"""Who has signed in to the pages: the staff key, encrypted in a cookie that scripts cannot read.

The key is looked up at each request, so that somebody who is disabled, or whose key was replaced, is out at once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import Depends, Request
from fastapi.responses import Response

from admin.api.context import ApiContext, Context
from core.errors import InvalidInput, NotAllowed
from core.secretbox import SecretBox
from staff import service as staff_service
from staff.permissions import Action, may
from staff.values import Actor, Role

COOKIE, LANGUAGE = "kefu_admin", "kefu_language"
LASTS = timedelta(hours=12)
PATH = "/admin"


class SignInFirst(Exception):
    """Nobody is signed in, or no longer."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whoever looks at a page, and the language that they read it in."""

    actor: Actor
    language: str

    def may(self, action: Action) -> bool:
        return may(self.actor, action)


def seal(box: SecretBox, key: str, now: datetime) -> str:
    """The cookie's value for a key, good for `LASTS`."""
    return box.encrypt(f"{int((now + LASTS).timestamp())} {key}")


def _unseal(box: SecretBox, value: str, now: datetime) -> str | None:
    try:
        until, _, key = box.decrypt(value).partition(" ")
    except InvalidInput:
        return None
    return key if int(until) > now.timestamp() else None


async def find_viewer(request: Request, context: ApiContext) -> Viewer | None:
    value = request.cookies.get(COOKIE, "")
    key = _unseal(request.app.state.box, value, context.clock.now()) if value else None
    if key is None:
        return None
    async with context.database.read() as session:
        actor = await staff_service.authenticate(session, key)
    if actor is None or actor.role is Role.CHANNEL:
        return None
    return Viewer(actor, language_of(request, context))


def language_of(request: Request, context: ApiContext) -> str:
    chosen = request.cookies.get(LANGUAGE)
    return chosen if chosen in ("zh", "en") else context.language


def viewer_for(action: Action) -> Any:
    """The dependency of a page that does `action`. Raises SignInFirst, NotAllowed."""

    async def check(request: Request, context: Context) -> Viewer:
        if request.method == "POST":
            must_be_own_form(request)
        viewer = await find_viewer(request, context)
        if viewer is None:
            raise SignInFirst
        if not viewer.may(action):
            raise NotAllowed(f"{viewer.actor.name} ({viewer.actor.role.value}) may not do {action.value}")
        return viewer

    return Depends(_named(check, action))


def _named(check: Callable[..., Any], action: Action) -> Callable[..., Any]:
    """Marks the dependency, so that a test can ask each page which row of the permission table it uses."""
    check.__dict__["action"] = action
    return check


def must_be_own_form(request: Request) -> None:
    """Browsers say which page a form was sent from; one of another site is refused. Raises NotAllowed."""
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc.lower() != request.headers.get("host", "").lower():
        raise NotAllowed("this form was sent from another site")


def set_cookie(response: Response, request: Request, name: str, value: str, lasts: timedelta = LASTS) -> None:
    """For these pages alone, never sent along from other sites; over HTTPS only where there is HTTPS."""
    response.set_cookie(
        name,
        value,
        max_age=int(lasts.total_seconds()),
        path=PATH,
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )


ReadsTickets = Annotated[Viewer, viewer_for(Action.READ_TICKETS)]
WorksOnTickets = Annotated[Viewer, viewer_for(Action.WORK_ON_TICKETS)]
ReadsArticles = Annotated[Viewer, viewer_for(Action.READ_ARTICLES)]
EditsArticles = Annotated[Viewer, viewer_for(Action.EDIT_ARTICLES)]
ReadsCustomers = Annotated[Viewer, viewer_for(Action.READ_CUSTOMERS)]
ReadsMoney = Annotated[Viewer, viewer_for(Action.READ_COMPENSATION)]
GivesMoney = Annotated[Viewer, viewer_for(Action.GIVE_COMPENSATION)]
CorrectsReplies = Annotated[Viewer, viewer_for(Action.CORRECT_REPLY)]
MarksWrong = Annotated[Viewer, viewer_for(Action.MARK_WRONG)]
ReadsFiles = Annotated[Viewer, viewer_for(Action.READ_FILE)]
IsAtWork = Annotated[Viewer, viewer_for(Action.BE_AT_WORK)]
ReadsCanned = Annotated[Viewer, viewer_for(Action.READ_CANNED)]
EditsCanned = Annotated[Viewer, viewer_for(Action.EDIT_CANNED)]
BlocksCustomers = Annotated[Viewer, viewer_for(Action.BLOCK_CUSTOMERS)]
EditsCustomers = Annotated[Viewer, viewer_for(Action.EDIT_CUSTOMERS)]
MergesCustomers = Annotated[Viewer, viewer_for(Action.MERGE_CUSTOMERS)]
ReadsQueue = Annotated[Viewer, viewer_for(Action.READ_QUEUE)]
EditsStaff = Annotated[Viewer, viewer_for(Action.EDIT_STAFF)]
ReadsShop = Annotated[Viewer, viewer_for(Action.READ_SHOP)]
EditsShop = Annotated[Viewer, viewer_for(Action.EDIT_SHOP)]
ReadsRules = Annotated[Viewer, viewer_for(Action.READ_RULES)]
TriesRules = Annotated[Viewer, viewer_for(Action.TRY_RULES)]
PublishesRules = Annotated[Viewer, viewer_for(Action.PUBLISH_RULES)]
ReadsFollowUps = Annotated[Viewer, viewer_for(Action.READ_FOLLOW_UPS)]
CancelsFollowUps = Annotated[Viewer, viewer_for(Action.CANCEL_FOLLOW_UPS)]
HoldsFollowUps = Annotated[Viewer, viewer_for(Action.HOLD_FOLLOW_UPS)]
SwitchesProgrammes = Annotated[Viewer, viewer_for(Action.SWITCH_PROGRAMMES)]
HandlesInbox = Annotated[Viewer, viewer_for(Action.HANDLE_INBOX)]
ReadsDeliveries = Annotated[Viewer, viewer_for(Action.LIST_DELIVERIES)]
ResendsDeliveries = Annotated[Viewer, viewer_for(Action.RESEND_DELIVERY)]
DismissesDeliveries = Annotated[Viewer, viewer_for(Action.DISMISS_DELIVERY)]
ExportsCustomers = Annotated[Viewer, viewer_for(Action.EXPORT_CUSTOMERS)]
ErasesCustomers = Annotated[Viewer, viewer_for(Action.ERASE_CUSTOMERS)]
HandlesTasks = Annotated[Viewer, viewer_for(Action.HANDLE_TASKS)]
ReadsTeams = Annotated[Viewer, viewer_for(Action.READ_TEAMS)]
EditsTeams = Annotated[Viewer, viewer_for(Action.EDIT_TEAMS)]
ReadsAudit = Annotated[Viewer, viewer_for(Action.READ_AUDIT)]
