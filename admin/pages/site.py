"""The pages put together."""

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.staticfiles import StaticFiles

from admin.pages import (
    articles,
    astray,
    audit_book,
    canned,
    case_offers,
    case_work,
    cases,
    customer_data,
    customer_work,
    customers,
    figures,
    files,
    labels,
    me,
    messages,
    money,
    people,
    programmes,
    publishing,
    queue,
    rules,
    shop,
    signing_in,
    synonyms,
    tasks,
    teams,
    unanswered,
)
from admin.pages.failing import say_failures_as_pages
from admin.pages.rendering import STATIC
from admin.pages.visitor import PATH
from core.secretbox import SecretBox

_PARTS = (
    signing_in, me, case_offers, case_work, cases, messages, files, customer_data, customer_work, customers, money,
    tasks, canned, figures, publishing, articles, labels, synonyms, unanswered, programmes, rules, people, teams, shop,
    astray, audit_book, queue,
)  # fmt: skip


def page_routes() -> APIRouter:
    table = APIRouter()
    for part in _PARTS:
        table.include_router(part.router, prefix=PATH, include_in_schema=False)
    return table


def routes() -> list[tuple[str, APIRoute]]:
    """Each page and form with its whole path."""
    return [(f"{PATH}{one.path}", one) for part in _PARTS for one in part.router.routes if isinstance(one, APIRoute)]


def add_pages(app: FastAPI, box: SecretBox) -> None:
    """What the pages need beside their routes in the application that `build_api` made. `box` seals the cookie."""
    app.state.box = box
    say_failures_as_pages(app)
    app.mount(f"{PATH}/static", StaticFiles(directory=str(STATIC)), name="admin-static")
