"""Files that articles carry: uploaded by staff, then the article's own, and shown with its answer."""

from conversations.file_models import FileState, StoredFile
from conversations.values import Attachment, AttachmentKind
from core.database import WriteSession
from core.errors import InvalidInput
from knowledge_base.article_audit import Edit
from knowledge_base.models import ArticleFile


def as_attachment(row: ArticleFile) -> Attachment:
    return Attachment(
        kind=AttachmentKind(row.kind), file_id=row.id, name=row.name, media_type=row.media_type, size=row.size
    )


async def adopt_upload(session: WriteSession, file_id: str | None, edit: Edit) -> None:
    """Makes what staff uploaded a file of articles, which no keeping time ends; one that is one already stays it.

    Raises:
        InvalidInput: there is no such upload of staff.
    """
    if file_id is None or await session.get(ArticleFile, file_id) is not None:
        return
    row = await session.get(StoredFile, file_id, with_for_update=True)
    if row is None or row.uploaded_by_id is None or row.state is not FileState.HERE or row.attached_at is not None:
        raise InvalidInput(f"there is no file {file_id!r}; upload it first (POST /files)", {"file": "does not exist"})
    session.add(
        ArticleFile(
            id=row.id,
            name=row.name or row.id,
            media_type=row.media_type,
            kind=row.kind.value,
            size=row.size or 0,
            author=edit.by,
            created_at=edit.now,
        )
    )
    await session.delete(row)
    await session.flush()
