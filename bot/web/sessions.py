"""Web sessions: a signed, revocable token per browser. The token opens one conversation and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from bot.web.models import WebSession
from conversations import repository
from conversations.channels import WEB
from conversations.file_models import StoredFile
from conversations.models import Conversation
from conversations.uploads import Taker, Uploader, as_attachment, attach
from conversations.values import Attachment
from core import signals
from core.database import ReadSession, WriteSession
from core.ids import hash_token, new_token
from core.secretbox import SecretBox
from customers.identities import Newcomer, ensure_identity
from customers.models import ChannelIdentity

ACCOUNT = "web"
#: A session ends when its browser has not come by for so long.
LIFETIME = timedelta(days=90)
#: What a visit writes about itself, it writes once in this time.
_NOTED_EVERY = timedelta(hours=1)
_PURPOSE = "web-session"
#: Topic of the signal that tells every process of an ended session.
SESSIONS = "web_sessions"


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """`token` is shown this once."""

    token: str
    conversation_id: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Browser:
    """What a browser says of itself."""

    language: str | None = None
    timezone: str | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """Whom the shop's site vouches for, and the hash of the signature that did."""

    user_id: str
    signature_hash: str


async def open_session(session: WriteSession, box: SecretBox, browser: Browser, now: datetime) -> OpenedSession:
    """A new visitor with an empty conversation."""
    newcomer = Newcomer(account=ACCOUNT, external_id=new_token(), language=browser.language, timezone=browser.timezone)
    conversation = await begin_conversation(session, newcomer, now)
    return issue(session, box, newcomer.external_id, conversation.id, browser, now)


async def begin_conversation(session: WriteSession, newcomer: Newcomer, now: datetime) -> Conversation:
    """An empty conversation of a new address."""
    await repository.ensure_account(session, ACCOUNT, WEB, now)
    identity = await ensure_identity(session, newcomer, now)
    conversation = Conversation(
        account=ACCOUNT,
        identity_id=identity.id,
        customer_id=identity.customer_id,
        language=newcomer.language,
        last_at=now,
        created_at=now,
    )
    session.add(conversation)
    await session.flush()
    return conversation


def issue(
    session: WriteSession,
    box: SecretBox,
    visitor: str,
    conversation_id: int,
    browser: Browser,
    now: datetime,
    proof: Proof | None = None,
) -> OpenedSession:
    """A new token for the conversation of `visitor`, the only one that was ever shown."""
    token, expires_at = _new_token(box), now + LIFETIME
    session.add(
        WebSession(
            token_hash=hash_token(token),
            visitor=visitor,
            conversation_id=conversation_id,
            language=browser.language,
            timezone=browser.timezone,
            user_id=proof.user_id if proof else None,
            proof_hash=proof.signature_hash if proof else None,
            created_at=now,
            seen_at=now,
            expires_at=expires_at,
        )
    )
    return OpenedSession(token, conversation_id, expires_at)


def _new_token(box: SecretBox) -> str:
    """192 random bits and their signature: what was not made here is refused without a look into the database."""
    nonce = new_token()
    return f"{nonce}.{box.sign(_PURPOSE, nonce)}"


def _is_ours(box: SecretBox, token: str) -> bool:
    nonce, _, signature = token.partition(".")
    return token.isascii() and box.is_signed(_PURPOSE, nonce, signature)


async def find_session(session: ReadSession, box: SecretBox, token: str, now: datetime) -> WebSession | None:
    """The session that `token` opens; None when it is forged, ended or expired."""
    if not _is_ours(box, token):
        return None
    query = select(WebSession).where(
        WebSession.token_hash == hash_token(token), WebSession.revoked_at.is_(None), WebSession.expires_at > now
    )
    return (await session.scalars(query)).one_or_none()


def is_visit_noted(found: WebSession, now: datetime) -> bool:
    return now - found.seen_at < _NOTED_EVERY


async def note_visit(session: WriteSession, found: WebSession, now: datetime) -> None:
    """The session lives on, and the visitor counts as reachable."""
    await session.execute(
        update(WebSession).where(WebSession.id == found.id).values(seen_at=now, expires_at=now + LIFETIME)
    )
    await session.execute(
        update(ChannelIdentity)
        .where(ChannelIdentity.account == ACCOUNT, ChannelIdentity.external_id == found.visitor)
        .values(last_seen_at=now)
    )


async def uploader_of(session: ReadSession, found: WebSession) -> Uploader:
    """The visitor, as whom files are uploaded."""
    conversation = await session.get_one(Conversation, found.conversation_id)
    return Uploader(ACCOUNT, conversation.customer_id, conversation.id)


async def attach_files(
    session: WriteSession, found: WebSession, file_ids: Sequence[str], now: datetime
) -> tuple[Attachment, ...]:
    """The files that the visitor uploaded, for a message. Raises UploadNotFound."""
    if not file_ids:
        return ()
    uploader = await uploader_of(session, found)
    assert uploader.customer_id is not None
    return await attach(session, uploader, file_ids, Taker(ACCOUNT, uploader.customer_id), now)


async def find_file(session: ReadSession, found: WebSession, file_id: str) -> Attachment | None:
    """A file that was said, or uploaded to be said, in the visitor's conversation."""
    row = await session.get(StoredFile, file_id)
    if row is None or row.account != ACCOUNT:
        return None
    customer_id = await session.scalar(select(Conversation.customer_id).where(Conversation.id == found.conversation_id))
    return as_attachment(row) if row.customer_id == customer_id else None


async def revoke(session: WriteSession, found: WebSession, now: datetime) -> None:
    """The token opens nothing any more, and its sockets are closed."""
    await session.execute(update(WebSession).where(WebSession.id == found.id).values(revoked_at=now))
    session.signal(SESSIONS, found.id)
    session.signal(signals.MESSAGES, found.conversation_id)
