"""The pages put together."""

from fastapi import APIRouter, FastAPI
from starlette.staticfiles import StaticFiles

from admin.pages import articles, cases, customers, money, people, queue, signing_in
from admin.pages.rendering import STATIC
from admin.pages.visitor import PATH
from core.secretbox import SecretBox


def page_routes() -> APIRouter:
    table = APIRouter()
    for part in (signing_in, cases, articles, customers, money, people, queue):
        table.include_router(part.router, prefix=PATH, include_in_schema=False)
    return table


def add_pages(app: FastAPI, box: SecretBox) -> None:
    """What the pages need beside their routes in the application that `build_api` made. `box` seals the cookie."""
    app.state.box = box
    app.mount(f"{PATH}/static", StaticFiles(directory=str(STATIC)), name="admin-static")
