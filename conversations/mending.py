"""How a message that was said before is changed where it was pushed to. Pure: (what stands there, words) -> steps."""

from collections.abc import Sequence
from dataclasses import dataclass

from conversations.channels import PushChannel
from conversations.markup import read_markup
from conversations.payloads import MessagePayload, write_texts


@dataclass(frozen=True, slots=True)
class Standing:
    """A delivery that brought a piece of the message, or is about to. `waits`: it has not left yet."""

    delivery_id: int
    payload: MessagePayload
    waits: bool


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A delivery that waits goes out with other words."""

    delivery_id: int
    payload: MessagePayload


@dataclass(frozen=True, slots=True)
class Dropped:
    """A delivery that waits does not go out at all."""

    delivery_id: int


@dataclass(frozen=True, slots=True)
class Called:
    """One more call: an edit, a taking back, or a piece that the longer text needs."""

    payload: MessagePayload


Change = Rewritten | Dropped | Called


def take_back(standing: Sequence[Standing]) -> list[Change]:
    """Nothing of the message is left."""
    return [_taken_away(piece) for piece in standing]


def change_words(to: str, text: str, standing: Sequence[Standing], channel: PushChannel) -> list[Change]:
    """The message has these words from now on, its attachments stay."""
    places = _places(standing)
    limit = channel.caption_limit if places and places[0].payload.attachments else channel.text_limit
    pieces = write_texts(to, read_markup(text), limit)
    changes = [_with_words(place, piece) for place, piece in zip(places, pieces, strict=False)]
    changes += [_taken_away(place) for place in places[len(pieces) :]]
    return [*changes, *(Called(piece) for piece in pieces[len(places) :])]


def _places(standing: Sequence[Standing]) -> Sequence[Standing]:
    """Where the words stand, below attachments or by themselves; without words, where they may stand."""
    worded = [piece for piece in standing if piece.payload.text]
    return worded or [piece for piece in standing if piece.payload.takes_caption][:1]


def _with_words(place: Standing, words: MessagePayload) -> Change:
    update = {"text": words.text, "entities": words.entities}
    if place.waits:
        return Rewritten(place.delivery_id, place.payload.model_copy(update=update))
    return Called(words.model_copy(update={"edits": place.delivery_id}))


def _taken_away(piece: Standing) -> Change:
    if piece.waits:
        return Dropped(piece.delivery_id)
    return Called(MessagePayload(to=piece.payload.to, edits=piece.delivery_id, takes_back=True))
