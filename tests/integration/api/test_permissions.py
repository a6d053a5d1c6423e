"""Every route has its row in the permission table, and does for each role what the table says."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import pytest
import pytest_asyncio
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from admin.api.app import ROUTERS
from admin.api.context import PREFIX
from bot.http import routes as http
from conversations import repository
from conversations.desk import canned, holding, speaking
from conversations.desk.canned import CannedText
from conversations.models import Delivery, InboxEvent
from conversations.values import DeliveryKind, DeliveryState, InboxState
from core.database import WriteSession
from core.money import Money
from customers import orders, tasks
from customers import service as customer_service
from customers.merge import merge
from customers.profile import ProfileChanges
from customers.segment_rules import SEGMENTS
from customers.tasks import TaskDraft
from customers.values import Origin, TaskKind
from knowledge_base.article_audit import Edit
from knowledge_base.articles import create_article
from knowledge_base.content import ArticleContent
from staff import desks
from staff import service as staff_service
from staff.permissions import LOWEST, Action, may
from staff.teams import save_team
from staff.values import Actor, Role
from tests.integration.api.conftest import PEOPLE, Callers, calling
from tests.support.app import make_settings, running_app
from tests.support.databases import SqliteFiles
from tickets import desk as ticket_desk
from tickets import grants
from tickets import service as ticket_service
from tickets.service import Complaint
from tickets.values import GrantKind

ROLES = (*PEOPLE, "nobody")


def routes() -> list[APIRoute]:
    found = [route for router in (*ROUTERS, http.router) for route in router.routes]
    return [route for route in found if isinstance(route, APIRoute)]


def actions_of(dependant: Dependant) -> Iterator[Action]:
    for dependency in dependant.dependencies:
        action = getattr(dependency.call, "action", None)
        if action is not None:
            yield action
        yield from actions_of(dependency)


@pytest.mark.parametrize("route", routes(), ids=lambda route: f"{sorted(route.methods)[0]} {route.path}")
def test_every_route_asks_for_one_action_of_the_table(route: APIRoute) -> None:
    (action,) = set(actions_of(route.dependant))
    assert action in LOWEST


def test_nothing_is_allowed_that_has_no_row() -> None:
    assert not may(Actor(1, "root", Role.ADMIN), "unheard.of")  # type: ignore[arg-type]


@dataclass(frozen=True)
class Case:
    """Who may do it (by caller), and what everybody else gets. `own` things belong to `ann` and to `channel`."""

    method: str
    path: str
    allowed: frozenset[str]
    body: Any = None
    refused: int = 403
    #: What those who may get; several where the state of the thing decides.
    granted: tuple[int, ...] = (200,)


SYSTEMS = frozenset({"channel", "other_channel"})
AGENTS = frozenset({"ann", "ben", "supervisor", "admin"})
SENIORS = frozenset({"supervisor", "admin"})
ADMIN = frozenset({"admin"})

MESSAGE = {"customer": "C-9", "message_id": "p-1", "text": "hi"}
ARTICLE = {"key": "new", "language": "en", "question": "New?", "answer": "Yes."}
GRANT = {"kind": "voucher", "amount_minor": 100, "currency": "CNY", "reason": "x"}
#: What belongs to ann, and a supervisor may too.
HERS = frozenset({"ann", "supervisor", "admin"})

CASES = [
    Case("POST", "/messages", SYSTEMS | ADMIN, MESSAGE),
    Case("GET", "/outgoing", SYSTEMS | ADMIN),
    Case("GET", "/conversations", AGENTS),
    Case("GET", "/conversations/{conversation}", AGENTS),
    # The conversation is on `channel`'s account: for the other system it does not exist.
    Case("GET", "/conversations/{conversation}/messages", AGENTS | {"channel"}, refused=404),
    # It is taken by ann: the others may ask for it, and hear that they are late.
    Case("POST", "/conversations/{conversation}/take", frozenset({"ann"})),
    Case("POST", "/conversations/{conversation}/reply", frozenset({"ann"}), {"text": "hello"}),
    # Ann's own reply.
    Case("PATCH", "/messages/{message}", frozenset({"ann"}), {"text": "hello"}),
    Case("DELETE", "/messages/{message}", frozenset({"ann"})),
    # Handing back one's own, and a supervisor's handing back of others'.
    Case("POST", "/conversations/{conversation}/hand-back", frozenset({"ann"}) | SENIORS),
    Case("GET", "/search?q=delivery", AGENTS),
    Case("GET", "/articles", AGENTS),
    Case("GET", "/articles/{article}", AGENTS),
    Case("POST", "/articles", ADMIN, ARTICLE, granted=(201,)),
    Case("PATCH", "/articles/{article}", ADMIN, {"version": 1, "category": "x"}),
    Case("DELETE", "/articles/{article}", ADMIN),
    Case("POST", "/articles/{article}/publish", ADMIN),
    Case("GET", "/articles/{article}/versions", AGENTS),
    Case("GET", "/articles/{article}/diff", AGENTS),
    Case("POST", "/articles/{article}/rollback", ADMIN, {"version": 1}),
    Case("GET", "/labels", AGENTS),
    Case("POST", "/labels", ADMIN, {"question": "x", "article": None}, granted=(200, 201)),
    # There is no such label. Who may not take labels back does not hear it.
    Case("DELETE", "/labels/9999", ADMIN, granted=(404,)),
    Case("GET", "/synonyms", AGENTS),
    Case("PUT", "/synonyms", ADMIN, {"items": []}),
    Case("GET", "/audit", ADMIN),
    Case("GET", "/unanswered", AGENTS),
    # There is no such group.
    Case("POST", "/unanswered/9999/article", ADMIN, granted=(404,)),
    Case("POST", "/unanswered/9999/dismiss", ADMIN, granted=(404,)),
    # It is the agent's own reply, which nobody can mark.
    Case("POST", "/messages/{message}/wrong", AGENTS, granted=(409,)),
    Case("GET", "/shop", AGENTS),
    Case("PATCH", "/shop", ADMIN, {"color": "#000000"}),
    Case("GET", "/inbox", SENIORS),
    Case("POST", "/inbox/{event}/retry", SENIORS),
    Case("POST", "/inbox/{event}/dismiss", SENIORS),
    Case("GET", "/deliveries", AGENTS),
    # An agent sends her own reply again, a supervisor any.
    Case("POST", "/deliveries/{delivery}/resend", frozenset({"ann"}) | SENIORS),
    Case("POST", "/deliveries/{delivery}/dismiss", SENIORS),
    Case("GET", "/customers", AGENTS),
    Case("POST", "/customers", AGENTS, {"name": "new"}, granted=(201,)),
    Case("GET", "/customers/{customer}", AGENTS),
    Case("PATCH", "/customers/{customer}", AGENTS, {"version": 1, "name": "x"}),
    Case("GET", "/customers/{customer}/timeline", AGENTS),
    Case("POST", "/customers/{customer}/timeline", AGENTS, {"kind": "note", "text": "x"}, granted=(201,)),
    Case("GET", "/customers/{customer}/consents", AGENTS),
    Case("PUT", "/customers/{customer}/consents", AGENTS, {"care": True, "source": "phone"}),
    Case("POST", "/customers/{customer}/link", AGENTS, granted=(201,)),
    # The other one does not exist.
    Case("POST", "/customers/{customer}/merge", SENIORS, {"other": 10**15}, granted=(404,)),
    Case("POST", "/merges/{merge}/undo", SENIORS),
    Case("GET", "/customers/{customer}/export", ADMIN),
    Case("DELETE", "/customers/{customer}", ADMIN),
    Case("GET", "/orders", AGENTS),
    Case(
        "POST", "/orders", AGENTS | SYSTEMS, {"external_id": "A-1", "customer_external_id": "C-9"}, granted=(200, 201)
    ),
    Case("GET", "/orders/{order}", AGENTS),
    Case("GET", "/segments", AGENTS),
    Case("GET", "/tasks", AGENTS),
    Case("POST", "/tasks/{task}/take", AGENTS),
    Case("POST", "/tasks/{task}/done", AGENTS),
    Case("POST", "/tasks/{task}/drop", AGENTS),
    Case("GET", "/rules/segments", AGENTS),
    Case("GET", "/rules/segments/versions", AGENTS),
    Case("POST", "/rules/segments/check", SENIORS, {"text": SEGMENTS.shipped}),
    Case("POST", "/rules/segments/diff", SENIORS, {"text": SEGMENTS.shipped}),
    Case("POST", "/rules/segments/backtest", SENIORS, {"text": SEGMENTS.shipped}),
    Case("POST", "/rules/segments/publish", ADMIN, {"text": SEGMENTS.shipped, "base": 0}),
    Case("GET", "/tickets", AGENTS),
    Case("POST", "/tickets", AGENTS, {"customer": 1, "text": "broken"}, granted=(201,)),
    Case("GET", "/tickets/{ticket}", AGENTS),
    Case("PATCH", "/tickets/{ticket}", AGENTS, {"version": 3, "subject": "x"}),
    Case("GET", "/tickets/{ticket}/events", AGENTS),
    # It is ann's: a colleague may not work on it, a supervisor may.
    Case("POST", "/tickets/{ticket}/take", frozenset({"ann"})),
    Case("POST", "/tickets/{ticket}/assign", HERS, {"agent": "ben", "version": 3}),
    # The conversation is ann's too: a supervisor hears that it is taken.
    Case("POST", "/tickets/{ticket}/reply", HERS, {"text": "hello"}, granted=(200, 409)),
    Case("POST", "/tickets/{ticket}/note", HERS, {"text": "x"}),
    Case("POST", "/tickets/{ticket}/escalate", HERS),
    Case("POST", "/tickets/{ticket}/ask", HERS, {"agent": "ben"}),
    # The conversation is about another ticket of hers.
    Case("POST", "/tickets/{ticket}/hand-back", HERS, granted=(403,)),
    Case("POST", "/tickets/{ticket}/snooze", HERS, {"until": "2199-01-01T00:00:00Z"}),
    Case("POST", "/tickets/{ticket}/pending", HERS),
    Case("POST", "/tickets/{ticket}/hold", HERS, {"waiting_for": "x", "until": "2199-01-01T00:00:00Z"}),
    Case("POST", "/tickets/{ticket}/resolve", HERS, {"version": 3}),
    # It is live.
    Case("POST", "/tickets/{ticket}/reopen", HERS, granted=(409,)),
    Case("POST", "/tickets/{ticket}/close", HERS, granted=(409,)),
    Case("POST", "/tickets/{ticket}/withdraw", HERS),
    # There is no other one. Whether it exists is said to whoever may work on tickets.
    Case("POST", "/tickets/{ticket}/merge", AGENTS, {"into": 10**15, "version": 3}, granted=(404,)),
    Case("POST", "/tickets/{ticket}/link", AGENTS, {"to": 10**15}, granted=(404,)),
    Case("POST", "/tickets/{ticket}/unlink", AGENTS, {"to": 10**15}, granted=(404,)),
    Case("GET", "/tickets/{ticket}/compensation", AGENTS),
    Case("GET", "/tickets/{ticket}/compensation/options", AGENTS),
    Case("POST", "/tickets/{ticket}/compensation", HERS, GRANT, granted=(201,)),
    Case("POST", "/customers/{customer}/compensation", SENIORS, GRANT, granted=(201,)),
    Case("GET", "/compensation", AGENTS),
    # Ann asked for it: it is beyond an agent's limit, and waits.
    Case("POST", "/compensation/{grant}/offer", SENIORS),
    Case("POST", "/compensation/{grant}/accept", AGENTS, granted=(409,)),
    Case("POST", "/compensation/{grant}/decline", AGENTS, granted=(409,)),
    Case("POST", "/compensation/{grant}/issue", AGENTS, {"reference": "x"}, granted=(409,)),
    Case("POST", "/compensation/{grant}/approve", SENIORS),
    Case("POST", "/compensation/{grant}/reject", SENIORS),
    Case("POST", "/compensation/{grant}/revoke", SENIORS),
    Case("POST", "/vouchers/check", AGENTS | SYSTEMS, {"code": "0000"}, granted=(404,)),
    Case("POST", "/vouchers/redeem", AGENTS | SYSTEMS, {"code": "0000"}, granted=(404,)),
    Case("GET", "/ledger", SENIORS),
    Case("GET", "/teams", AGENTS),
    Case("PUT", "/teams/{team}", ADMIN, {"members": ["ann"]}),
    Case("DELETE", "/teams/{team}", ADMIN, granted=(204,)),
    Case("GET", "/follow-ups", AGENTS),
    Case("GET", "/follow-ups/preview?from=2026-03-01&to=2026-03-02", AGENTS),
    # There is none.
    Case("POST", "/follow-ups/1/cancel", AGENTS, granted=(404,)),
    Case("POST", "/follow-ups/hold", SENIORS),
    Case("POST", "/follow-ups/release", SENIORS),
    Case("GET", "/programmes", AGENTS),
    Case("GET", "/programmes/birthday/report", AGENTS),
    Case("POST", "/programmes/birthday/enable", ADMIN, {}),
    Case("POST", "/programmes/birthday/pause", ADMIN),
    Case("POST", "/programmes/birthday/test", ADMIN, {"to": "nobody known"}, granted=(404,)),
    Case(
        "POST",
        "/events",
        SYSTEMS | ADMIN,
        {"id": "e-1", "customer": "C-9", "kind": "back_in_stock", "at": "2026-03-01T00:00:00Z"},
        granted=(200, 201),
    ),
    Case("GET", "/staff", SENIORS),
    Case("POST", "/staff", ADMIN, {"name": "new", "role": "agent"}, granted=(201, 409)),
    Case("PATCH", "/staff/{colleague}", ADMIN, {"capacity": 5}),
    Case("POST", "/staff/{colleague}/key", ADMIN),
    Case("POST", "/staff/{colleague}/disable", ADMIN),
    Case("GET", "/staff/me", AGENTS),
    Case("PUT", "/staff/me/availability", AGENTS, {"state": "online"}),
    Case("POST", "/staff/me/telegram-link", AGENTS, granted=(201,)),
    Case("GET", "/desks", ADMIN),
    Case("POST", "/desks", ADMIN, granted=(201,)),
    Case("DELETE", "/desks/{desk}", ADMIN, granted=(204,)),
    Case("GET", "/canned-replies", AGENTS),
    Case("PUT", "/canned-replies/{canned}", SENIORS, {"text": {"en": "Hello {customer}"}}),
    Case("DELETE", "/canned-replies/{canned}", SENIORS, granted=(204,)),
    Case("POST", "/customers/{customer}/block", AGENTS, {"reason": "x"}),
    Case("POST", "/customers/{customer}/unblock", AGENTS),
    Case("GET", "/reports/queue", SENIORS),
    Case("GET", "/reports/week", SENIORS),
]
#: Where the state of the thing answers before the role could: taking what somebody else has taken.
LATE = {
    ("POST", "/conversations/{conversation}/take"): (frozenset({"ben", "supervisor", "admin"}), 409),
    ("POST", "/tickets/{ticket}/take"): (frozenset({"ben", "supervisor", "admin"}), 409),
}


def test_every_route_has_a_case() -> None:
    shown = {(case.method, _general(_with_names(case.path.partition("?")[0]))) for case in CASES}
    assert shown == {(method, _general(route.path)) for route in routes() for method in route.methods or ()}


def _with_names(path: str) -> str:
    return path.replace("/rules/segments", "/rules/{kind}").replace("/programmes/birthday", "/programmes/{id}")


def _general(path: str) -> str:
    return "/".join("{}" if part.startswith("{") or part.isdecimal() else part for part in path.split("/"))


_NAMEABLE = str.maketrans("/{}?=", "-----")


@dataclass(frozen=True)
class Things:
    conversation: int
    message: int
    event: int
    delivery: int
    article: str
    customer: int
    merge: int
    order: str
    task: int
    ticket: int
    grant: int
    team: str
    colleague: str
    desk: int
    canned: str


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop(sqlite_files: SqliteFiles, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Callers]:
    """One shop for the whole table; each cell gets things of its own."""
    with sqlite_files.fresh() as url:
        async with running_app(make_settings(url, tmp_path_factory.mktemp("shop"))) as app, calling(app) as callers:
            yield callers


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def untouched(shop: Callers) -> Things:
    """Those who read and those who are refused change nothing: they may all try it on the same things."""
    return await make_things(shop, "untouched")


async def make_things(callers: Callers, name: str) -> Things:
    """A conversation of `channel`'s that ann has taken and replied in; a parked event; a failed delivery of hers."""
    posted = await callers.channel.post("/api/v1/messages", json={**MESSAGE, "customer": name, "message_id": name})
    conversation_id = posted.json()["conversation"]
    now = callers.app.clock.now()
    async with callers.app.database.write() as session:
        ann = staff_service.as_actor(await staff_service.get_agent(session, "ann"))
        work = await callers.app.services.policies.work(session, now, ann.name)
        await holding.take_conversation(work, ann, conversation_id)
        reply = await speaking.reply_in_conversation(work, ann, conversation_id, "one moment")
        conversation = await repository.get_conversation(session, conversation_id)
        event = InboxEvent(
            account=conversation.account, external_id=f"bad {name}", lane="x", raw={}, state=InboxState.PARKED,
            due_at=now, received_at=now, error="ValueError: nonsense",
        )  # fmt: skip
        delivery = Delivery(
            account=conversation.account, lane="x", kind=DeliveryKind.AGENT_REPLY, payload={}, dedupe_key=name,
            message_id=reply.id, conversation_id=conversation.id, customer_id=conversation.customer_id,
            state=DeliveryState.FAILED, because="blocked", due_at=now,
        )  # fmt: skip
        await create_article(session, name, "en", ArticleContent(question=name, answer="Yes."), Edit("test", now))
        session.add_all([event, delivery])
        await session.flush()
        made = await make_customer(session, name, now)
        made |= await make_ticket(callers, session, ann, conversation.customer_id)
        made |= await make_desk(session, made["ticket"], now)
        return Things(conversation.id, reply.id, event.id, delivery.id, name, **made)


async def make_ticket(callers: Callers, session: WriteSession, ann: Actor, customer: int) -> dict[str, Any]:
    """A ticket that ann has taken and asked 150 yuan for, and a team."""
    now = callers.app.clock.now()
    work = await callers.app.services.policies.work(session, now, ann.name)
    said = Complaint(customer_id=customer, text="broken", separate=True)
    ticket = await ticket_desk.take(work, (await ticket_service.open_complaint(work, said)).number, ann)
    money = Money(15_000, "CNY")
    asked = grants.Request(kind=GrantKind.REFUND, money=money, customer_id=customer, ticket=ticket)
    team = await save_team(session, f"team {ticket.number}", (), None, by="test", now=now)
    return {"ticket": ticket.number, "grant": (await grants.request(work, asked, ann)).id, "team": team.team.name}


async def make_desk(session: WriteSession, number: int, now: datetime) -> dict[str, Any]:
    """A colleague who does nothing, the code of a group, and a ready-made reply."""
    colleague, _ = await staff_service.add_agent(session, f"colleague {number}", Role.AGENT, by="test", now=now)
    made = await desks.make_code(session, by="test", now=now)
    reply = await canned.save(session, f"reply-{number}", CannedText(en="Hello"), by="test", now=now)
    return {"colleague": colleague.name, "desk": made.desk.id, "canned": reply.name}


async def make_customer(session: WriteSession, name: str, now: datetime) -> dict[str, Any]:
    """A customer with an order and a task, into whose file another one was joined."""
    by = customer_service.Writer("test", Origin.AGENT)
    profile = ProfileChanges(name=name[:200])
    one, other, third = [(await customer_service.create_customer(session, profile, by, now))[0] for _ in range(3)]
    buyer = orders.Buyer(customer_id=other.id)
    order, _ = await orders.save_order(session, f"order {name}"[:120], buyer, {}, by, now)
    task = await tasks.add_task(session, TaskDraft(TaskKind.CALL, "call", one.id), now)
    assert task is not None
    merged = await merge(session, third.id, other.id, by="test", now=now)
    return {"customer": one.id, "merge": merged.id, "order": order.external_id, "task": task.id}


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.method} {case.path}")
async def test_each_role_may_do_what_the_table_says(
    shop: Callers, untouched: Things, case: Case, role: str
) -> None:
    changes = role in case.allowed and case.method != "GET"
    name = f"{case.method} {case.path} {role}".translate(_NAMEABLE)
    things = await make_things(shop, name) if changes else untouched
    path = PREFIX + case.path.format(**asdict(things))
    body = {**case.body, "key": f"new {things.article}"} if case.body is ARTICLE else case.body
    body = {**MESSAGE, "customer": role, "message_id": role} if case.body is MESSAGE else body
    response = await getattr(shop, role).request(case.method, path, json=body)
    assert response.status_code in expected(case, role), response.text
    if response.status_code >= 400:
        assert set(response.json()) <= {"error", "detail", "data"}


def expected(case: Case, role: str) -> tuple[int, ...]:
    late, status = LATE.get((case.method, case.path), (frozenset(), 0))
    if role == "nobody":
        return (401,)
    if role in case.allowed:
        return case.granted
    return (status,) if role in late else (case.refused,)
