"""Somebody's browser at the plain pages."""

import httpx

from admin.api.context import PREFIX
from conversations import repository
from conversations.channels import TELEGRAM
from staff.audit import AuditFilter, list_entries
from staff.values import Role
from tests.support.app import RunningApp

#: The shop's bot, once it has one.
BOT = "telegram:tea_bot"


class Browser:
    """Signed in with somebody's key."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def sign_in(self, key: str, **form: str) -> httpx.Response:
        return await self.client.post("/admin/sign-in", data={"key": key, **form})

    async def reads(self, address: str) -> str:
        answer = await self.client.get(address)
        assert answer.status_code == 200, answer.text
        return answer.text

    async def sends(self, address: str, **form: str) -> httpx.Response:
        return await self.client.post(address, data=form)

    async def does(self, address: str, **form: str) -> str:
        """Sends a form that is taken; where it leads."""
        answer = await self.sends(address, **form)
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]


async def signed_in(app: RunningApp, name: str, role: Role, language: str = "en") -> Browser:
    browser = Browser(app.client())
    answer = await browser.sign_in(await app.add_staff(name, role, alias=f"{name} at the desk"))
    assert answer.status_code == 303
    browser.client.cookies.set("kefu_language", language, path="/admin")
    return browser


async def complaint(app: RunningApp, text: str = "收到的茶罐破了，太失望了", message_id: str = "m1") -> int:
    """A customer complains over HTTP; the case's number."""
    async with app.client(await app.add_staff(f"shop {message_id}", Role.CHANNEL)) as shop:
        said = {"customer": "C-1", "message_id": message_id, "text": text, "name": "May <script>"}
        (await shop.post(f"{PREFIX}/messages", json=said)).raise_for_status()
    async with app.client(await app.add_staff(f"reader {message_id}", Role.AGENT)) as reader:
        number: int = (await reader.get(f"{PREFIX}/tickets")).json()["items"][0]["number"]
    return number


async def deeds(app: RunningApp, thing: str) -> list[tuple[str, str]]:
    """What the audit book says was done to it: by whom, what."""
    async with app.database.read() as session:
        return [(entry.actor, entry.action) for entry in await list_entries(session, AuditFilter(object=thing), 50)]


async def on_telegram(app: RunningApp) -> None:
    """The shop has a bot there."""
    async with app.database.write() as session:
        await repository.ensure_account(session, BOT, TELEGRAM, app.clock.now())
