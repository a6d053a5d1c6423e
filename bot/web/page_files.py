"""The chat page's own files as browsers get them: scripts without their comments, which nobody reads there."""

import os
import re
from functools import cache
from pathlib import Path

from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

_COMMENT = re.compile(r"^ *//.*$", re.MULTILINE)


def without_comments(script: str) -> str:
    """A line that is a comment becomes an empty one, so that the others keep their numbers."""
    return _COMMENT.sub("", script)


class PageFiles(StaticFiles):
    """A folder of files, asked for again by their tags."""

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        path = Path(full_path)
        if not isinstance(response, FileResponse) or path.suffix != ".js":
            return response
        tags = {name: response.headers[name] for name in ("etag", "last-modified")}
        return Response(_script(path, stat_result.st_mtime), status_code, tags, response.media_type)


@cache
def _script(path: Path, _changed_at: float) -> str:
    return without_comments(path.read_text(encoding="utf-8"))
