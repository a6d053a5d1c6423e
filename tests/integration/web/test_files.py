"""A visitor sends a photo: uploaded with the browser's token, named in a message, seen by nobody else."""

import httpx
import pytest

from admin.api.context import PREFIX
from tests.integration.api.test_uploads import PDF
from tests.support.app import RunningApp
from tests.support.web_visitor import WebVisitor, browser, visiting
from tests.unit.conversations.test_media import picture

pytestmark = pytest.mark.db


async def upload(visitor: WebVisitor, data: bytes = PDF, name: str = "bill.pdf") -> httpx.Response:
    async with browser(visitor.url, visitor.token) as client:
        return await client.post("/chat/files", files={"file": (name, data)})


async def test_a_photo_is_said_and_comes_back_with_a_link(app: RunningApp, agent: httpx.AsyncClient) -> None:
    async with visiting(app.url, language="zh") as visitor:
        sent = (await upload(visitor, picture(), "tin.jpg")).json()
        await visitor.send(type="said", id="a1", text="茶罐破了", attachments=[sent["id"]])
        await visitor.until(lambda visitor: visitor.by("customer"))
        (attachment,) = visitor.by("customer")[0]["attachments"]
        assert attachment["id"] == sent["id"]
        async with browser(app.url) as client:
            shown = await client.get(attachment["url"])
        assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg")
        page = await agent.get(f"{PREFIX}/conversations/{visitor.conversation}/messages")
        assert page.json()["items"][0]["attachments"][0]["id"] == sent["id"]


async def test_a_link_that_has_ended_is_renewed_for_its_owner_alone(app: RunningApp) -> None:
    async with visiting(app.url) as visitor, visiting(app.url) as other:
        sent = (await upload(visitor)).json()
        async with browser(app.url) as client:
            for who, status in ((visitor, 200), (other, 404)):
                headers = {"Authorization": f"Bearer {who.token}"}
                assert (await client.get(f"/chat/files/{sent['id']}", headers=headers)).status_code == status
            assert (await client.get(f"/chat/files/{sent['id']}")).status_code == 401


async def test_somebody_elses_file_cannot_be_said(app: RunningApp) -> None:
    async with visiting(app.url) as visitor, visiting(app.url) as other:
        sent = (await upload(visitor)).json()
        await other.send(type="said", id="b1", text="mine", attachments=[sent["id"]])
        await other.until(lambda visitor: visitor.errors)
        assert (other.errors[0]["error"], other.errors[0]["id"]) == ("file_not_found", "b1")
        assert other.by("customer") == []


async def test_nobody_uploads_without_a_token(app: RunningApp) -> None:
    async with browser(app.url) as client:
        answer = await client.post("/chat/files", files={"file": ("bill.pdf", PDF)})
    assert (answer.status_code, answer.json()["error"]) == (401, "unauthorised")
