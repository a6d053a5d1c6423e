"""The server's side of the web chat, in memory: what the page is tested against where no shop is needed."""

import asyncio
import itertools
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates
from starlette.websockets import WebSocket, WebSocketDisconnect

WEB = Path(__file__).parents[2] / "bot" / "web"
TEMPLATES = Jinja2Templates(WEB / "templates")
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
SHOP = {
    "name": {"zh": "云栖茶铺（演示）", "en": "Yunqi Tea (demo)"},
    "greeting": None,
    "operator": {"zh": "云栖茶铺", "en": "Yunqi Tea"},
    "privacy_url": "/privacy",
    "color": None,
}
HELPED = {"zh": ["有帮助", "没有帮助"], "en": ["That helped", "Not quite"]}
TOPICS = {"zh": ["配送", "退换货", "选茶", "人工"], "en": ["Delivery", "Returns", "Choosing tea", "A person"]}
ANSWERS: dict[str, dict[str, tuple[str, list[str]]]] = {
    "zh": {
        "在吗": (
            "您好，我是云栖茶铺（演示）的自动客服，问茶、查订单、东西有问题，直接跟我说就行。想找人，随时发“人工”。",
            TOPICS["zh"],
        ),
        "配送": (
            "**下单后多久到？**\n- 江浙沪：次日到\n- 其他地区：2–4 天\n- 新疆、西藏：5–7 天\n\n"
            "满 99 元包邮，[查看运费说明](https://example.com/shipping)。",
            HELPED["zh"],
        ),
        "有帮助": ("太好了。还有别的想问的，直接写给我。", []),
        "人工": ("好的，您刚才说的我都转给同事了，不用再说一遍。同事会在这里回您。", []),
    },
    "en": {
        "hello": (
            "Hello, I'm Yunqi Tea's automatic assistant: ask me about tea or an order, or tell me if something went "
            "wrong. If you'd rather have a person, write “person” at any time.",
            TOPICS["en"],
        ),
        "delivery": (
            "**How long does delivery take?**\n- Zhejiang, Jiangsu, Shanghai: the next day\n- elsewhere: 2–4 days\n\n"
            "Free from ¥99; see [our rates](https://example.com/shipping).",
            HELPED["en"],
        ),
        "that helped": ("Good. Whatever else you'd like to know, just write.", []),
        "person": ("Of course: a colleague now has everything you wrote, so there's no need to repeat it.", []),
    },
}
UNSURE = {
    "zh": "这个我没有把握，不想随便答错您。您可以换个说法，也可以让同事来回答。",
    "en": "I'm not sure about this one and don't want to guess. You can put it another way, or I can ask a colleague.",
}


def rfc3339(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


@dataclass
class Conversation:
    """One visitor's timeline and the sockets that follow it."""

    id: str = field(default_factory=lambda: secrets.token_hex(8))
    language: str = "zh"
    messages: list[dict[str, Any]] = field(default_factory=list)
    state: dict[str, Any] = field(default_factory=lambda: {"state": "bot", "with": None, "since": None})
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    async def add(self, author: str, text: str, **more: Any) -> None:
        seq = next(self.numbers)
        at = rfc3339(datetime.now(UTC))
        message = {"id": f"{self.id}-{seq}", "seq": seq, "author": author, "text": text, "at": at, "buttons": []}
        self.messages.append(message | more)
        await self.notify()

    async def set_state(self, state: str, **more: Any) -> None:
        self.state = {"state": state, "with": None, "since": None, "answer_by": None} | more
        await self.notify()

    async def notify(self) -> None:
        async with self.changed:
            self.changed.notify_all()

    def knows(self, message_id: str) -> bool:
        return any(message.get("message_id") == message_id for message in self.messages)


class StandIn:
    """Also the desk: an agent takes a conversation, replies, hands it back."""

    agent = "小李"

    def __init__(self) -> None:
        self.by_token: dict[str, Conversation] = {}
        routes = [
            Route("/", self.page),
            Route("/chat/session", self.open_session, methods=["POST"]),
            WebSocketRoute("/chat/socket", self.socket),
            Mount("/static", StaticFiles(directory=WEB / "static")),
        ]
        self.app = Starlette(routes=routes)

    async def page(self, request: Request) -> Response:
        page = {"language": "zh", "shop": SHOP, "telegram": True, "hours": []}
        response = TEMPLATES.TemplateResponse(request, "chat.html", {"page": page, "title": SHOP["name"]["zh"]})  # type: ignore[index]
        response.headers["Content-Security-Policy"] = CSP
        return response

    async def open_session(self, request: Request) -> Response:
        token, conversation = secrets.token_urlsafe(24), Conversation()
        self.by_token[token] = conversation
        expires_at = rfc3339(datetime.now(UTC) + timedelta(days=90))
        return JSONResponse({"token": token, "conversation": conversation.id, "expires_at": expires_at})

    async def socket(self, socket: WebSocket) -> None:
        await socket.accept()
        hello = await socket.receive_json()
        conversation = self.by_token.get(hello["token"])
        if hello["type"] != "hello" or conversation is None:
            return await socket.close(4401)
        conversation.language = hello["language"]
        sender = asyncio.create_task(self.follow(socket, conversation, hello["after"]))
        try:
            while True:
                await self.receive(conversation, await socket.receive_json())
        except WebSocketDisconnect:
            return None
        finally:
            sender.cancel()

    async def follow(self, socket: WebSocket, conversation: Conversation, after: int) -> None:
        told: dict[str, Any] = {}
        while True:
            for message in [message for message in conversation.messages if message["seq"] > after]:
                await socket.send_json({"type": "message"} | message)
                after = message["seq"]
            if told != conversation.state:
                told = conversation.state
                await socket.send_json({"type": "state"} | told)
            async with conversation.changed:
                if told == conversation.state and len(conversation.messages) <= after:
                    await conversation.changed.wait()

    async def receive(self, conversation: Conversation, frame: dict[str, Any]) -> None:
        if frame["type"] not in ("said", "pressed") or conversation.knows(frame["id"]):
            return
        text = frame["text"] if frame["type"] == "said" else self.label(conversation, frame["button"])
        await conversation.add("customer", text, message_id=frame["id"])
        if conversation.state["state"] != "taken":
            await self.answer(conversation, text)

    def label(self, conversation: Conversation, button: str) -> str:
        shown = [shown for message in conversation.messages for shown in message["buttons"]]
        return next(str(choice["label"]) for choice in shown if choice["id"] == button)

    async def answer(self, conversation: Conversation, text: str) -> None:
        answers = ANSWERS[conversation.language]
        said, labels = answers.get(text.strip().lower(), (UNSURE[conversation.language], []))
        buttons = [{"id": f"{len(conversation.messages)}:{label}", "label": label} for label in labels]
        if text.strip().lower() in ("人工", "person", "a person"):
            await conversation.set_state("waiting")
        await conversation.add("bot", said, buttons=buttons)

    def conversation(self, id_: str) -> Conversation:
        return next(conversation for conversation in self.by_token.values() if conversation.id == id_)

    async def take(self, id_: str) -> None:
        await self.conversation(id_).set_state("taken", **{"with": self.agent, "since": rfc3339(datetime.now(UTC))})

    async def reply(self, id_: str, text: str) -> None:
        await self.conversation(id_).add("agent", text, name=self.agent)

    async def hand_back(self, id_: str) -> None:
        await self.conversation(id_).set_state("bot")

    def forget_sessions(self) -> None:
        """Every token is revoked; the next socket is closed with 4401."""
        self.by_token.clear()
