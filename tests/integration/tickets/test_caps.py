"""Money never passes a cap, however many agree at the same moment; a voucher is redeemed once."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import func, select

from core.money import Money
from staff.values import Actor, Role
from tests.controls.money.naive import approve_naively, refuse_all
from tests.integration.tickets.shop import TicketShop
from tickets import caps, grants, ledger, redemption, repository
from tickets.grants import Request
from tickets.models import Ticket
from tickets.money_models import Grant
from tickets.scoring import GIVEN
from tickets.values import GrantKind, GrantState, IllegalMove, LimitPassed, VoucherSpent

pytestmark = pytest.mark.db
#: Yuan, in fen: of these about ten go under each cap.
EACH, AT_ONCE = 20_001, 64
Round = Callable[[TicketShop], Awaitable[tuple[list[int], int]]]


async def proposals(shop: TicketShop, tickets: list[Ticket]) -> list[int]:
    """AT_ONCE requests beyond everybody's limit, spread over the tickets."""
    li = await shop.person("li")
    async with shop.work("li") as work:
        now = [await repository.lock_ticket(work.session, ticket.number) for ticket in tickets]
        asked = [
            Request(kind=GrantKind.REFUND, money=Money(EACH, "CNY"), customer_id=ticket.customer_id, ticket=ticket)
            for ticket in now * (AT_ONCE // len(now))
        ]
        return [(await grants.request(work, one, li)).id for one in asked]


async def one_ticket(shop: TicketShop) -> tuple[list[int], int]:
    """The cap of a ticket: 2,000 yuan."""
    return await proposals(shop, [await shop.complain(await shop.customer())]), 200_000


async def one_customer(shop: TicketShop) -> tuple[list[int], int]:
    """The cap of a customer: 3,000 yuan over several tickets."""
    customer = await shop.customer()
    return await proposals(shop, [await shop.complain(customer, separate=True) for _ in range(4)]), 300_000


async def one_order(shop: TicketShop) -> tuple[list[int], int]:
    """120 % of an order, named in tickets of two customers."""
    customer, daughter = await shop.customer(), await shop.customer("C-2")
    await shop.order("A-1", customer, amount_minor=100_000)
    return await proposals(shop, [await shop.complain(who, order="A-1") for who in (customer, daughter)]), 120_000


async def one_budget(shop: TicketShop) -> tuple[list[int], int]:
    """A month's budget: 5,000 yuan over many customers."""
    tickets = [await shop.complain(await shop.customer(f"C-{number}")) for number in range(16)]
    return await proposals(shop, tickets), 500_000


async def approve(shop: TicketShop, grant_id: int, boss: Actor) -> bool:
    try:
        async with shop.work(boss.name) as work:
            await grants.approve(work, grant_id, boss)
    except LimitPassed:
        return False
    return True


async def given(shop: TicketShop) -> int:
    async with shop.database.read() as session:
        assert not any((await ledger.totals(session)).values())
        return int(await session.scalar(select(func.sum(Grant.amount_minor)).where(Grant.state.in_(GIVEN))) or 0)


async def a_round(shop: TicketShop, prepare: Round) -> None:
    """64 approvals at the same moment: as many go through as fit under the cap, neither one more nor one fewer."""
    await fill(shop, *await prepare(shop))


async def fill(shop: TicketShop, ids: list[int], cap: int) -> None:
    boss = await shop.person("wang", Role.SUPERVISOR)
    approved = await asyncio.gather(*(approve(shop, grant_id, boss) for grant_id in ids))
    assert (sum(approved), await given(shop)) == full(cap)


def full(cap: int) -> tuple[int, int]:
    """How many fit under the cap, and what they come to."""
    return cap // EACH, cap // EACH * EACH


@pytest.mark.parametrize("prepare", [one_ticket, one_customer, one_order, one_budget])
@pytest.mark.parametrize("number", range(5))
async def test_64_approvals_at_once_fill_a_cap_and_never_pass_it(shop: TicketShop, prepare: Round, number: int) -> None:
    await a_round(shop, prepare)


@pytest.mark.soak
@pytest.mark.parametrize("prepare", [one_ticket, one_customer, one_order, one_budget])
@pytest.mark.parametrize("number", range(50))
async def test_64_approvals_at_once_fifty_times(shop: TicketShop, prepare: Round, number: int) -> None:
    await a_round(shop, prepare)


async def test_a_naive_approval_is_caught(shop: TicketShop) -> None:
    """The same 64 by code that reads the caps and then writes: the check above sees it."""
    ids, cap = await one_ticket(shop)
    ids = ids[:12]
    boss = await shop.person("wang", Role.SUPERVISOR)
    looked = asyncio.Barrier(len(ids))
    approved = await asyncio.gather(*(approve_naively(shop, grant_id, boss, looked) for grant_id in ids))
    assert (sum(approved), await given(shop)) > full(cap)


async def test_a_shop_that_refuses_everybody_is_caught(shop: TicketShop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing passes a cap where nothing is given: the check above sees that too."""
    ids, cap = await one_ticket(shop)
    monkeypatch.setattr(caps, "check", refuse_all)
    with pytest.raises(AssertionError, match=r"\(0, 0\)"):
        await fill(shop, ids, cap)


async def test_one_grant_approved_by_64_at_once_is_promised_once(shop: TicketShop) -> None:
    ids, _ = await one_ticket(shop)
    bosses = [await shop.person(f"boss-{number}", Role.SUPERVISOR) for number in range(4)]

    async def once(boss: Actor) -> bool:
        try:
            return await approve(shop, ids[0], boss)
        except IllegalMove:
            return False

    assert sum(await asyncio.gather(*(once(bosses[number % 4]) for number in range(AT_ONCE)))) == 1
    assert await given(shop) == EACH


async def test_64_redemptions_at_once_spend_a_voucher_once(shop: TicketShop) -> None:
    customer, li = await shop.customer(), await shop.person("li")
    ticket = await shop.complain(customer)
    async with shop.work("li") as work:
        now = await repository.lock_ticket(work.session, ticket.number)
        said = Request(kind=GrantKind.VOUCHER, money=Money(1_000, "CNY"), customer_id=customer.id, ticket=now)
        grant = await grants.request(work, said, li)
        await grants.offer(work, grant.id, li)
        await grants.accept(work, grant.id)
        code = work.codes.code(grant.id)

    async def once(till: int) -> bool:
        try:
            async with shop.work(f"till-{till}") as work:
                await redemption.redeem(work, code, None)
        except VoucherSpent:
            return False
        return True

    assert sum(await asyncio.gather(*(once(till) for till in range(AT_ONCE)))) == 1
    async with shop.database.read() as session:
        assert await ledger.balance(session, "given:CNY") == 1_000
        assert (await grants.get_grant(session, grant.id)).state is GrantState.REDEEMED
