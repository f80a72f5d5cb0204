"""Mutants of a chapter's code: how many does its test kill?

    python tests/mutants.py networks [--per-section 8] [--only SECTION|LINE ...]

In each section of `snippets/networks.py` so many places are changed, one at a time: an operator, a sign, a constant, an
index, an axis, two arguments; or a term is dropped. For each, the chapter's test runs on a copy of the book, up to its
first failure. A mutant that lives shows a number that no test asserts, unless it changes nothing that a reader sees.
It forks, so it needs Linux or macOS: what stands before the section has run by then, and what takes long is imported.
First come the tests that killed others of the section, then the quick ones; a mutant takes some two seconds to kill.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import copy
import importlib
import io
import math
import multiprocessing
import os
import random
import re
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace

import matplotlib.pyplot as plt
import pytest
from threadpoolctl import threadpool_limits

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
        for node, new in sorted(chosen, key=lambda place: place[0].lineno):
            if only and not {found[1], str(node.lineno)} & set(only):
                continue
            begin = starts[node.lineno - 1] + node.col_offset
            end = starts[node.end_lineno - 1] + node.end_col_offset
            text = f"({ast.unparse(new)})" if isinstance(node, ast.BinOp | ast.UnaryOp) else ast.unparse(new)
            yield found[1], node.lineno, (source.encode()[:begin] + text.encode() + source.encode()[end:]).decode()


class Chapter:
    """The chapter's code, as far as all mutants of a section share it, and what its tests told so far; a plugin too."""

    def __init__(self, file: Path, test: Path) -> None:
        self.file, self.test, self.done, self.out = file, test, 0, io.StringIO()
        self.module = ModuleType(f"{file.stem}_chapter")
        self.module.__file__ = str(file)
        self.seconds, self.kills, self.sender = Counter(), Counter(), None

    def go_on(self, end: float = math.inf) -> None:
        """Runs the statements that begin before this line."""
        left = ast.parse(self.file.read_text("utf-8")).body[self.done:]
        now = [statement for statement in left if statement.lineno < end]
        with threadpool_limits(1), contextlib.redirect_stdout(self.out):
            exec(compile(ast.Module(now, []), self.file, "exec"), vars(self.module))
        self.done += len(now)

    def passes(self, limit: float | None = None) -> tuple[bool, str]:
        """Does it pass, and which test failed?"""
        receiver, self.sender = multiprocessing.Pipe(duplex=False)
        process = multiprocessing.get_context("fork").Process(target=self.run)
        process.start()
        process.join(limit)
        process.kill()
        process.join()
        failed = "collection" if process.exitcode else ""
        while receiver.poll():
            test, passed, seconds = receiver.recv()
            if passed:
                self.seconds[test] = seconds
            else:
                failed = test
                self.kills[test] += 1
        return process.exitcode == 0, failed if process.exitcode != -9 else "time"

    def run(self) -> None:
        """In a process of its own."""
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(1, 2)
        os._exit(pytest.main(["-x", "-q", "-n0", "--tb=no", "-p", "no:cacheprovider", str(self.test)], plugins=[self]))

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items.sort(key=lambda item: (-self.kills[item.name], self.seconds[item.name]))

    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef, request: pytest.FixtureRequest) -> object:
        """In place of the fixture that runs the chapter from its first line."""
        if fixturedef.argname != "chapter":
            return None
        self.go_on()
        figures = [plt.figure(number) for number in plt.get_fignums()]
        chapter = SimpleNamespace(names=self.module, out=self.out.getvalue().splitlines(), figures=figures)
        fixturedef.cached_result = (chapter, fixturedef.cache_key(request), None)
        return chapter

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed or report.when == "call" and report.passed:  # a skipped test kills nothing
            self.sender.send((report.nodeid.split("::")[-1], report.passed, report.duration))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("chapter")
    parser.add_argument("--per-section", type=int, default=8)
    parser.add_argument("--only", nargs="*", default=[], metavar="SECTION|LINE")
    asked = parser.parse_args()
    name = asked.chapter.replace("-", "_")
    for module in ("scipy.optimize", "scipy.stats", "sklearn.datasets"):
        importlib.import_module(module)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "book"
        shutil.copytree(ROOT, root, ignore=shutil.ignore_patterns(".git", ".cache", "site", ".venv", "node_modules"))
        file, test = root / "snippets" / f"{name}.py", root / "tests" / "chapters" / f"test_{name}.py"
        source = file.read_text("utf-8")
        os.chdir(root)
        sys.dont_write_bytecode = True
        sys.path.insert(0, str(file.parent))
        with contextlib.redirect_stdout(io.StringIO()):  # imports what the tests import
            pytest.main(["-q", "-n0", "--collect-only", str(test)])
        for module in (name, f"tests.chapters.{test.stem}"):
            sys.modules.pop(module, None)
        sys.modules["tests.chapters.conftest"].run_first = lambda module: None  # the code runs once, with its tests
        chapter, place = Chapter(file, test), ""
        begin = time.monotonic()
        for _ in range(2):  # in their order, and the quick ones first
            passed, failed = chapter.passes()
            if not passed:
                sys.exit(f"{failed} in {test.name} fails without any mutant")
        limit = time.monotonic() - begin  # twice what it takes
        killed = total = 0
        for section, line, text in mutants(source, asked.per_section, asked.only):
            if place != (place := section):
                file.write_text(source, "utf-8")
                chapter.go_on(source[:source.index(f"[start:{section}]")].count("\n") + 1)
                chapter.kills.clear()
            file.write_text(text, "utf-8")
            passed, failed = chapter.passes(limit)
            total += 1
            killed += not passed
            was, now = source.splitlines()[line - 1].strip(), text.splitlines()[line - 1].strip()
            fate = f"killed by {failed}" if failed else "LIVED"
            print(f"{file.name}:{line} {section}: {was}  ->  {now}  {fate}", flush=True)
        print(f"{killed} of {total} killed, {(time.monotonic() - begin) / max(1, total):.1f} s each")


if __name__ == "__main__":
    main()
