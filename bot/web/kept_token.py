"""The token in a cookie, for a frame whose storage the browser refuses.

Browsers keep such a cookie for each embedding site apart; no script can read it, and none but this host can set it. It
only ever holds the token of a visitor who is not logged in: whom a site vouches for, it names on every page.
"""

from starlette.requests import Request
from starlette.responses import Response

from bot.web.sessions import LIFETIME

_NAME = "__Host-kefu"
_RULES = "Path=/; Secure; HttpOnly; SameSite=None; Partitioned"


def find(request: Request) -> str:
    """The token that the browser has kept; empty without one."""
    return request.cookies.get(_NAME, "")


def keep(response: Response, token: str) -> None:
    """From now on, for as long as a session lasts."""
    response.headers.append("set-cookie", f"{_NAME}={token}; Max-Age={int(LIFETIME.total_seconds())}; {_RULES}")


def forget(response: Response) -> None:
    """The browser finds nothing any more."""
    response.headers.append("set-cookie", f"{_NAME}=; Max-Age=0; {_RULES}")
