"""For the machine: is it alive, is it ready, what are its figures."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy import text

from admin.api.context import Context
from admin.api.errors import Unavailable
from bot.health.metrics import Metrics

router = APIRouter(include_in_schema=False)


def metrics_of(request: Request) -> Metrics:
    metrics = request.app.state.metrics
    assert isinstance(metrics, Metrics)
    return metrics


@router.get("/health/live")
async def live() -> JSONResponse:
    """This process answers."""
    return JSONResponse({"status": "alive"})


@router.get("/health/ready")
async def ready(context: Context, request: Request) -> JSONResponse:
    """The database answers too; 503 while it does not, or while this process is closing."""
    if request.app.state.http_door.is_closing:
        raise Unavailable("this process is closing")
    async with context.database.read() as session:
        await session.execute(text("SELECT 1"))
    return JSONResponse({"status": "ready"})


@router.get("/metrics")
async def figures(context: Context, metrics: Annotated[Metrics, Depends(metrics_of)]) -> Response:
    async with context.database.read() as session:
        return Response(await metrics.render(session), media_type=CONTENT_TYPE_LATEST)
