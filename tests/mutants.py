"""Mutants of a chapter's code: how many does its test kill?

    python tests/mutants.py networks [--per-section 8] [--only SECTION ...]

In each section of `snippets/networks.py` so many places are changed, one at a time: an operator, a sign, a constant, an
index, an axis, two arguments; or a term is dropped. For each, the chapter's test runs on a copy of the book, up to its
first failure. A mutant that lives shows a number that no test asserts, unless it changes nothing that a reader sees.
It forks, so it needs Linux or macOS, and takes some ten seconds a mutant.
"""

from __future__ import annotations

import argparse
import ast
import copy
import importlib
import multiprocessing
import os
import random
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SECTION = re.compile(r"# --8<-- \[start:(\w+)\]\n(.*?)# --8<-- \[end:\1\]", re.S)
OPERATORS = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult,
             ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE,
             ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.And: ast.Or, ast.Or: ast.And}
NAMES = {"min": "max", "argmin": "argmax", "minimum": "maximum", "mean": "sum", "sin": "cos", "median": "mean"}
NAMES |= {new: old for old, new in NAMES.items() if new != "mean"}


def changes(node: ast.AST) -> Iterator[ast.AST]:
    """What may stand in a node's place."""
    def changed(**fields) -> ast.AST:
        new = copy.deepcopy(node)
        for name, value in fields.items():
            setattr(new, name, value)
        return new

    match node:
        case ast.Constant(value=bool()):
            yield changed(value=not node.value)
        case ast.Constant(value=int() | float() as value):
            yield changed(value=value + 1 if isinstance(value, int) else round(value * 1.5, 9) or 1.0)
        case ast.UnaryOp(op=ast.USub() | ast.Not()):
            yield node.operand
        case ast.BinOp() | ast.BoolOp():
            if type(node.op) in OPERATORS:
                yield changed(op=OPERATORS[type(node.op)]())
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
                yield node.left
        case ast.Compare(ops=[op]) if type(op) in OPERATORS:
            yield changed(ops=[OPERATORS[type(op)]()])
        case ast.Attribute(attr=name) if name in NAMES:
            yield changed(attr=NAMES[name])
        case ast.Call(args=[first, second, *rest]) if not any(isinstance(arg, ast.Starred) for arg in node.args):
            yield changed(args=[second, first, *rest])


def mutants(source: str, number: int, only: list[str]) -> Iterator[tuple[str, int, str]]:
    """(section, line, the mutated source), the same ones in every run."""
    lines = source.encode().splitlines(keepends=True)
    starts = [sum(map(len, lines[:k])) for k in range(len(lines))]
    tree = ast.parse(source)
    inside = {child for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for child in ast.walk(node)}
    for found in SECTION.finditer(source):
        first, last = (source[: found.start(2)].count("\n") + 1, source[: found.end(2)].count("\n"))
        places = [(node, new) for node in ast.walk(tree) if node not in inside and isinstance(node, ast.expr)
                  and first <= node.lineno <= last for new in changes(node)]
        chosen = random.Random(found[1]).sample(places, min(number, len(places)))
        for node, new in sorted(chosen, key=lambda place: place[0].lineno) if not only or found[1] in only else ():
            begin = starts[node.lineno - 1] + node.col_offset
            end = starts[node.end_lineno - 1] + node.end_col_offset
            text = f"({ast.unparse(new)})" if isinstance(node, ast.BinOp | ast.UnaryOp) else ast.unparse(new)
            yield found[1], node.lineno, (source.encode()[:begin] + text.encode() + source.encode()[end:]).decode()


class Once:
    """The chapter runs in the process of its test alone, not in one of its own before that."""

    def pytest_configure(self) -> None:
        importlib.import_module("book_engine.pytest_plugin").run_first = lambda module: None


def run(test: Path) -> None:
    """In a process of its own, which has loaded what takes long."""
    os.chdir(test.parents[2])
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(1, 2)
    sys.dont_write_bytecode = True
    os._exit(pytest.main(["-x", "-q", "-n0", "-p", "no:cacheprovider", str(test)], plugins=[Once()]))


def passes(test: Path, limit: float | None = None) -> bool:
    process = multiprocessing.get_context("fork").Process(target=run, args=(test,))
    process.start()
    process.join(limit)
    process.kill()
    process.join()
    return process.exitcode == 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("chapter")
    parser.add_argument("--per-section", type=int, default=8)
    parser.add_argument("--only", nargs="*", default=[], metavar="SECTION")
    asked = parser.parse_args()
    name = asked.chapter.replace("-", "_")
    for module in ("matplotlib.pyplot", "scipy.optimize", "scipy.stats", "sklearn.datasets"):
        importlib.import_module(module)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "book"
        shutil.copytree(ROOT, root, ignore=shutil.ignore_patterns(".git", ".cache", "site", ".venv", "node_modules"))
        file, test = root / "snippets" / f"{name}.py", root / "tests" / "chapters" / f"test_{name}.py"
        source = file.read_text("utf-8")
        begin = time.monotonic()
        if not passes(test):
            sys.exit(f"{test.name} fails without any mutant")
        limit = 5 * (time.monotonic() - begin)
        killed = total = 0
        for section, line, text in mutants(source, asked.per_section, asked.only):
            file.write_text(text, "utf-8")
            lives, total = passes(test, limit), total + 1
            killed += not lives
            was, now = source.splitlines()[line - 1].strip(), text.splitlines()[line - 1].strip()
            print(f"{'LIVED ' if lives else 'killed'} {file.name}:{line} {section}: {was}  ->  {now}", flush=True)
    print(f"{killed} of {total} killed")


if __name__ == "__main__":
    main()
