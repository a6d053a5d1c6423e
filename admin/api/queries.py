"""What follows the question mark: a misspelt filter is refused, not ignored; an empty one is none."""

from collections.abc import Collection
from difflib import get_close_matches
from urllib.parse import parse_qsl, urlencode

from fastapi import Request
from fastapi.dependencies.models import Dependant

from core.errors import InvalidInput


def known_parameters(dependant: Dependant) -> frozenset[str]:
    """The names of the query parameters that a route reads."""
    own = frozenset(str(field.alias) for field in dependant.query_params)
    return own.union(*(known_parameters(dependency) for dependency in dependant.dependencies))


def tidy_query(request: Request, known: Collection[str]) -> None:
    """Drops parameters without a value (`?state=&kind=reply`) from the request.

    Raises:
        InvalidInput: a parameter that the route does not have.
    """
    query: bytes = request.scope.get("query_string", b"")
    if not query:
        return
    given = parse_qsl(query.decode("latin-1"), keep_blank_values=True, errors="replace")
    faults = {name: _hint(name, known) for name, _ in given if name not in known}
    if faults:
        raise InvalidInput("; ".join(f"{name}: {reason}" for name, reason in faults.items()), faults)
    request.scope["query_string"] = urlencode([(name, value) for name, value in given if value]).encode()


def _hint(name: str, known: Collection[str]) -> str:
    near = get_close_matches(name, known, n=1)
    listed = ", ".join(sorted(known)) or "none"
    return f"is no parameter here; did you mean {near[0]}?" if near else f"is no parameter here; known: {listed}"
