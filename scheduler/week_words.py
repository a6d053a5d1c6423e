"""The week in words, for staff: a line for each figure that there is, in Chinese or English. Pure."""

from collections.abc import Iterator, Mapping
from zoneinfo import ZoneInfo

from conversations.amounts import amount_words
from conversations.values import Language
from core.money import Money
from scheduler.week import Week
from scheduler.week_budgets import BudgetLine

_WORDS: Mapping[str, tuple[str, str]] = {
    "title": ("一周小结 {start} 至 {end}", "The week of {start} to {end}"),
    "to_do": ("现在要办的", "To be done now"),
    "late": (
        "过了时限的单子：{late}，在办：{open}，等顾客：{pending}",
        "Cases past their time: {late}; open: {open}; waiting for the customer: {pending}",
    ),
    "waiting": ("最久的一位从{since}等到现在", "The customer who waits longest has done so since {since}"),
    "to_pay": ("要付的钱和要寄的东西：{count}笔{amounts}", "To be paid or sent: {count}{amounts}"),
    "unanswered": ("没有答案的问题：{count}组", "Questions without an answer: {count}"),
    "question": ("· {words}", "· {words}"),
    "tasks": ("任务：{count}件", "Tasks: {count}"),
    "nothing": ("没有等着办的事", "Nothing waits to be done"),
    "figures": ("这一周", "In that week"),
    "cases": (
        "新单子{opened}，其中投诉{complaints}；办结{resolved}；超时{broken}",
        "Cases opened: {opened}, complaints among them: {complaints}; resolved: {resolved}; promises broken: {broken}",
    ),
    "causes": ("原因：{causes}", "Causes: {causes}"),
    "scores": ("评分{count}个，5分占{share}", "Scores: {count}, of which fives {share}"),
    "at_risk": (
        "没给5分、可能流失的顾客：{count}位{cases}",
        "Customers at risk, who gave less than five: {count}{cases}",
    ),
    "asked": ("顾客问了{asked}个问题，{missed}个没答上", "Questions asked: {asked}, not answered: {missed}"),
    "budget": ("预算 {name} {month}：已用{spent}，共{limit}", "Budget {name} {month}: {spent} of {limit}"),
    "follow_ups": (
        "主动联系：发出{sent}，有回音{answered}，没发{skipped}，退订{stopped}",
        "Follow-ups sent: {sent}; answered: {answered}; skipped: {skipped}; customers who said stop: {stopped}",
    ),
    "skipped": ("没发的原因：{reasons}", "Why skipped: {reasons}"),
}  # fmt: skip


def week_lines(week: Week, language: str, zone: ZoneInfo) -> Iterator[str]:
    """What waits comes first."""
    say = _Sayer(language)
    yield say("title", start=week.start.isoformat(), end=week.end.isoformat())
    yield ""
    yield say("to_do")
    yield from _to_do(week, say, zone) or [say("nothing")]
    yield ""
    yield say("figures")
    yield from _figures(week, say)


class _Sayer:
    def __init__(self, language: str) -> None:
        self.language = Language.EN if language == "en" else Language.ZH

    def __call__(self, key: str, **slots: object) -> str:
        return _WORDS[key][self.language is Language.EN].format_map(slots)

    def money(self, money: Money) -> str:
        return amount_words(money, self.language)

    def counts(self, counts: Mapping[str, int]) -> str:
        between = "，" if self.language is Language.ZH else ", "
        return between.join(f"{name} {count}" for name, count in counts.items())


def _to_do(week: Week, say: _Sayer, zone: ZoneInfo) -> list[str]:
    to_do, queue = week.to_do, week.to_do.queue
    lines = []
    if queue.late or queue.open or queue.pending:
        lines.append(say("late", late=queue.late, open=queue.open, pending=queue.pending))
    if queue.waiting_since is not None:
        lines.append(say("waiting", since=f"{queue.waiting_since.astimezone(zone):%Y-%m-%d %H:%M}"))
    if to_do.to_pay:
        amounts = "".join(f" {say.money(money)}" for money in to_do.amounts)
        lines.append(say("to_pay", count=to_do.to_pay, amounts=amounts))
    if to_do.unanswered:
        lines.append(say("unanswered", count=to_do.unanswered))
        lines += [say("question", words=words) for words in to_do.questions]
    if to_do.tasks:
        lines.append(say("tasks", count=to_do.tasks))
    return lines


def _figures(week: Week, say: _Sayer) -> Iterator[str]:
    cases, scores, follow_ups = week.cases, week.scores, week.follow_ups
    yield say("cases", opened=cases.opened, complaints=cases.complaints, resolved=cases.resolved, broken=cases.broken)
    if cases.causes:
        yield say("causes", causes=say.counts(cases.causes))
    if scores.share is not None:
        yield say("scores", count=scores.count, share=f"{scores.share:.0%}")
    if scores.at_risk:
        yield say("at_risk", count=scores.at_risk, cases="".join(f" #{number}" for number in scores.cases))
    yield say("asked", asked=week.asked, missed=week.missed)
    for line in week.budgets:
        yield _budget(line, say)
    skipped = sum(follow_ups.skipped.values())
    yield say(
        "follow_ups", sent=follow_ups.sent, answered=follow_ups.answered, skipped=skipped, stopped=follow_ups.stopped
    )
    if follow_ups.skipped:
        yield say("skipped", reasons=say.counts(follow_ups.skipped))


def _budget(line: BudgetLine, say: _Sayer) -> str:
    spent = say.money(Money(line.spent_minor, line.currency))
    limit = say.money(Money(line.limit_minor, line.currency))
    return say("budget", name=line.name, month=line.month, spent=spent, limit=limit)
