"""What has happened about a case since its topic was written to last, as one post. Pure.

Talk and timeline in the order of time; a customer's burst is one post, with all its files.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.telegram.desk.wording import Wording
from conversations.values import Attachment, AttachmentKind, Author
from core.money import Money
from tickets.values import EventType
from tickets.vouchers import hide_codes

#: Sent on as what they are; all else is named.
_CARRIED = frozenset(AttachmentKind) - {AttachmentKind.CONTACT}


@dataclass(frozen=True, slots=True)
class Word:
    """One thing said. `name`: the customer's or the agent's; `quotes`: the number of the group's message it answers."""

    message_id: int
    author: Author
    name: str
    text: str
    at: datetime
    attachments: tuple[Attachment, ...] = ()
    replaces: bool = False
    quotes: int | None = None


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of the timeline, and who did it: their alias, or who they are (`clock`, `rules`)."""

    event_id: int
    type: EventType
    by: str
    text: str | None
    at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class News:
    """A post: its words, files, what it quotes, and the newest message that it shows."""

    text: str
    attachments: tuple[Attachment, ...] = ()
    quotes: int | None = None
    shows: int | None = None


def write_news(
    words: Sequence[Word], happenings: Sequence[Happening], wording: Wording, now: datetime, mention: str | None = None
) -> News:
    """`mention`: whoever has the case; they are named when the customer has written."""
    told = [(one.at, 0, one.message_id, _word(one, wording)) for one in words]
    told += [(one.at, 1, one.event_id, line) for one in happenings if (line := happening_text(one, wording, now))]
    lines = [line for *_, line in sorted(told, key=lambda row: row[:3]) if line]
    if mention and any(one.author is Author.CUSTOMER for one in words):
        lines.insert(0, wording.say("talk.mention", name=mention))
    files = tuple(each for one in words for each in one.attachments if _is_carried(each))
    return News(
        text="\n".join(lines),
        attachments=files,
        quotes=next((one.quotes for one in reversed(words) if one.quotes), None),
        shows=max((one.message_id for one in words), default=None),
    )


def _is_carried(attachment: Attachment) -> bool:
    has_bytes = attachment.remote_id is not None or attachment.file_id is not None
    return attachment.kind in _CARRIED and (has_bytes or attachment.kind is AttachmentKind.LOCATION)


def _word(word: Word, wording: Wording) -> str:
    text = hide_codes(word.text)
    if word.replaces:
        key = "talk.changed" if text else "talk.taken_back"
        return wording.say(key, name=word.name, **({"text": text} if text else {}))
    if word.attachments:
        names = ", ".join(wording.say(f"attachment.{one.kind.value}") for one in word.attachments)
        text = f"{wording.say('talk.files', names=names)} {text}".strip()
    match word.author:
        case Author.CUSTOMER:
            return wording.say("talk.customer", name=f"**{word.name}**", text=text)
        case Author.BOT:
            return wording.say("talk.bot", text=text)
        case Author.AGENT:
            return wording.say("talk.agent", name=word.name, where=wording.say("talk.elsewhere"), text=text)


def happening_text(one: Happening, wording: Wording, now: datetime) -> str:
    """One line; empty for what the topic need not say."""
    tell = _TELLS.get(one.type)
    return tell(_Told(one, wording, now)).strip() if tell is not None else ""


@dataclass(frozen=True, slots=True)
class _Told:
    """A happening on its way into words."""

    one: Happening
    wording: Wording
    now: datetime

    def say(self, key: str, **slots: object) -> str:
        return self.wording.say(f"talk.{key}", **slots)

    def named(self) -> str:
        return self.say(self.one.type.value, name=self.one.by, text=self.text)

    def plain(self) -> str:
        return self.say(self.one.type.value)

    @property
    def text(self) -> str:
        return self.one.text or ""

    def datum(self, name: str) -> str:
        return str(self.one.data.get(name) or "-")

    def time(self, *names: str) -> str:
        """The first of these that is there."""
        at = next((self.one.data[name] for name in names if self.one.data.get(name)), None)
        return self.wording.when(datetime.fromisoformat(at), self.now) if at else "-"


def _clock(told: _Told) -> str:
    target = told.say(f"target_{told.datum('target')}")
    return told.say(told.one.type.value, target=target, at=told.time("due_at"))


def _unassigned(told: _Told) -> str:
    why = told.datum("because")
    return told.say("unassigned", name=told.datum("from"), because=told.wording.find(f"talk.unassigned_{why}") or why)


def _assigned(told: _Told) -> str:
    if told.one.data.get("assignee") is None:
        return told.say("assigned_team", by=told.one.by, name=told.datum("team"))
    if "because" in told.one.data:
        return told.say("assigned_rules", name=told.datum("assignee"))
    return told.say("assigned", by=told.one.by, name=told.datum("assignee"))


def _not_sent(told: _Told) -> str:
    because = because_text(told.one.data.get("because"), told.wording)
    return told.say("not_sent", name=told.one.by, because=because, text=told.text)


def _compensation(told: _Told) -> str:
    data = told.one.data
    kind = told.wording.say(f"grant.{data['kind']}")
    amount = Money(data["amount_minor"], data["currency"]) if data["amount_minor"] else ""
    return told.say("compensation", kind=kind, amount=amount, state=told.say(f"state_{data['state']}"))


_TELLS: Mapping[EventType, Callable[[_Told], str]] = {
    EventType.NOTED: _Told.named,
    EventType.ESCALATED: _Told.named,
    EventType.ASSIGNED: _assigned,
    EventType.UNASSIGNED: _unassigned,
    EventType.HANDED_OVER: lambda t: t.say("handed_over", by=t.one.by, name=t.datum("to"), text=t.text),
    EventType.ASKED: lambda t: t.say("asked", by=t.one.by, name=t.datum("agent"), text=t.text),
    EventType.HELD: lambda t: t.say("held", name=t.datum("waiting_for"), until=t.time("until")),
    EventType.SNOOZED: lambda t: t.say("snoozed", until=t.time("until")),
    EventType.MERGED: lambda t: t.say("merged", into=t.datum("into")) if "into" in t.one.data else "",
    EventType.WARNED: _clock,
    EventType.BREACHED: _clock,
    EventType.REMINDED: lambda t: t.say("reminded", words=t.text, at=t.time("due_at")),
    EventType.WORD_PASSED: lambda t: t.say("word_passed", at=t.time("said", "due_at")),
    EventType.NOT_SENT: _not_sent,
    EventType.RATED: lambda t: t.say("rated", score=t.datum("score"), text=t.text),
    EventType.FLAGGED: lambda t: t.plain() if t.text == "forgotten" else "",
    EventType.COMPENSATION: _compensation,
    EventType.RESUMED: _Told.plain,
    EventType.WOKEN: _Told.plain,
    EventType.RESOLVED: _Told.plain,
    EventType.REOPENED: _Told.plain,
    EventType.CLOSED: _Told.plain,
    EventType.WITHDRAWN: _Told.plain,
}
#: Lines of the timeline that a topic tells.
TOLD = tuple(_TELLS)


def because_text(because: str | None, wording: Wording) -> str:
    """Why something did not reach the customer, in words where there are some."""
    return wording.find(f"because.{because}") or str(because)
