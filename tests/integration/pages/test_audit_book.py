"""The audit book on its page: who did what when, by person, by thing, by day, page by page."""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from admin.api.context import PREFIX
from admin.pages.audit_book import KINDS
from admin.pages.wording import words
from customers.values import TaskState
from staff import audit
from staff.values import Role
from tests.integration.pages.browsing import Browser, complaint, signed_in
from tests.support.app import RunningApp
from tickets.status import Move
from tickets.values import GrantState

SAY = words("en")
ROOT = Path(__file__).parents[3]
ROOMS = ("admin", "bot", "conversations", "customers", "knowledge_base", "scheduler", "staff", "tickets")


async def note(app: RunningApp, actor: str, action: str, thing: str, at: str, **changes: tuple[object, object]) -> None:
    async with app.database.write() as session:
        now = datetime.fromisoformat(at)
        audit.record(session, actor=actor, action=action, object=thing, now=now, changes=changes, note="<why>")


async def book(app: RunningApp) -> Browser:
    await note(app, "ann", "article.edit", "article:tea/green:en", "2026-03-01T08:00:00Z", answer=("old", "<new>"))
    await note(app, "ann", "tickets.take", "ticket:1001", "2026-03-01T09:00:00Z", status=("new", "open"))
    await note(app, "ben", "customers.block", "customer:17", "2026-03-02T08:00:00Z", blocked_until=(None, "x"))
    await note(app, "ben", "customers.block", "customer:171", "2026-03-02T17:00:00Z")
    return await signed_in(app, "root", Role.ADMIN)


def things(shown: str) -> list[str]:
    return re.findall(r'<a href="/admin/(?:customers|articles)/([^"?]+)', shown.partition("<ol")[2])


async def test_the_newest_stands_first_with_what_changed_and_why(app: RunningApp) -> None:
    browser = await book(app)
    shown = await browser.reads("/admin/audit")
    assert things(shown)[:3] == ["171", "17", "tea%2Fgreen"]
    assert f"<b>{SAY['did_article_edit']}</b>" in shown
    assert f"{SAY['part_answer']}:</span> old → &lt;new&gt;" in shown
    assert f'{SAY["status"]}:</span> {SAY["status_new"]} → {SAY["status_open"]}' in shown
    assert "&lt;why&gt;" in shown
    assert f"<b>{SAY['did_staff_add']}</b>" in shown


async def test_colleagues_teams_and_orders_go_by_their_names(app: RunningApp) -> None:
    """The book keeps their numbers; who reads it does not know these."""
    key, number = await app.add_staff("小李", Role.ADMIN), await complaint(app)
    async with app.client(key) as li:
        await li.put(f"{PREFIX}/teams/茶叶组", json={"members": ["小李"]})
        await li.post(f"{PREFIX}/orders", json={"external_id": "A-77", "customer_external_id": "C-1"})
        case = f"{PREFIX}/tickets/{number}"
        for verb, body in (("take", {}), ("assign", {"team": "茶叶组"})):
            version = (await li.get(case)).json()["version"]
            (await li.post(f"{case}/{verb}", json={"version": version, **body})).raise_for_status()
        version = (await li.get(case)).json()["version"]
        (await li.patch(case, json={"version": version, "order": "A-77"})).raise_for_status()
    shown = await (await signed_in(app, "root", Role.ADMIN)).reads("/admin/audit?kind=ticket")
    assert f"{SAY['part_assignee_id']}:</span> – → 小李" in shown
    assert f"{SAY['part_assignee_id']}:</span> 小李 → –" in shown
    assert f"{SAY['part_team_id']}:</span> – → 茶叶组" in shown
    assert f"{SAY['part_order_id']}:</span> – → A-77" in shown


NARROWED = [
    ("actor=ann&kind=article", ["tea%2Fgreen"]),
    ("kind=customer", ["171", "17"]),
    ("kind=customer&name=17", ["17"]),
    ("kind=article&name=tea/green", ["tea%2Fgreen"]),
    ("kind=&name=customer:171", ["171"]),
    # The days are the shop's: 17:00 in UTC is the third of March in Shanghai.
    ("from=2026-03-02&to=2026-03-02&kind=customer", ["17"]),
    ("from=2026-03-03&kind=customer", ["171"]),
    ("actor=ann&kind=customer", []),
]


async def test_it_is_narrowed_by_person_thing_and_day(app: RunningApp) -> None:
    browser = await book(app)
    for asked, found in NARROWED:
        shown = await browser.reads(f"/admin/audit?{asked}")
        assert things(shown) == found, asked
        assert (SAY["nothing_found"] in shown) is not bool(found), asked


async def test_it_goes_on_where_a_page_ends_with_what_was_asked(app: RunningApp) -> None:
    browser = await signed_in(app, "root", Role.ADMIN)
    for number in range(52):
        await note(app, "ann", "customers.change", f"customer:{number}", "2026-03-01T08:00:00Z")
    await note(app, "ben", "customers.change", "customer:99", "2026-03-01T08:00:00Z")
    first = await browser.reads("/admin/audit?actor=ann")
    assert things(first) == [str(number) for number in range(51, 1, -1)]
    (further,) = re.findall(r'href="/admin/audit\?([^"]+)"', first)
    assert things(await browser.reads(f"/admin/audit?{further.replace('&amp;', '&')}")) == ["1", "0"]


async def test_a_day_that_is_none_is_named(app: RunningApp) -> None:
    browser = await signed_in(app, "root", Role.ADMIN)
    wrong = await browser.client.get("/admin/audit?from=yesterday")
    assert (wrong.status_code, SAY["field_from"] in wrong.text) == (422, True)


def written() -> Iterator[str]:
    """Every action that the house writes into the book."""
    for room in ROOMS:
        for file in (ROOT / room).rglob("*.py"):
            yield from re.findall(r'(?:action=|_action = |_edit\(work, ticket, )"([a-z_]+\.[a-z_]+)"', file.read_text())
    yield from (f"tickets.{move.value}" for move in Move)
    yield from (f"compensation.{state.value}" for state in GrantState)
    yield from (f"tasks.{state.value}" for state in (TaskState.DONE, TaskState.DROPPED))


def test_every_deed_and_every_thing_has_its_words() -> None:
    deeds = set(written())
    assert len(deeds) > 60
    assert {f"did_{deed.replace('.', '_')}" for deed in deeds} - SAY.keys() == set()
    assert {f"thing_{kind}" for kind in KINDS} - SAY.keys() == set()
