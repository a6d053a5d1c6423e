"""What may go out, when, and why not: cases, and properties over random lives where clocks change."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.contact_policy import (
    Address,
    Answer,
    Contact,
    History,
    Recipient,
    Verdict,
    Wanted,
    may_send,
    quiet_until,
)
from conversations.contact_rules import CONTACT, Reason
from conversations.values import MessageKind
from core.errors import InvalidInput
from tests.support.contact_life import RULES, Wish, faults_of, live

HANGZHOU = ZoneInfo("Asia/Shanghai")
ZONES = [ZoneInfo(name) for name in ("Europe/Berlin", "America/New_York", "America/Havana", "Australia/Lord_Howe")]
CARE, PROMOTION, SERVICE = MessageKind.CARE, MessageKind.PROMOTION, MessageKind.SERVICE
SEND, WAIT, SKIP = Verdict.SEND, Verdict.WAIT, Verdict.SKIP


def at(wall: str) -> datetime:
    """An instant by the wall clock of Hangzhou, in March 2026: `02 10:00`."""
    return datetime.fromisoformat(f"2026-03-{wall.replace(' ', 'T')}").replace(tzinfo=HANGZHOU).astimezone(UTC)


TEN, NIGHT = at("10 10:00"), at("10 23:00")
SHE = Recipient(HANGZHOU)
CARED = Contact(at("09 10:30"), CARE)


def care(expires: str | None = "10 20:00", **more: bool) -> Wanted:
    return Wanted(CARE, at(expires) if expires else None, **more)


#: What is wanted, who, what was before, when -> the verdict, the reason, until when to wait.
CASES = [
    # Answers and colleagues' words go out at any time, to anybody.
    (Wanted(MessageKind.REPLY), Recipient(HANGZHOU, care=Answer.NO), History(), NIGHT, SEND, Reason.DUE, None),
    (Wanted(MessageKind.AGENT_REPLY), Recipient(HANGZHOU, blocked=True), History(), NIGHT, SEND, Reason.DUE, None),
    # News of one's own case needs no consent ...
    (Wanted(SERVICE), Recipient(HANGZHOU, care=Answer.NO), History(), TEN, SEND, Reason.DUE, None),
    # ... and waits for the morning ...
    (Wanted(SERVICE), SHE, History(), NIGHT, WAIT, Reason.QUIET_HOURS, at("11 09:00")),
    # ... unless she wrote a moment ago.
    (Wanted(SERVICE), SHE, History(last_word_at=at("10 22:51")), NIGHT, SEND, Reason.DUE, None),
    (Wanted(SERVICE), SHE, History(last_word_at=at("10 22:49")), NIGHT, WAIT, Reason.QUIET_HOURS, at("11 09:00")),
    # An open complaint does not hold up news of it, nor do caps or the stop of all follow-ups.
    (Wanted(SERVICE), Recipient(HANGZHOU, open_complaint=True), History((CARED,) * 4, None, True), TEN, SEND,
     Reason.DUE, None),
    # Care needs a yes.
    (care(), SHE, History(), TEN, SEND, Reason.DUE, None),
    (care(), Recipient(HANGZHOU, care=Answer.NEVER_ASKED), History(), TEN, SKIP, Reason.NO_CONSENT, None),
    (care(), Recipient(HANGZHOU, care=Answer.NO), History(), TEN, SKIP, Reason.OPTED_OUT, None),
    (care(), Recipient(HANGZHOU, writes_first=True), History(), TEN, SKIP, Reason.OPTED_OUT, None),
    # Promotion needs a yes of its own beside the first one.
    (Wanted(PROMOTION), SHE, History(), TEN, SKIP, Reason.NO_CONSENT, None),
    (Wanted(PROMOTION), Recipient(HANGZHOU, promotion=Answer.YES), History(), TEN, SEND, Reason.DUE, None),
    (Wanted(PROMOTION), Recipient(HANGZHOU, care=Answer.NO, promotion=Answer.YES), History(), TEN, SKIP,
     Reason.OPTED_OUT, None),
    # Who cannot be written to.
    (care(), Recipient(HANGZHOU, address=Address.NONE), History(), TEN, SKIP, Reason.NO_CHANNEL, None),
    (care(), Recipient(HANGZHOU, address=Address.BLOCKED), History(), TEN, SKIP, Reason.BLOCKED, None),
    (care(), Recipient(HANGZHOU, blocked=True), History(), TEN, SKIP, Reason.BLOCKED, None),
    (care(), Recipient(HANGZHOU, sample=True), History(), TEN, SKIP, Reason.SAMPLE, None),
    # A closed page may be opened again before the greeting expires; the last look comes a minute before that.
    (care(), Recipient(HANGZHOU, address=Address.GONE), History(), TEN, WAIT, Reason.UNREACHABLE, at("10 10:30")),
    (care(), Recipient(HANGZHOU, address=Address.GONE), History(), at("10 19:45"), WAIT, Reason.UNREACHABLE,
     at("10 19:59")),
    (care(), Recipient(HANGZHOU, address=Address.GONE), History(), at("10 19:59"), SKIP, Reason.UNREACHABLE, None),
    # At 20:59 it is still day, at 21:00 night; a greeting that is for the day only is dropped then.
    (care(None), SHE, History(), at("10 20:59"), SEND, Reason.DUE, None),
    (care(None), SHE, History(), at("10 21:00"), WAIT, Reason.QUIET_HOURS, at("11 09:00")),
    (care(None), SHE, History(), at("11 00:01"), WAIT, Reason.QUIET_HOURS, at("11 09:00")),
    (care("11 08:00"), SHE, History(), NIGHT, SKIP, Reason.QUIET_HOURS, None),
    # One a day: 24 hours after the last one. Two a week, four in thirty days.
    (care(None), SHE, History((CARED,)), TEN, WAIT, Reason.CAP, at("10 10:30")),
    (care(None), SHE, History((CARED,)), at("10 10:30"), SEND, Reason.DUE, None),
    (care(None), SHE, History((Contact(at("05 10:00"), CARE), Contact(at("07 10:00"), CARE))), TEN, WAIT, Reason.CAP,
     at("12 10:00")),
    (care(None), SHE, History(tuple(Contact(at(f"{d:02} 09:00"), CARE) for d in (1, 9, 17, 25))), at("26 12:00"), WAIT,
     Reason.CAP, at("31 09:00")),
    # The cap leaves no room before it expires: dropped, and the cap is why.
    (care("10 10:15"), SHE, History((CARED,)), TEN, SKIP, Reason.CAP, None),
    # What a case needed said does not count against greetings.
    (care(), SHE, History((Contact(at("10 09:30"), SERVICE),)), TEN, SEND, Reason.DUE, None),
    # A cap that ends at night ends in the morning.
    (care(None), SHE, History((Contact(at("09 20:30"), PROMOTION), Contact(at("04 23:30"), CARE))), at("10 21:10"),
     WAIT, Reason.CAP, at("12 09:00")),
    # One question for a score in ninety days; other words in between are not held up by it.
    (care("31 20:00", survey=True), SHE, History((Contact(at("01 10:00"), CARE, True),)), TEN, SKIP, Reason.CAP, None),
    (care(), SHE, History((Contact(at("01 10:00"), CARE, True),)), TEN, SEND, Reason.DUE, None),
    # Not while a complaint is open or a colleague is there; asked again every half hour.
    (care(), Recipient(HANGZHOU, open_complaint=True), History(), TEN, WAIT, Reason.OPEN_COMPLAINT, at("10 10:30")),
    (care(), Recipient(HANGZHOU, with_person=True), History(), TEN, WAIT, Reason.WITH_PERSON, at("10 10:30")),
    (care(), SHE, History(on_hold=True), TEN, WAIT, Reason.HOLD, at("10 10:30")),
    # Two fall together: the lesser one waits.
    (care(outranked=True), SHE, History(), TEN, WAIT, Reason.OUTRANKED, at("10 10:30")),
    # Stale is dropped.
    (care("10 09:59"), SHE, History(), TEN, SKIP, Reason.EXPIRED, None),
]  # fmt: skip


@pytest.mark.parametrize(("wanted", "customer", "history", "now", "verdict", "because", "until"), CASES)
def test_what_may_go_out(
    wanted: Wanted,
    customer: Recipient,
    history: History,
    now: datetime,
    verdict: Verdict,
    because: Reason,
    until: datetime | None,
) -> None:
    decision = may_send(wanted, customer, history, now, RULES)
    assert (decision.verdict, decision.because, decision.until) == (verdict, because, until)


def test_a_reason_is_told_in_both_languages_with_its_figures() -> None:
    decision = may_send(care(None), SHE, History((CARED,)), TEN, RULES)
    because = RULES.reasons[decision.because]
    assert because.text("zh", decision.values) == "1天内已发1条"
    assert because.text("en", decision.values) == "1 within 1 days have gone out already"
    assert decision.rule == "cap/a-day"


def test_wrong_rules_are_refused_by_their_path() -> None:
    for old, new, path in (
        ('from = "21:00"', 'from = "late"', "quiet_hours.from"),
        ("service_minutes = 10", "service_hours = 10", "quiet_hours.service_hours"),
        ('id = "a-week"', 'id = "a-day"', "cap[2].id"),
        ("most = 1\n\n[[cap]]", "most = 0\n\n[[cap]]", "cap[1].most"),
        ("hold = {", "held = {", "reasons.held"),
    ):
        with pytest.raises(InvalidInput) as refused:
            CONTACT.parse(CONTACT.shipped.replace(old, new, 1))
        assert path in refused.value.detail


@st.composite
def wishes(draw: st.DrawFn) -> list[Wish]:
    """Up to forty things to say around a change of clocks, some for a day only, some without an end."""
    start = draw(st.sampled_from([datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC)]))
    found = []
    for _ in range(draw(st.integers(1, 40))):
        due_at = start + timedelta(minutes=draw(st.integers(0, 60 * 24 * 60)))
        lasts = draw(st.one_of(st.none(), st.integers(1, 14 * 24 * 60)))
        kind = draw(st.sampled_from([CARE, CARE, PROMOTION, SERVICE]))
        survey = kind is CARE and draw(st.booleans())
        expires_at = due_at + timedelta(minutes=lasts) if lasts else None
        found.append(Wish(due_at, Wanted(kind, expires_at, survey)))
    return found


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(ZONES), wishes())
def test_nothing_goes_out_over_a_cap_or_at_night_and_nothing_waits_for_ever(zone: ZoneInfo, wanted: list[Wish]) -> None:
    life = live(Recipient(zone, promotion=Answer.YES), wanted)
    assert faults_of(life, zone) == []
    assert len(life.sent) + len(life.dropped) == len(wanted)
    # What has no end is sent, however long it takes; what is dropped had no time left and says why.
    assert all(wish.wanted.expires_at is not None for wish, _ in life.dropped)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(ZONES), st.integers(0, 365 * 24 * 60))
def test_quiet_hours_end_by_the_customer_s_own_clock(zone: ZoneInfo, minutes: int) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    quiet = RULES.quiet_hours
    until = quiet_until(quiet, zone, now)
    wall = now.astimezone(zone).time()
    assert (until is not None) == (wall < quiet.ends or wall >= quiet.starts)
    if until is not None:
        assert now < until <= now + timedelta(hours=13)
        assert until.astimezone(zone).time() == quiet.ends
