"""Customers' files, for whoever has signed in."""

from fastapi import APIRouter
from fastapi.responses import FileResponse

from admin.api.context import Reading
from admin.api.file_links import FilesDoor
from admin.api.files import FileId, send_stored
from admin.pages.routing import PageRoute
from admin.pages.visitor import ReadsFiles

router = APIRouter(prefix="/files", route_class=PageRoute)


@router.get("/{id}")
async def read_file(_viewer: ReadsFiles, session: Reading, files: FilesDoor, file_id: FileId) -> FileResponse:
    return await send_stored(session, files.store, file_id)
