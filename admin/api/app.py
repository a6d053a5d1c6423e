"""The API put together: routers by noun, one envelope for failures, one page that explains it all."""

from collections.abc import Iterable
from importlib.metadata import version

from fastapi import APIRouter, FastAPI

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
from admin.api.context import ApiContext
from admin.api.documentation import DESCRIPTION, FAILURES, OPENAPI_URL
from admin.api.errors import install_error_handlers
from admin.api.middleware import BoundedBody, CarefulHeaders

PREFIX = "/api/v1"
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
    canned_replies.router,
    blocking.router,
    reports.router,
)


def build_api(context: ApiContext, more: Iterable[APIRouter] = ()) -> FastAPI:
    """The application with the API and `more` routers under its prefix; pages are added to what is returned."""
    app = FastAPI(
        title="Kefu",
        description=DESCRIPTION,
        version=version("kefu"),
        openapi_url=OPENAPI_URL,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.context = context
    install_error_handlers(app)
    app.add_middleware(BoundedBody)
    app.add_middleware(CarefulHeaders)
    for router in (*more, *ROUTERS):
        app.include_router(router, prefix=PREFIX, responses=FAILURES)
    app.include_router(documentation.router)
    return app
