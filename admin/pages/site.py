"""The pages put together."""

from fastapi import APIRouter, FastAPI
from starlette.staticfiles import StaticFiles

from admin.pages import articles, cases, customers, money, people, queue, signing_in
from admin.pages.rendering import STATIC
from admin.pages.visitor import PATH
from core.secretbox import SecretBox


def add_pages(app: FastAPI, box: SecretBox) -> None:
    """Adds `/admin` to the application that `build_api` made. `box` seals the cookie."""
    app.state.box = box
    router = APIRouter(include_in_schema=False)
    for part in (signing_in, cases, articles, customers, money, people):
        router.include_router(part.router)
    app.include_router(router, prefix=PATH)
    app.include_router(queue.router, prefix=PATH, include_in_schema=False)
    app.mount(f"{PATH}/static", StaticFiles(directory=str(STATIC)), name="admin-static")
