"""What stands on the customer's screen, the new words, and the steps that lead from one to the other."""

import pytest

from conversations.channels import PushChannel
from conversations.mending import Called, Change, Dropped, Rewritten, Standing, change_words, take_back
from conversations.payloads import MessagePayload
from conversations.values import Attachment, AttachmentKind

CHANNEL = PushChannel(text_limit=10, caption_limit=5, album_limit=10)
PHOTO = Attachment(kind=AttachmentKind.PHOTO, file_id="f1")
PLACE = Attachment(kind=AttachmentKind.LOCATION, data={"latitude": 1.0, "longitude": 2.0})


def text(number: int, words: str, waits: bool = False) -> Standing:
    return Standing(number, MessagePayload(to="71", text=words), waits)


def media(number: int, words: str = "", waits: bool = False, attachment: Attachment = PHOTO) -> Standing:
    return Standing(number, MessagePayload(to="71", text=words, attachments=(attachment,)), waits)


def edit(number: int, words: str) -> Called:
    return Called(MessagePayload(to="71", text=words, edits=number))


def anew(words: str) -> Called:
    return Called(MessagePayload(to="71", text=words))


def gone(number: int) -> Called:
    return Called(MessagePayload(to="71", edits=number, takes_back=True))


# what stands there, the new words, the steps
WORDS: list[tuple[list[Standing], str, list[Change]]] = [
    ([text(1, "tea")], "oolong", [edit(1, "oolong")]),
    # not sent yet: it goes out with the new words
    ([text(1, "tea", waits=True)], "oolong", [Rewritten(1, MessagePayload(to="71", text="oolong"))]),
    # longer: a piece more; shorter: a piece less
    ([text(1, "tea")], "oolong and green", [edit(1, "oolong "), anew("and green")]),
    ([text(1, "oolong "), text(2, "and green")], "tea", [edit(1, "tea"), gone(2)]),
    ([text(1, "oolong "), text(2, "and green", waits=True)], "tea", [edit(1, "tea"), Dropped(2)]),
    # below the picture, which stays; what does not fit there follows
    ([media(1, "tea")], "green", [edit(1, "green")]),
    ([media(1, "tea")], "green tea", [edit(1, "green"), anew(" tea")]),
    # words before the picture stay there
    ([text(1, "green tea"), media(2)], "oolong", [edit(1, "oolong")]),
    # a picture without words gets some
    ([media(1)], "tea", [edit(1, "tea")]),
    # a place cannot have any: they follow
    ([media(1, attachment=PLACE)], "tea", [anew("tea")]),
    # nothing arrived: the new words do
    ([], "tea", [anew("tea")]),
]


@pytest.mark.parametrize(("standing", "words", "steps"), WORDS)
def test_the_words_change_where_they_stand(standing: list[Standing], words: str, steps: list[Change]) -> None:
    assert change_words("71", words, standing, CHANNEL) == steps


def test_a_message_is_taken_back_whole() -> None:
    assert take_back([text(1, "tea"), media(2), text(3, "tea", waits=True)]) == [gone(1), gone(2), Dropped(3)]
