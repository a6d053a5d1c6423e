"""Relationships never load by themselves: a read that nobody sees would run outside its transaction, or once a row."""

import ast
from collections.abc import Iterator

from tools.checks.source import Finding, Source


def check(source: Source) -> Iterator[Finding]:
    if not source.is_product:
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "relationship":
            lazy = {keyword.arg: keyword.value for keyword in node.keywords}.get("lazy")
            if not (isinstance(lazy, ast.Constant) and lazy.value in ("raise", "raise_on_sql")):
                yield Finding(source.path, node.lineno, 'give the relationship lazy="raise" and load it in the query')
