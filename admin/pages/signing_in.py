"""Signing in with a staff key, signing out, choosing a language."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, Response

from admin.api.context import Context, address_of
from admin.pages.rendering import render
from admin.pages.routing import PageRoute, back_to, safe_next
from admin.pages.visitor import COOKIE, LANGUAGE, LASTS, PATH, language_of, must_be_own_form, seal, set_cookie
from staff import service as staff_service
from staff.values import Role

router = APIRouter(route_class=PageRoute)

_Next = Annotated[str, Query(max_length=300)]


@router.get("/sign-in")
async def show(request: Request, context: Context, next: _Next = PATH) -> HTMLResponse:
    language = language_of(request, context)
    return render(request, "sign_in.html", None, language, wrong=False, next=safe_next(next))


@router.post("/sign-in")
async def sign_in(
    request: Request,
    context: Context,
    key: Annotated[str, Form(max_length=300)] = "",
    next: Annotated[str, Form(max_length=300)] = PATH,
) -> Response:
    """Wrong keys are counted by address, as at the API. Who has a language of their own reads the pages in it."""
    must_be_own_form(request)
    async with context.database.read() as session:
        actor = await staff_service.authenticate(session, key.strip())
        agent = await staff_service.find_agent(session, actor.name) if actor else None
    if actor is None or actor.role is Role.CHANNEL:
        context.failed_keys.spend(address_of(request))
        language = language_of(request, context)
        return render(request, "sign_in.html", None, language, 401, wrong=True, next=safe_next(next))
    answer = back_to(safe_next(next))
    set_cookie(answer, request, COOKIE, seal(request.app.state.box, key.strip(), context.clock.now()))
    if agent is not None and agent.language:
        set_cookie(answer, request, LANGUAGE, agent.language, LASTS * 700)
    return answer


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    must_be_own_form(request)
    answer = back_to("/admin/sign-in")
    answer.delete_cookie(COOKIE, path=PATH)
    return answer


@router.post("/language")
async def choose_language(
    request: Request, language: Annotated[str, Form(pattern="^(zh|en)$")], next: Annotated[str, Form(max_length=300)]
) -> Response:
    must_be_own_form(request)
    answer = back_to(safe_next(next))
    set_cookie(answer, request, LANGUAGE, language, LASTS * 700)
    return answer
