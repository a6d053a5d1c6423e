"""A message becomes the calls that it takes: words in pieces or below pictures, neighbours together in albums."""

import pytest

from conversations.channels import PUSH_CHANNELS, TELEGRAM, PushChannel
from conversations.formatted import utf16_length
from conversations.payloads import MessagePayload, write_payloads
from conversations.values import Attachment, AttachmentKind, Button

CHANNEL = PUSH_CHANNELS[TELEGRAM]
P, V, D, A = AttachmentKind.PHOTO, AttachmentKind.VIDEO, AttachmentKind.DOCUMENT, AttachmentKind.AUDIO
VOICE, PLACE = AttachmentKind.VOICE, AttachmentKind.LOCATION
YES = Button(id="yes:1:0", label="Yes")


def calls(
    text: str, kinds: list[AttachmentKind], buttons: tuple[Button, ...] = (), channel: PushChannel = CHANNEL
) -> list[tuple[str, list[AttachmentKind]]]:
    attachments = [Attachment(kind=kind, file_id=f"f{n}") for n, kind in enumerate(kinds)]
    payloads = write_payloads("71", text, channel, buttons, attachments)
    return [(payload.text, [each.kind for each in payload.attachments]) for payload in payloads]


# words, attachments, the calls
TABLE: list[tuple[str, list[AttachmentKind], list[tuple[str, list[AttachmentKind]]]]] = [
    ("Look", [], [("Look", [])]),
    # the words stand below the first
    ("Look", [P], [("Look", [P])]),
    ("Look", [VOICE], [("Look", [VOICE])]),
    ("", [P], [("", [P])]),
    # pictures and films together, papers and sounds among themselves
    ("Look", [P, V, P], [("Look", [P, V, P])]),
    ("Look", [D, D], [("Look", [D, D])]),
    ("Look", [P, P, D, D, A], [("Look", [P, P]), ("", [D, D]), ("", [A])]),
    # in their order, also where that costs a call
    ("", [P, D, P], [("", [P]), ("", [D]), ("", [P])]),
    # voices come alone
    ("", [VOICE, VOICE], [("", [VOICE]), ("", [VOICE])]),
    # ten at most
    ("", [P] * 12, [("", [P] * 10), ("", [P] * 2)]),
    # a place has no words below it
    ("Here", [PLACE], [("Here", []), ("", [PLACE])]),
    # too long for a caption: before the pictures
    ("x" * 1024, [P], [("x" * 1024, [P])]),
    ("x" * 1025, [P], [("x" * 1025, []), ("", [P])]),
]


@pytest.mark.parametrize(("text", "kinds", "expected"), TABLE)
def test_a_message_becomes_calls(
    text: str, kinds: list[AttachmentKind], expected: list[tuple[str, list[AttachmentKind]]]
) -> None:
    assert calls(text, kinds) == expected


def test_buttons_stand_below_the_last_call_which_is_no_album() -> None:
    assert calls("Look", [P, P], (YES,)) == [("Look", [P]), ("", [P])]
    attachments = [Attachment(kind=P, file_id="f1")] * 2
    payloads = write_payloads("71", "Look", CHANNEL, (YES,), attachments)
    assert [payload.buttons for payload in payloads] == [(), (YES,)]


def test_the_quote_stands_above_the_first_call() -> None:
    payloads = write_payloads("71", "x" * 5000, CHANNEL, reply_to="m7")
    assert [payload.reply_to for payload in payloads] == ["m7", None]


def test_a_channel_without_captions_and_albums_gets_one_call_for_each() -> None:
    assert calls("Look:", [P, P], channel=PushChannel(4096)) == [("Look:", []), ("", [P]), ("", [P])]


def test_a_caption_is_measured_as_it_is_seen() -> None:
    seen = "😀" * 512
    (payload,) = write_payloads("71", f"**{seen}**", CHANNEL, (), [Attachment(kind=P, file_id="f1")])
    assert utf16_length(payload.text) == 1024
    assert [(entity.type, entity.length) for entity in payload.entities] == [("bold", 1024)]


def test_a_row_that_waits_since_before_there_were_albums_is_read() -> None:
    photo = Attachment(kind=P, file_id="f1")
    old = {"to": "71", "text": "", "attachment": photo.model_dump(mode="json"), "edits": None}
    assert MessagePayload.model_validate(old).attachments == (photo,)
    assert MessagePayload.model_validate(old | {"attachment": None, "text": "tea"}).attachments == ()
