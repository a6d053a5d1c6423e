"""Figures for the machine that watches: what was asked over HTTP, what waits, what is stuck."""

import time
from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from conversations.models import Conversation, Delivery, InboxEvent
from conversations.values import DeliveryState, InboxState, Owner
from core.database import ReadSession

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30)


class Metrics:
    """One application's own figures; `sockets`: how many browsers are connected, `frames`: what they have not read."""

    def __init__(self, sockets: Callable[[], int], frames: Callable[[], int]) -> None:
        self._registry = registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self.requests = Counter("kefu_http_requests_total", "Requests answered.", labels, registry=registry)
        self.seconds = Histogram(
            "kefu_http_request_seconds", "Until the answer began.", ("route",), buckets=_BUCKETS, registry=registry
        )
        Gauge("kefu_sockets", "Open chat sockets.", registry=registry).set_function(sockets)
        Gauge("kefu_socket_frames", "Frames that wait to be sent to them.", registry=registry).set_function(frames)
        self._inbox = Gauge("kefu_inbox_events", "Events not done, by state.", ("state",), registry=registry)
        self._outbox = Gauge("kefu_deliveries", "Deliveries not sent, by state.", ("state",), registry=registry)
        self._conversations = Gauge(
            "kefu_conversations", "Conversations with or waiting for a person.", ("state",), registry=registry
        )

    async def render(self, session: ReadSession) -> bytes:
        """All figures in Prometheus' text format."""
        inbox = (InboxState.PENDING, InboxState.WORKING, InboxState.PARKED)
        await _count(session, self._inbox, InboxEvent.state, inbox)
        open_states = (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.FAILED, DeliveryState.UNKNOWN)
        await _count(session, self._outbox, Delivery.state, open_states)
        await _count(session, self._conversations, Conversation.owner, (Owner.WAITING, Owner.TAKEN))
        return generate_latest(self._registry)


T = TypeVar("T", bound=StrEnum)


async def _count(session: ReadSession, gauge: Gauge, column: InstrumentedAttribute[T], states: tuple[T, ...]) -> None:
    query = select(column, func.count()).where(column.in_(states)).group_by(column)
    found = {str(state): number for state, number in (await session.execute(query)).all()}
    for state in states:
        gauge.labels(state).set(found.get(str(state), 0))


class Measured:
    """Counts each request under its route, so that ids in addresses make no new series."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        began = time.monotonic()

        async def measured(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = _route_of(scope)
                self._metrics.requests.labels(scope["method"], route, str(message["status"])).inc()
                self._metrics.seconds.labels(route).observe(time.monotonic() - began)
            await send(message)

        return await self._app(scope, receive, measured)


def _route_of(scope: Scope) -> str:
    return str(getattr(scope.get("route"), "path", None) or "none")
