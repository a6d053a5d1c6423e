"""Staff who change a ticket and speak to its customer, at the very moment at which the customer writes."""

import asyncio

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from conversations import grant_news, repository
from conversations.desk import ending
from conversations.models import Delivery, Message
from conversations.values import DeliveryKind, MessageKind, Pressed
from core.database import Database
from core.money import Money
from staff.values import Actor, Role
from tests.controls.tickets.locks import resolve_the_other_way_round, write_when_told
from tests.integration.conversations.conftest import Shop, make_shop
from tests.support.clock import FakeClock
from tests.support.databases import PostgresDatabases
from tests.support.doors import DirectDoor, Words
from tests.support.policies import POLICIES
from tickets import grants
from tickets.grants import Request
from tickets.models import Ticket
from tickets.money_models import Grant, LedgerEntry
from tickets.repository import get_ticket, lock_ticket
from tickets.values import GrantKind, GrantState, TicketStatus

_ROUNDS = 8


async def resolve(shop: Shop, number: int, agent: Actor) -> None:
    async with shop.database.write() as session:
        work = await POLICIES.work(session, shop.clock.now(), agent.name)
        await ending.resolve(work, agent, number, None, "补发了", "packing")


async def offer(shop: Shop, number: int, agent: Actor, kind: GrantKind = GrantKind.POINTS) -> int:
    async with shop.database.write() as session:
        work = await POLICIES.work(session, shop.clock.now(), agent.name)
        ticket = await lock_ticket(session, number)
        money = Money(200, "PTS") if kind is GrantKind.POINTS else Money(2_000, "CNY")
        asked = Request(kind=kind, money=money, customer_id=ticket.customer_id, ticket=ticket, valid_days=90)
        grant_id = (await grants.request(work, asked, agent)).id
    async with shop.database.write() as session:
        work = await POLICIES.work(session, shop.clock.now(), agent.name)
        return (await grant_news.offer(work, grant_id, agent)).id


async def complaint(shop: Shop, visitor: str, channel: str = "terminal") -> tuple[DirectDoor, int]:
    door = shop.door(visitor=visitor, channel=channel)
    await door.say([Words(f"{visitor} 1", "收到的茶罐摔坏了")])
    async with shop.database.read() as session:
        ticket = (await session.scalars(select(Ticket).order_by(Ticket.id.desc()).limit(1))).one()
    return door, ticket.number


@pytest.mark.db
async def test_words_an_offer_and_the_end_at_the_same_moment_wait_for_each_other(shop: Shop) -> None:
    """Everybody locks the conversation first: nobody holds what another one waits for."""
    li = await shop.hire("Li", Role.SUPERVISOR, alias="小李")
    for number in range(_ROUNDS):
        door, ticket = await complaint(shop, f"visitor {number}")
        await asyncio.gather(
            door.say([Words(f"{number} 2", "盖子也坏了")]),
            resolve(shop, ticket, li),
            offer(shop, ticket, li),
        )
        async with shop.database.read() as session:
            assert (await get_ticket(session, ticket)).status is TicketStatus.RESOLVED


async def test_locks_in_opposite_orders_are_caught(postgres_databases: PostgresDatabases, clock: FakeClock) -> None:
    """The same with the ticket locked first, as it was once: PostgreSQL has to end one of the two."""
    with postgres_databases.fresh() as url:
        database = Database(url)
        _door, ticket = await complaint(make_shop(database, clock), "visitor")
        has_ticket, has_conversation = asyncio.Event(), asyncio.Event()
        ended = await asyncio.gather(
            resolve_the_other_way_round(database, ticket, has_ticket, has_conversation),
            write_when_told(database, ticket, has_ticket, has_conversation),
            return_exceptions=True,
        )
        await database.close()
    assert [type(one) for one in ended].count(type(None)) == 1
    assert any(isinstance(one, DBAPIError) for one in ended)


@pytest.mark.db
async def test_a_code_lies_nowhere_but_in_what_its_owner_reads(shop: Shop) -> None:
    li = await shop.hire("Li", Role.SUPERVISOR)
    door, number = await complaint(shop, "visitor", channel="telegram")
    grant_id = await offer(shop, number, li, GrantKind.VOUCHER)
    await door.say([Words("yes", "好，收下")])
    code = POLICIES.codes.code(grant_id)
    assert code in (await door.hear())[-1].text
    async with shop.database.read() as session:
        assert (await grants.get_grant(session, grant_id)).state is GrantState.ISSUED
        kept = [message.text for message in await session.scalars(select(Message))]
        kept += [str(delivery.payload) for delivery in await session.scalars(select(Delivery))]
    assert any(POLICIES.codes.placeholder(grant_id) in text for text in kept)
    assert not any(code in text for text in kept)


@pytest.mark.db
async def test_news_go_out_as_service_and_hang_on_the_ticket(shop: Shop) -> None:
    li = await shop.hire("Li", Role.SUPERVISOR)
    door, number = await complaint(shop, "visitor", channel="telegram")
    await offer(shop, number, li)
    async with shop.database.read() as session:
        delivery = (await session.scalars(select(Delivery).order_by(Delivery.id.desc()).limit(1))).one()
        found = await repository.find_conversation(session, door.account, door.visitor)
        assert found is not None
        (message,) = await repository.list_messages(session, found.id, found.last_seq - 1)
    assert (message.kind, delivery.kind) == (MessageKind.SERVICE, DeliveryKind.SERVICE)
    assert message.ticket_id == number - 1000


_FORGED = [
    f"{token}:{menu}:{index}"
    for token in ("offer_accept", "offer_fairer", "case_gone", "score", "settled")
    for menu in (0, 1, 2, 3, 2**31)
    for index in (0, 1, 2, 9, -1, "x", "0:1", "'; --")
]


@pytest.mark.db
async def test_200_forged_buttons_move_no_money(shop: Shop) -> None:
    """Buttons come from the customer's side: what was not shown to them does nothing, least of all with an offer."""
    assert len(set(_FORGED)) == 200
    li = await shop.hire("Li", Role.SUPERVISOR)
    victim, number = await complaint(shop, "victim")
    grant_id = await offer(shop, number, li, GrantKind.VOUCHER)
    stranger = shop.door(visitor="stranger")
    await stranger.say([Words("hello", "你好")])
    for start in range(0, len(_FORGED), 20):
        shop.clock.advance(minutes=2)
        presses = [
            Pressed(visitor=stranger.who, at=shop.clock.now(), message_id=f"forged {start + n}", button=button)
            for n, button in enumerate(_FORGED[start : start + 20])
        ]
        await stranger.handle(*presses)
    await victim.press("forged too", "offer_accept:99:0")
    async with shop.database.read() as session:
        assert [one.state for one in await session.scalars(select(Grant))] == [GrantState.OFFERED]
        assert (await get_ticket(session, number)).status is TicketStatus.NEW
    await victim.say([Words("yes", "好，收下")])
    async with shop.database.read() as session:
        assert (await grants.get_grant(session, grant_id)).state is GrantState.ISSUED


@pytest.mark.db
async def test_an_offer_that_two_answer_at_once_is_given_once(shop: Shop) -> None:
    """The customer in the chat, and a person on the phone with them."""
    li = await shop.hire("Li", Role.SUPERVISOR)
    door, number = await complaint(shop, "visitor")
    grant_id = await offer(shop, number, li)

    async def on_the_phone() -> None:
        async with shop.database.write() as session:
            await grant_news.accept(await POLICIES.work(session, shop.clock.now(), li.name), grant_id)

    await asyncio.gather(door.say([Words("yes", "好，收下")]), on_the_phone(), return_exceptions=True)
    async with shop.database.read() as session:
        assert (await grants.get_grant(session, grant_id)).state is GrantState.ISSUED
        given = [entry.amount_minor for entry in await session.scalars(select(LedgerEntry)) if entry.move == "give"]
    assert sorted(given) == [-200, 200]
