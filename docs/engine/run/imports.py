"""What a block imports, and what it draws without a seed, read from its code."""

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
            names = ["" if node.level else node.module or ""]
        else:
            continue
        for name in (name.partition(".")[0] for name in names):
            if name not in sys.stdlib_module_names | set(packages) and (
                    not name or name in sys.modules or find_spec(name)):
                return name, node.lineno  # what is not installed at all fails by itself
    return None


def imported(code: str, packages: Collection[str]) -> list[str]:
    """The modules of these packages that the code imports."""
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return []
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.append(node.module)
    return [name for name in names if name.partition(".")[0] in packages]


def unseeded(code: str) -> tuple[str, int] | None:
    """The first call that draws random numbers without a seed, and its line: NumPy's global state, `default_rng()`."""
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            head, _, last = name.rpartition(".")
            if head in ("np.random", "numpy.random") and last[:1].islower() and last != "default_rng":
                return name, node.lineno
            if last == "default_rng" and not node.args and not node.keywords:
                return f"{name}()", node.lineno
    return None
