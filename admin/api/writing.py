"""Writes over HTTP: one transaction a request, and `Idempotency-Key`.

The key is the first insert of the effect's own transaction and the serialised answer is stored with it, so that there
is an effect exactly if there is a kept answer.
"""

import hashlib
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, contextmanager
from datetime import datetime, timedelta
from types import TracebackType
from typing import Annotated, Any, NoReturn, Self

from fastapi import Depends, Header, Request
from fastapi.params import Form
from fastapi.responses import Response
from fastapi.routing import APIRoute
from pydantic.fields import FieldInfo
from sqlalchemy import delete, select, text
from starlette.exceptions import HTTPException

from admin.api.context import PREFIX, ApiContext, Caller, Context
from admin.api.examples import EXAMPLES
from admin.api.queries import known_parameters, tidy_query
from admin.models import IdempotentAnswer
from core.database import ReadSession, WriteSession, upsert_ignore
from core.errors import Conflict, InvalidInput
from staff.values import Actor

KEPT_FOR = timedelta(hours=24)
_MAX_KEY = 200
_FORGET_AT_ONCE = 100
_HEADER = "idempotency-key"
_WITH_BODY = ("POST", "PUT", "PATCH")
_TOO_EARLY = "the first request with this Idempotency-Key is still running; ask again in a moment"
_TRY_LOCK = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:name, 0))")


class StillRunning(Conflict):
    """The first request under this key has not been answered yet."""

    code = "still_running"


class KeyReused(InvalidInput):
    """The key was used for another request."""

    code = "idempotency_key_reused"


class Replayed(Exception):
    """The request was answered before; this is that answer."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(status)
        self.response = Response(body, status, media_type="application/json", headers={"Idempotent-Replay": "true"})


class Effect:
    """The write transaction of one request. Nothing is written until `begin`; left without an error it commits."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._stack = AsyncExitStack()
        self._session: WriteSession | None = None
        self._kept: IdempotentAnswer | None = None

    async def __aenter__(self) -> Self:
        self._request.state.effect = self
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.__aexit__(kind, error, trace)

    async def begin(self, context: ApiContext, actor: Actor, key: str | None) -> WriteSession:
        """Opens the transaction and claims the key.

        Raises:
            StillRunning, KeyReused, Replayed
        """
        if key is None:
            self._session = await self._stack.enter_async_context(context.database.write())
            return self._session
        request_hash = await fingerprint(self._request)
        if (actor.id, key) in context.running:
            await _replay(context, actor, key, request_hash)
        self._stack.enter_context(_alone(context, actor, key))
        self._session = await self._stack.enter_async_context(context.database.write())
        self._kept = await claim_key(self._session, actor, key, request_hash, context.clock.now())
        return self._session

    def keep_for_ever(self) -> None:
        """The key of what moves money is never forgotten."""
        if self._kept is not None:
            self._kept.kept_for_ever = True

    async def keep(self, response: Response) -> None:
        """Stores the answer beside its effect."""
        if self._kept is not None:
            self._kept.status, self._kept.body = response.status_code, bytes(response.body)


async def _replay(context: ApiContext, actor: Actor, key: str, request_hash: str) -> None:
    """What has its answer need not wait for another request that asks for the same answer."""
    async with context.database.read() as session:
        answer = await _find(session, actor, key)
    if answer is not None:
        _answer_again(answer, request_hash)


@contextmanager
def _alone(context: ApiContext, actor: Actor, key: str) -> Iterator[None]:
    """Holds a key within this process, so that a second request need not wait to hear that it is too early."""
    name = (actor.id, key)
    if name in context.running:
        raise StillRunning(_TOO_EARLY)
    context.running.add(name)
    try:
        yield
    finally:
        context.running.discard(name)


async def claim_key(
    session: WriteSession, actor: Actor, key: str, request_hash: str, now: datetime
) -> IdempotentAnswer:
    """Takes the key for this transaction; it is the first thing that the transaction writes.

    Raises:
        StillRunning: another process is at it.
        KeyReused: it was used for another request within the last 24 hours.
        Replayed: it was used for this very request.
    """
    await _lock(session, actor, key)
    await _forget_old(session, now)
    values = {"agent_id": actor.id, "key": key, "request_hash": request_hash, "status": 0, "body": b""}
    insert = upsert_ignore(IdempotentAnswer, session.get_bind().dialect.name)
    insert = insert.values(**values, kept_for_ever=False, created_at=now).returning(IdempotentAnswer.id)
    is_new = (await session.execute(insert)).scalar_one_or_none() is not None
    answer = await _find(session, actor, key)
    assert answer is not None, "it was inserted by this or by another transaction"
    if not is_new:
        _answer_again(answer, request_hash)
    return answer


async def _find(session: ReadSession, actor: Actor, key: str) -> IdempotentAnswer | None:
    query = select(IdempotentAnswer).where(IdempotentAnswer.agent_id == actor.id, IdempotentAnswer.key == key)
    return (await session.scalars(query)).one_or_none()


def _answer_again(answer: IdempotentAnswer, request_hash: str) -> NoReturn:
    if answer.request_hash != request_hash:
        raise KeyReused("this Idempotency-Key was used for another request", {_HEADER: "was used for another request"})
    raise Replayed(answer.status, answer.body)


async def _lock(session: WriteSession, actor: Actor, key: str) -> None:
    """On SQLite there is one writer at a time anyway."""
    if session.get_bind().dialect.name == "sqlite":
        return
    if not await session.scalar(_TRY_LOCK, {"name": f"idempotency:{actor.id}:{key}"}):
        raise StillRunning(_TOO_EARLY)


async def _forget_old(session: WriteSession, now: datetime) -> None:
    old = (
        select(IdempotentAnswer.id)
        .where(IdempotentAnswer.created_at < now - KEPT_FOR, IdempotentAnswer.kept_for_ever.is_(False))
        .limit(_FORGET_AT_ONCE)
    )
    await session.execute(delete(IdempotentAnswer).where(IdempotentAnswer.id.in_(old)))


async def fingerprint(request: Request) -> str:
    """What tells one request from another: method, address and body."""
    parts = (request.method, request.url.path, request.url.query, "")
    return hashlib.sha256("\n".join(parts).encode() + await request.body()).hexdigest()


class ApiRoute(APIRoute):
    """A route whose transaction, if it has one, commits after the answer is written and before it goes out.

    OpenAPI shows what its body looks like, from `examples`.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **given: Any) -> None:
        super().__init__(path, endpoint, **given)
        for method in sorted((self.methods or set()) & set(_WITH_BODY)):
            if (example := EXAMPLES.get(f"{method} {path.removeprefix(PREFIX)}")) is not None:
                self.openapi_extra = {"requestBody": {"content": {"application/json": {"example": example}}}}

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        known = known_parameters(self.dependant)

        async def handle_within_effect(request: Request) -> Response:
            tidy_query(request, known)
            if self.body_field is not None:
                _refuse_other_media(request, self.body_field.field_info)
            try:
                async with Effect(request) as effect:
                    response = await handle(request)
                    await effect.keep(response)
                return response
            except Replayed as replayed:
                return replayed.response

        return handle_within_effect


def _refuse_other_media(request: Request, expected: FieldInfo) -> None:
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    has_body = request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers
    if has_body and not (media == "multipart/form-data" if isinstance(expected, Form) else _is_json(media)):
        raise HTTPException(415)


def _is_json(media: str) -> bool:
    return media == "application/json" or (media.startswith("application/") and media.endswith("+json"))


def _checked_key(given: str | None) -> str | None:
    if given is None:
        return None
    if not given.strip() or len(given) > _MAX_KEY or not given.isprintable():
        raise InvalidInput(
            "the Idempotency-Key is unusable", {_HEADER: f"must have 1 to {_MAX_KEY} visible characters"}
        )
    return given


def idempotency_key(
    given: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            description="The same key with the same body gets the same answer for 24 hours and does nothing twice.",
        ),
    ] = None,
) -> str | None:
    return _checked_key(given)


IdempotencyKey = Annotated[str | None, Depends(idempotency_key)]


async def write_session(request: Request, context: Context, actor: Caller, key: IdempotencyKey) -> WriteSession:
    effect = request.state.effect
    assert isinstance(effect, Effect)
    return await effect.begin(context, actor, key)


Writing = Annotated[WriteSession, Depends(write_session)]
