"""Links to customers' files, good for ten minutes, and where the files lie."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Request

from core.clock import Clock
from core.files import FileStore
from core.secretbox import SecretBox

GOOD_FOR = timedelta(minutes=10)
_PURPOSE = "files"
_PATH = "/api/v1/files"


@dataclass(frozen=True, slots=True)
class FileLinks:
    """Signed addresses of files. Without `public_url` they are relative to where the API is."""

    box: SecretBox
    clock: Clock
    public_url: str | None = None

    def url(self, file_id: str) -> str:
        """An address that needs no key, for ten minutes."""
        expires = str(int((self.clock.now() + GOOD_FOR).timestamp()))
        signature = self.box.sign(_PURPOSE, f"{file_id}.{expires}")
        return f"{self.public_url or ''}{_PATH}/{file_id}?expires={expires}&signature={signature}"

    def is_good(self, file_id: str, expires: str, signature: str) -> bool:
        if not (expires.isascii() and expires.isdecimal() and len(expires) < 12 and signature.isascii()):
            return False
        in_time = int(expires) >= self.clock.now().timestamp()
        return in_time and self.box.is_signed(_PURPOSE, f"{file_id}.{expires}", signature)


@dataclass(frozen=True, slots=True)
class Files:
    """What the routes work with, kept in `app.state.files`."""

    links: FileLinks
    store: FileStore


def files_of(request: Request) -> Files:
    files = request.app.state.files
    assert isinstance(files, Files)
    return files


FilesDoor = Annotated[Files, Depends(files_of)]
