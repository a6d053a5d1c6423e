"""Modules and functions stay small enough to be read in one go; rooms' `__init__.py` files stay empty.

Migrations are written by a machine, once, and are left alone.
"""

import ast
from collections.abc import Iterator

from tools.checks.source import Finding, Source

MODULE_LINES = 400
FUNCTION_LINES = 40
_VAGUE = {"utils.py", "helpers.py", "manager.py", "managers.py", "misc.py", "common.py"}


def check(source: Source) -> Iterator[Finding]:
    if source.matches("migrations/versions/*"):
        return
    yield from _module(source)
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (lines := body_lines(node)) > FUNCTION_LINES:
            message = f"{node.name} has {lines} lines, more than {FUNCTION_LINES}: give its steps functions with names"
            yield Finding(source.path, node.lineno, message)


def _module(source: Source) -> Iterator[Finding]:
    name = source.path.rsplit("/", 1)[-1]
    lines = source.text.count("\n")
    if lines > MODULE_LINES:
        yield Finding(source.path, lines, f"{lines} lines, more than {MODULE_LINES}: split it by concept")
    if name in _VAGUE:
        yield Finding(source.path, 1, "name the module after the one thing that it is about")
    if name == "__init__.py" and source.text.strip() and source.is_product:
        yield Finding(source.path, 1, "move the code into a module with a name: a room's __init__.py is empty")


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The lines of the body, without signature and docstring."""
    body = function.body[1:] if ast.get_docstring(function, clean=False) is not None else function.body
    return (body[-1].end_lineno or body[-1].lineno) - body[0].lineno + 1 if body else 0
