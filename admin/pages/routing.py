"""How pages answer to what goes wrong: whoever is not signed in is asked to, everybody else reads what happened."""

from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import quote, urlsplit

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from fastapi.routing import APIRoute
from sqlalchemy.orm.exc import StaleDataError
from starlette.exceptions import HTTPException

from admin.api.errors import status_of
from admin.pages.faults import Fault, of_code, of_error, of_form
from admin.pages.rendering import render
from admin.pages.visitor import SignInFirst, find_viewer, language_of
from core.errors import Conflict, KefuError

HTTP_TOO_LARGE = 413


class PageRoute(APIRoute):
    """A page or a form. A domain error becomes a page that says it, with the way back."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_for_people(request: Request) -> Response:
            try:
                return await handle(request)
            except SignInFirst:
                return to_sign_in(request)
            except KefuError as error:
                return await _said(request, status_of(error), of_error(error, await _language(request)))
            except StaleDataError:
                moved = Conflict("somebody else changed this at the same moment")
                return await _said(request, status_of(moved), of_error(moved, await _language(request)))
            except HTTPException as error:
                if error.status_code != HTTP_TOO_LARGE:
                    raise
                return await _said(request, HTTP_TOO_LARGE, of_code(_too_large(request), await _language(request)))
            except RequestValidationError as error:
                return await _said(request, 422, of_form(error, await _language(request)))

        return handle_for_people


def _too_large(request: Request) -> str:
    """Which of the two was more than is taken: files, or words."""
    takes_files = request.headers.get("content-type", "").startswith("multipart/")
    return "file_too_large" if takes_files else "too_large"


def to_sign_in(request: Request) -> RedirectResponse:
    back = request.url.path if request.method == "GET" else "/admin"
    return RedirectResponse(f"/admin/sign-in?next={quote(back)}", 303)


def back_to(address: str) -> RedirectResponse:
    """After a form: the page is fetched anew, so that going back or reloading sends nothing twice."""
    return RedirectResponse(address, 303)


def safe_next(address: str) -> str:
    """Where to go after signing in: a page of these, whatever was asked for."""
    parts = urlsplit(address)
    is_ours = not parts.scheme and not parts.netloc and (address == "/admin" or address.startswith("/admin/"))
    return address if is_ours else "/admin"


async def _language(request: Request) -> str:
    context = request.app.state.context
    viewer = await find_viewer(request, context)
    return viewer.language if viewer else language_of(request, context)


async def _said(request: Request, status: int, fault: Fault) -> Response:
    context = request.app.state.context
    viewer = await find_viewer(request, context)
    back = urlsplit(request.headers.get("referer", "")).path
    language = viewer.language if viewer else language_of(request, context)
    return render(request, "error.html", viewer, language, status, fault=fault, back=safe_next(back))
