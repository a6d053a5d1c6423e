"""Customers' files: who may read them, and for how long a link is good."""

from collections.abc import AsyncIterator

import pytest

from admin.api.context import PREFIX
from admin.api.file_links import FileLinks
from conversations.file_models import FileState, StoredFile
from conversations.models import Conversation, Message
from conversations.repository import ensure_account
from conversations.timeline import append
from conversations.values import Attachment, AttachmentKind, Author
from core.files import FolderStore
from core.secretbox import SecretBox
from customers.identities import Newcomer, ensure_identity
from tests.integration.api.conftest import Callers
from tests.support.app import SECRET, RunningApp
from tests.support.clock import FakeClock

PHOTO, WAITING, REFUSED = "tg-photo-of-a-tin", "tg-still-on-its-way", "tg-much-too-big"
ACCOUNT = "http:shop"


async def photo_in_a_conversation(app: RunningApp) -> int:
    """A photo, one that is being fetched and one that was refused, in a conversation of `channel`; its id."""
    now = app.clock.now()
    folder = FolderStore(app.services.settings.data_dir / "files")
    await folder.keep(PHOTO, chunks(b"a broken ", b"tin"), 100)
    async with app.database.write() as session:
        await ensure_account(session, ACCOUNT, "http", now)
        identity = await ensure_identity(session, Newcomer(account=ACCOUNT, external_id="c-1"), now)
        conversation = Conversation(
            account=ACCOUNT, identity_id=identity.id, customer_id=identity.customer_id, last_at=now, created_at=now
        )
        session.add(conversation)
        await session.flush()
        photo = Attachment(kind=AttachmentKind.PHOTO, file_id=PHOTO, media_type="image/jpeg", size=12)
        append(session, conversation, Message(author=Author.CUSTOMER, text="look", attachments=[photo], at=now))
        for file_id, state in ((PHOTO, FileState.HERE), (WAITING, FileState.WAITING), (REFUSED, FileState.REFUSED)):
            of = {"account": ACCOUNT, "customer_id": identity.customer_id, "conversation_id": conversation.id}
            row = StoredFile(id=file_id, state=state, media_type="image/jpeg", due_at=now, created_at=now, **of)
            row.because = "too_big" if state is FileState.REFUSED else None
            session.add(row)
        return conversation.id


async def chunks(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def test_a_message_carries_a_link_that_opens_without_a_key(callers: Callers) -> None:
    conversation = await photo_in_a_conversation(callers.app)
    page = (await callers.ann.get(f"{PREFIX}/conversations/{conversation}/messages")).json()
    ((attachment,),) = [message["attachments"] for message in page["items"]]
    answer = await callers.nobody.get(attachment["url"])
    assert (answer.status_code, answer.content) == (200, b"a broken tin")
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["content-security-policy"]


# caller, status
READERS = [
    ("nobody", 401),
    ("channel", 200),
    # another system does not even learn that the file is there
    ("other_channel", 404),
    ("ann", 200),
    ("supervisor", 200),
    ("admin", 200),
]


@pytest.mark.parametrize(("caller", "status"), READERS)
async def test_a_key_opens_what_its_role_may_see(callers: Callers, caller: str, status: int) -> None:
    await photo_in_a_conversation(callers.app)
    assert (await getattr(callers, caller).get(f"{PREFIX}/files/{PHOTO}")).status_code == status


# file, status, what is said
STATES = [
    (WAITING, 503, "being fetched"),
    (REFUSED, 404, "too_big"),
    ("tg-nobody-sent-this", 404, "there is no file"),
    ("..%2Fkefu.db", 404, ""),
]


@pytest.mark.parametrize(("file_id", "status", "said"), STATES)
async def test_a_file_that_is_not_here_says_why(callers: Callers, file_id: str, status: int, said: str) -> None:
    await photo_in_a_conversation(callers.app)
    answer = await callers.ann.get(f"{PREFIX}/files/{file_id}")
    assert answer.status_code == status
    assert said in answer.json()["detail"]


def test_a_link_is_good_for_ten_minutes_and_for_its_own_file() -> None:
    clock = FakeClock()
    links = FileLinks(SecretBox(SECRET), clock, "https://shop.example")
    address, _, query = links.url(PHOTO).partition("?")
    assert address == f"https://shop.example{PREFIX}/files/{PHOTO}"
    good = dict(pair.split("=") for pair in query.split("&"))
    assert links.is_good(PHOTO, **good)
    assert not links.is_good(WAITING, **good)
    assert not links.is_good(PHOTO, good["expires"], "0" * 64)
    assert not links.is_good(PHOTO, str(int(good["expires"]) + 60), good["signature"])
    assert not links.is_good(PHOTO, "９９", "é")
    clock.advance(minutes=10, seconds=1)
    assert not links.is_good(PHOTO, **good)
