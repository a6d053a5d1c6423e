"""What is known of a customer's file; the bytes lie in a `core.files.FileStore` under the same id."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from conversations.values import AttachmentKind
from core.columns import DELETE, ERASE, FILE, enum_column
from core.database import Base


class FileState(StrEnum):
    """`waiting`: its channel still has it. `refused`: too big, or too much; `because` says which."""

    WAITING = "waiting"
    HERE = "here"
    REFUSED = "refused"


class StoredFile(Base):
    """`remote_id` is the channel's own handle, good for sending it on. `due_at`: when to fetch it (again).

    An upload has no customer until a message takes it (`attached_at`), unless a web visitor sends it;
    `uploaded_by_id`: staff who did.
    """

    __tablename__ = "stored_file"
    __table_args__ = (
        Index(
            "ix_stored_file_waiting",
            "account",
            "due_at",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("ix_stored_file_customer_id_created_at", "customer_id", "created_at"),
        {"info": DELETE},
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True, info=FILE)
    account: Mapped[str] = mapped_column(String(120))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversation.id"), index=True)
    uploaded_by_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    is_upload: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    attached_at: Mapped[datetime | None]
    remote_id: Mapped[str | None] = mapped_column(String(500), info=ERASE)
    name: Mapped[str | None] = mapped_column(String(250), info=ERASE)
    media_type: Mapped[str] = mapped_column(String(120))
    kind: Mapped[AttachmentKind] = mapped_column(
        enum_column(AttachmentKind), default=AttachmentKind.DOCUMENT, server_default="document"
    )
    size: Mapped[int | None] = mapped_column(BigInteger)
    state: Mapped[FileState] = mapped_column(enum_column(FileState), default=FileState.WAITING)
    because: Mapped[str | None] = mapped_column(String(80))
    attempt: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    created_at: Mapped[datetime]
