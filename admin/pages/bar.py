"""The bar at the top: the pages that whoever looks may open; a few at hand, the others behind "More". Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from admin.pages.visitor import Viewer
from staff.permissions import Action


@dataclass(frozen=True, slots=True)
class Entry:
    """A page. `is_open`: it, or what belongs to it, is being looked at; `is_page`: it itself. `needs_room`: on phones
    it stands behind "More" too.
    """

    address: str
    word: str
    is_open: bool
    is_page: bool
    needs_room: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """`groups`: title and pages, behind "More"."""

    at_hand: tuple[Entry, ...]
    groups: tuple[tuple[str, tuple[Entry, ...]], ...]

    @property
    def roomy(self) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.at_hand if entry.needs_room)

    @property
    def open_behind(self) -> Entry | None:
        """What is being looked at, when it stands behind "More", be it on phones alone."""
        behind = (*self.roomy, *(entry for _, entries in self.groups for entry in entries))
        return next((entry for entry in behind if entry.is_open), None)


#: Address, word, the action that it takes, and the addresses that belong to it.
_Page = tuple[str, str, Action, tuple[str, ...]]
_AT_HAND: tuple[_Page, ...] = (
    ("/admin", "queue", Action.READ_TICKETS, ("/admin/cases/",)),
    ("/admin/customers", "customers", Action.READ_CUSTOMERS, ("/admin/customers/",)),
    ("/admin/tasks", "tasks", Action.HANDLE_TASKS, ()),
    ("/admin/money", "money", Action.READ_COMPENSATION, ()),
    ("/admin/articles", "articles", Action.READ_ARTICLES, ("/admin/articles/", "/admin/labels", "/admin/synonyms")),
    ("/admin/unanswered", "unanswered", Action.READ_ARTICLES, ("/admin/unanswered/",)),
    ("/admin/me", "me", Action.BE_AT_WORK, ("/admin/me/",)),
)
_NEED_ROOM = frozenset({"tasks", "money", "articles", "unanswered"})
_GROUPS: tuple[tuple[str, tuple[_Page, ...]], ...] = (
    (
        "look_over",
        (
            ("/admin/figures", "figures", Action.READ_QUEUE, ()),
            ("/admin/astray", "astray", Action.HANDLE_INBOX, ("/admin/astray/",)),
            ("/admin/audit", "audit_book", Action.READ_AUDIT, ()),
        ),
    ),
    (
        "set_up",
        (
            ("/admin/canned", "canned_replies", Action.READ_CANNED, ("/admin/canned/",)),
            ("/admin/programmes", "programmes", Action.READ_FOLLOW_UPS, ("/admin/programmes/",)),
            ("/admin/rules", "rules", Action.READ_RULES, ("/admin/rules/",)),
            ("/admin/shop", "shop", Action.READ_SHOP, ()),
            ("/admin/staff", "staff", Action.READ_TEAMS, ("/admin/staff/", "/admin/teams")),
        ),
    ),
)


def bar_for(viewer: Viewer, here: str, say: Mapping[str, str]) -> Bar:
    """What `viewer` may open, seen from the address `here`."""

    def entries(pages: Iterable[_Page]) -> tuple[Entry, ...]:
        return tuple(
            Entry(address, say[word], here == address or here.startswith(inside), here == address, word in _NEED_ROOM)
            for address, word, action, inside in pages
            if viewer.may(action)
        )

    groups = ((say[title], entries(pages)) for title, pages in _GROUPS)
    return Bar(entries(_AT_HAND), tuple(group for group in groups if group[1]))
