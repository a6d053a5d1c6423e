"""The API put together: routers by noun, one envelope for failures, one page that explains it all."""

from collections.abc import Iterable, Sequence
from importlib.metadata import version

from fastapi import APIRouter, FastAPI
from starlette.routing import BaseRoute

from admin.api import (
    article_history,
    articles,
    audit,
    blocking,
    canned_replies,
    compensation,
    conversations,
    customers,
    deliveries,
    desks,
    documentation,
    events,
    follow_ups,
    inbox,
    labels,
    ledger,
    merges,
    messages,
    orders,
    programmes,
    reports,
    rules,
    segments,
    shop,
    staff,
    tasks,
    teams,
    ticket_work,
    tickets,
    unanswered,
    vouchers,
)
from admin.api.context import PREFIX, ApiContext
from admin.api.documentation import DESCRIPTION, FAILURES, OPENAPI_URL
from admin.api.errors import install_error_handlers
from admin.api.middleware import BoundedBody, CarefulHeaders

ROUTERS: tuple[APIRouter, ...] = (
    conversations.router,
    messages.router,
    articles.router,
    article_history.router,
    labels.router,
    unanswered.router,
    shop.router,
    inbox.router,
    deliveries.router,
    customers.router,
    merges.router,
    orders.router,
    segments.router,
    tasks.router,
    rules.router,
    tickets.router,
    ticket_work.router,
    compensation.router,
    vouchers.router,
    ledger.router,
    teams.router,
    audit.router,
    follow_ups.router,
    programmes.router,
    events.router,
    staff.router,
    desks.router,
    canned_replies.router,
    blocking.router,
    reports.router,
)


def api_routes(more: Iterable[APIRouter] = ()) -> APIRouter:
    """The API's routes and those of `more` under its prefix."""
    table = APIRouter()
    for router in (*more, *ROUTERS):
        table.include_router(router, prefix=PREFIX, responses=FAILURES)
    table.include_router(documentation.router)
    return table


def build_api(context: ApiContext, routes: Sequence[BaseRoute]) -> FastAPI:
    """The application that serves `routes`, with the API's envelope for failures."""
    app = FastAPI(
        title="Kefu",
        description=DESCRIPTION,
        version=version("kefu"),
        openapi_url=OPENAPI_URL,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        routes=list(routes),
    )
    app.state.context = context
    install_error_handlers(app)
    app.add_middleware(BoundedBody)
    app.add_middleware(CarefulHeaders)
    return app
