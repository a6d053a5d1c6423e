"""The files that Telegram keeps, each under an id that only this bot may use."""

from dataclasses import dataclass, field

from tests.telegram_server.values import ApiError, Json, bad_request

MEGABYTE = 1024 * 1024
DOWNLOAD_LIMIT = 20 * MEGABYTE


@dataclass(frozen=True, slots=True)
class StoredFile:
    """`size` may be larger than `content`: a file that is only said to be big need not lie in memory."""

    file_id: str
    name: str
    content: bytes
    size: int
    mime_type: str

    @property
    def path(self) -> str:
        return f"files/{self.file_id}/{self.name}"

    def ids(self) -> Json:
        return {"file_id": self.file_id, "file_unique_id": f"u{self.file_id}", "file_size": self.size}


@dataclass(slots=True)
class FileStore:
    by_id: dict[str, StoredFile] = field(default_factory=dict)

    def keep(self, content: bytes, name: str, mime_type: str, size: int | None = None) -> StoredFile:
        file_id = f"file{len(self.by_id) + 1}"
        stored = StoredFile(file_id, name, content, len(content) if size is None else size, mime_type)
        self.by_id[file_id] = stored
        return stored

    def get(self, file_id: str) -> StoredFile:
        """Raises ApiError 400."""
        if file_id not in self.by_id:
            raise bad_request("wrong file identifier/HTTP URL specified")
        return self.by_id[file_id]

    def get_downloadable(self, file_id: str) -> StoredFile:
        """Raises ApiError 400, also for what is above the limit of 20 MB."""
        if file_id not in self.by_id:
            raise bad_request("invalid file_id")
        if self.by_id[file_id].size > DOWNLOAD_LIMIT:
            raise bad_request("file is too big")
        return self.by_id[file_id]

    def get_by_path(self, path: str) -> StoredFile:
        """Raises ApiError 404."""
        for stored in self.by_id.values():
            if stored.path == path:
                return stored
        raise ApiError(404, "Not Found")
