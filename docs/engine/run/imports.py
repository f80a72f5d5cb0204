"""What a block imports, read from its code."""

from __future__ import annotations

import ast
import sys
from collections.abc import Collection
from importlib.util import find_spec


def undeclared_import(code: str, packages: Collection[str]) -> tuple[str, int] | None:
    """The first module that the code imports from outside the standard library and the declared packages, and its
    line in the code; None if there is none. A chapter needs nothing else, and its cache key knows nothing else."""
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return None  # running it says so, with its place
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module if not node.level else ""]
        else:
            continue
        for name in (name.partition(".")[0] for name in names):
            if name not in sys.stdlib_module_names | set(packages) and (
                    not name or name in sys.modules or find_spec(name)):
                return name, node.lineno  # what is not installed at all fails by itself
    return None
