"""Files that another system uploads and names in a message: whose they are, and what becomes of those nobody names."""

from datetime import timedelta

import httpx
import pytest

from admin.api.context import PREFIX
from conversations.uploads import MOST_BYTES
from core.files import FolderStore
from scheduler.keeping import KeepingTimes, let_go
from tests.integration.api.conftest import Callers

pytestmark = pytest.mark.db

PDF = b"%PDF-1.7\n% a bill"


async def upload(client: httpx.AsyncClient, data: bytes = PDF, name: str = "bill.pdf") -> httpx.Response:
    return await client.post(f"{PREFIX}/files", files={"file": (name, data)})


async def post(client: httpx.AsyncClient, message_id: str, *files: str) -> httpx.Response:
    body = {"customer": "C-1", "message_id": message_id, "text": "here is my bill", "attachments": list(files)}
    return await client.post(f"{PREFIX}/messages", json=body)


async def test_a_file_goes_with_a_message_and_staff_can_open_it(callers: Callers) -> None:
    sent = (await upload(callers.channel)).json()
    assert (sent["name"], sent["media_type"], sent["size"]) == ("bill.pdf", "application/pdf", len(PDF))
    answered = (await post(callers.channel, "m-1", sent["id"])).json()
    page = await callers.ann.get(f"{PREFIX}/conversations/{answered['conversation']}/messages")
    (attachment,) = page.json()["items"][0]["attachments"]
    assert attachment["id"] == sent["id"]
    opened = await callers.nobody.get(attachment["url"])
    assert (opened.content, opened.headers["content-type"]) == (PDF, "application/pdf")


async def test_the_same_message_again_is_the_same_with_its_file(callers: Callers) -> None:
    sent = (await upload(callers.channel)).json()
    first = await post(callers.channel, "m-1", sent["id"])
    again = await post(callers.channel, "m-1", sent["id"])
    assert [message["id"] for message in again.json()["messages"]] == [
        message["id"] for message in first.json()["messages"]
    ]


async def test_nobody_names_somebody_elses_file(callers: Callers) -> None:
    sent = (await upload(callers.channel)).json()
    for caller in (callers.other_channel, callers.admin):
        refused = await post(caller, "m-1", sent["id"])
        assert (refused.status_code, refused.json()["error"]) == (404, "file_not_found")
    assert (await callers.other_channel.get(f"{PREFIX}/files/{sent['id']}")).status_code == 404


# what is sent, status, error
BAD = [
    ({"files": {"file": ("page.html", b"<html><script>1</script></html>")}}, 422, "file_refused"),
    ({"files": {"other": ("bill.pdf", PDF)}}, 422, "invalid_input"),
    ({"json": {"file": "bill.pdf"}}, 415, "unsupported_media_type"),
    ({"files": {"file": ("big.pdf", PDF + bytes(MOST_BYTES))}}, 413, "too_large"),
]


@pytest.mark.parametrize(("body", "status", "error"), BAD)
async def test_what_cannot_be_taken_is_said(callers: Callers, body: dict[str, object], status: int, error: str) -> None:
    answer = await callers.channel.post(f"{PREFIX}/files", **body)  # type: ignore[arg-type]
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert set(answer.json()) <= {"error", "detail", "data"}


async def test_a_file_that_no_message_names_is_let_go_after_a_day(callers: Callers) -> None:
    used, unused = [(await upload(callers.channel)).json()["id"] for _ in range(2)]
    await post(callers.channel, "m-1", used)
    store = FolderStore(callers.app.services.settings.data_dir / "files")
    year = timedelta(days=365)
    times = KeepingTimes(raw=year, questions=year, files=year, chats=year)
    await let_go(callers.app.database, times, store, callers.app.clock.now() + timedelta(hours=25))
    assert store.find(unused) is None
    assert store.find(used) is not None
