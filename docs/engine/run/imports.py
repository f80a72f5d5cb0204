"""What a block imports, and what it draws without a seed, read from its code."""

from __future__ import annotations

import ast
import contextlib
import sys
from collections.abc import Collection, Iterator
from importlib.util import find_spec


def undeclared_import(code: str, packages: Collection[str]) -> tuple[str, int] | None:
    """The first module that the code imports from outside the standard library and the declared packages, and its
    line in the code; None if there is none. A chapter needs nothing else, and its cache key knows nothing else."""
    for module, line in _imports(code):
        name = module.partition(".")[0]
        if name not in sys.stdlib_module_names | set(packages) and (
                not name or name in sys.modules or find_spec(name)):
            return name, line  # what is not installed at all fails by itself
    return None


def imported(code: str, packages: Collection[str]) -> list[str]:
    """The modules of these packages that the code imports."""
    return [module for module, _ in _imports(code) if module.partition(".")[0] in packages]


def _imports(code: str) -> Iterator[tuple[str, int]]:
    """Each module that is imported, with its line; a relative import names none."""
    for node in _nodes(code):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "" if node.level else node.module or "", node.lineno


def _nodes(code: str) -> Iterator[ast.AST]:
    """All of the code; nothing of code that cannot be read: running it says so, with its place."""
    with contextlib.suppress(SyntaxError):
        yield from ast.walk(ast.parse(code))


def unseeded(code: str) -> tuple[str, int] | None:
    """The first call that draws random numbers without a seed, and its line: NumPy's global state, `default_rng()`."""
    for node in _nodes(code):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            head, _, last = name.rpartition(".")
            if head in ("np.random", "numpy.random") and last[:1].islower() and last != "default_rng":
                return name, node.lineno
            if last == "default_rng" and not node.args and not node.keywords:
                return f"{name}()", node.lineno
    return None
