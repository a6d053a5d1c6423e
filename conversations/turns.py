"""A batch of events as turns: what is read together, what stands alone. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from conversations.intents import Intent, Meaning, Offer, understand, understand_press
from conversations.memory import Menu
from conversations.values import Attachment, AttachmentKind, Edited, Pressed, Said

if TYPE_CHECKING:  # a batch knows the database, which deciding does without
    from conversations.batches import Item

#: An edit of a message this old is kept, not answered anew, unless it is the newest.
RECENT_EDIT = timedelta(minutes=10)

#: What a following message may complete: these are read together.
_SOFT = frozenset(
    {
        Meaning.ASKED,
        Meaning.GREETED,
        Meaning.THANKED,
        Meaning.SAID_BYE,
        Meaning.ASKED_HOW,
        Meaning.EMPTY,
        Meaning.WORDLESS,
        Meaning.ATTACHED,
    }
)


@dataclass(frozen=True, slots=True)
class Original:
    """The newest wording of a message that is in the timeline; `is_newest`: nothing of the customer's came after it."""

    message_id: int
    text: str
    at: datetime
    is_newest: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One of the customer's own rows for the timeline. `wants_answer` False: it is kept, and that is all."""

    client_id: str
    at: datetime
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    button: str | None = None
    reply_to: str | None = None
    quote: str | None = None
    edits: str | None = None
    wants_answer: bool = True

    @property
    def kinds(self) -> tuple[AttachmentKind, ...]:
        return tuple(attachment.kind for attachment in self.attachments)


def read_entries(items: "Sequence[Item]", known: Mapping[str, Original]) -> tuple[Entry, ...]:
    """The rows to come of the events that say something, without copies of what the timeline has already."""
    entries: dict[str, Entry] = {}
    for number, item in enumerate(items):
        event = item.event
        if isinstance(event, Edited):
            _edit(entries, event, known.get(event.message_id), number)
        elif isinstance(event, Said | Pressed) and event.message_id not in known:
            first = event.album if isinstance(event, Said) and event.album else event.message_id
            entries[first] = _joined(entries[first], event) if first in entries else _entry(event)
    return tuple(entries.values())


def _joined(entry: Entry, event: Said | Pressed) -> Entry:
    """The entry with the next part of its album; a copy of what waits already adds nothing."""
    if not isinstance(event, Said) or event.album is None:
        return entry
    text = "\n".join(words for words in (entry.text, event.text) if words)
    return replace(entry, text=text, attachments=(*entry.attachments, *event.attachments))


def _entry(event: Said | Pressed) -> Entry:
    if isinstance(event, Pressed):
        return Entry(event.message_id, event.at, button=event.button)
    return Entry(event.message_id, event.at, event.text, event.attachments, reply_to=event.reply_to, quote=event.quote)


def _edit(entries: dict[str, Entry], event: Edited, original: Original | None, number: int) -> None:
    """An edited message is answered anew, and its first wording, if it waits in the same batch, is not."""
    waiting = entries.get(event.message_id)
    if event.text == (waiting.text if waiting else original.text if original else None):
        return
    entry = Entry(event.message_id, event.at, event.text, event.attachments, edits=event.message_id)
    if waiting is not None:
        entries[event.message_id] = replace(waiting, wants_answer=False)
    elif original is None:
        entry = replace(entry, edits=None)
    answered = waiting is not None or original is None or _is_recent(event, original)
    entries[f"{event.message_id} {number}"] = replace(entry, wants_answer=answered and bool(event.text.strip()))


def _is_recent(event: Edited, original: Original) -> bool:
    return original.is_newest or event.at - original.at <= RECENT_EDIT


def take_turn(entries: Sequence[Entry], menu: Menu, offers: Sequence[Offer]) -> tuple[int, Intent]:
    """How many of the entries, from the first, are one turn, and what it means. At least one entry is given."""
    if entries[0].button is not None:
        return 1, understand_press(entries[0].button, menu)
    intents = [understand(entry.text, entry.kinds, offers) for entry in _leading_words(entries)]
    if intents[0].meaning not in _SOFT:
        return 1, intents[0]
    soft = list(_leading_soft(intents))
    return len(soft), _together(soft)


def own_phone(entries: Iterable[Entry]) -> str | None:
    """The writer's own number, where the channel vouches that the contact they sent is their own."""
    cards = [card for entry in entries for card in entry.attachments if card.kind is AttachmentKind.CONTACT]
    phones = [str(card.data["phone"]) for card in cards if "phone" in card.data]
    return phones[0] if phones else None


def _leading_words(entries: Sequence[Entry]) -> Iterable[Entry]:
    for entry in entries:
        if entry.button is not None:
            return
        yield entry


def _leading_soft(intents: Sequence[Intent]) -> Iterable[Intent]:
    for intent in intents:
        if intent.meaning not in _SOFT:
            return
        yield intent


def _together(intents: Sequence[Intent]) -> Intent:
    """Several messages as one: their questions joined without the politeness around them, else what weighs most."""
    kinds = tuple(kind for intent in intents for kind in intent.attachments)
    questions = [intent.text for intent in intents if intent.meaning is Meaning.ASKED]
    if questions:
        return Intent(Meaning.ASKED, "\n".join(questions), attachments=kinds)
    attached = [intent for intent in intents if intent.meaning is Meaning.ATTACHED]
    speaking = [intent for intent in intents if intent.meaning not in (Meaning.EMPTY, Meaning.WORDLESS)]
    return replace((attached or speaking or list(intents))[0], attachments=kinds)
