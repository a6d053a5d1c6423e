"""What each budget has given in a month, beside what it may."""

from dataclasses import dataclass

from sqlalchemy import func, select

from core.database import ReadSession
from scheduler.planner import Office
from tickets.money_models import LedgerEntry
from tickets.rules import TICKETS, minor


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """`name`: a team, `goodwill`, a programme. In minor units."""

    name: str
    month: str
    currency: str
    spent_minor: int
    limit_minor: int


async def read_budgets(session: ReadSession, office: Office, month: str) -> tuple[BudgetLine, ...]:
    """Those from which something was promised or given in `month`, as `2026-03`; the fullest first."""
    rules = (await office.rulebook.current(session, TICKETS)).rules
    own = {one.id: one.budget for one in (await office.programmes(session)).rules.programme if one.budget}
    query = (
        select(LedgerEntry.account, func.sum(LedgerEntry.amount_minor))
        .where(LedgerEntry.account.like(f"budget:%:{month}:%"))
        .group_by(LedgerEntry.account)
    )
    lines = []
    for account, total in await session.execute(query):
        head, _, currency = str(account).rsplit(":", 2)
        name = head.removeprefix("budget:")
        limit = rules.month_budget(name, currency)
        if name in own:
            limit = min(limit, minor(own[name], currency) or 0)
        lines.append(BudgetLine(name, month, currency, -int(total), limit))
    return tuple(sorted(lines, key=lambda line: (-line.spent_minor / max(1, line.limit_minor), line.name)))
