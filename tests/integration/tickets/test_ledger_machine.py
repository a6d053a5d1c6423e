"""Whatever people do in whatever order: the books sum to zero, nothing is negative, nothing moves twice."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import func, select

from core.database import ReadSession
from core.money import Money
from staff.values import Role
from tests.integration.tickets.machine import ShopOnItsOwn
from tickets import grants, ledger, redemption, repository
from tickets.grants import Request
from tickets.money_models import Grant, LedgerEntry
from tickets.values import GrantKind, GrantState

MONEY = [kind for kind in GrantKind if kind not in (GrantKind.APOLOGY, GrantKind.POINTS)]
DOORS = ["approve", "offer", "accept", "decline", "issue", "revoke", "redeem"]
#: States in which money lies promised, or was given.
PROMISED = {GrantState.APPROVED, GrantState.OFFERED, GrantState.ACCEPTED}


class Books(RuleBasedStateMachine):
    """Agents, a supervisor, a customer, a till and the clock, one after the other."""

    given_out = Bundle("given_out")

    @initialize()
    def open_shop(self) -> None:
        self.own = ShopOnItsOwn()
        self.shop = self.own.shop
        self.own.run(self._people())

    async def _people(self) -> None:
        self.li, self.boss = await self.shop.person("li"), await self.shop.person("wang", Role.SUPERVISOR)
        customer = await self.shop.customer()
        self.tickets = [await self.shop.complain(customer, separate=True) for _ in range(2)]

    @rule(target=given_out, amount=st.sampled_from([500, 9_900, 60_000]), kind=st.sampled_from(MONEY), of=st.booleans())
    def ask(self, amount: int, kind: GrantKind, of: bool) -> int | None:
        async def work() -> int | None:
            async with self.shop.work("li") as work:
                ticket = await repository.lock_ticket(work.session, self.tickets[of].number)
                said = Request(kind=kind, money=Money(amount, "CNY"), customer_id=ticket.customer_id, ticket=ticket)
                return (await grants.request(work, said, self.li)).id

        return self.own.attempt(work())

    @rule(grant_id=given_out, what=st.sampled_from(DOORS))
    def act(self, grant_id: int | None, what: str) -> None:
        if grant_id is not None:
            self.own.attempt(self._act(grant_id, what))

    async def _act(self, grant_id: int, what: str) -> None:
        async with self.shop.work("wang") as work:
            match what:
                case "approve" | "offer":
                    await getattr(grants, what)(work, grant_id, self.boss)
                case "issue":
                    await grants.issue(work, grant_id, "R-1")
                case "redeem":
                    await redemption.redeem(work, work.codes.code(grant_id), None)
                case _:
                    await getattr(grants, what)(work, grant_id)

    @rule(days=st.integers(1, 200))
    def wait(self, days: int) -> None:
        async def work() -> None:
            self.shop.clock.advance(days=days)
            async with self.shop.work("clock") as work:
                await redemption.expire_all(work, await redemption.find_expired(work.session, work.now, 100))

        self.own.run(work())

    @invariant()
    def books_are_right(self) -> None:
        if hasattr(self, "own"):
            self.own.run(self._look())

    async def _look(self) -> None:
        async with self.shop.database.read() as session:
            assert not any((await ledger.totals(session)).values())
            by_account = select(LedgerEntry.account, func.sum(LedgerEntry.amount_minor)).group_by(LedgerEntry.account)
            for account, total in (await session.execute(by_account)).all():
                assert total <= 0 if account.startswith("budget:") else total >= 0, account
            for grant in await session.scalars(select(Grant)):
                await self._one(session, grant)

    @staticmethod
    async def _one(session: ReadSession, grant: Grant) -> None:
        """The ledger tells of each grant what its state says."""
        query = select(LedgerEntry.move).where(LedgerEntry.grant_id == grant.id)
        moves = sorted(await session.scalars(query))
        is_voucher = grant.kind is GrantKind.VOUCHER
        if grant.state in PROMISED or (is_voucher and grant.state is GrantState.ISSUED):
            assert moves == ["promise"] * 2
        elif grant.state in (GrantState.ISSUED, GrantState.REDEEMED):
            assert moves == ["give"] * 2 + ["promise"] * 2
        else:
            assert moves in ([], ["promise"] * 2 + ["return"] * 2)

    def teardown(self) -> None:
        if hasattr(self, "own"):
            self.own.close()


Books.TestCase.settings = settings(max_examples=8, stateful_step_count=30, deadline=None)
TestBooks = Books.TestCase
