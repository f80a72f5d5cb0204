"""The process of one chapter: forked from the pool, it runs the chapter's steps and reports each as it goes. Refused
before it runs is a block that imports an undeclared package or draws random numbers without a seed."""

from __future__ import annotations

import ast
import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Collection, Iterator
from importlib.util import find_spec
from multiprocessing.connection import Connection
from pathlib import Path

from .capture import Streams, refuse_outside_world
from .drawing import set_style
from .output import StepFailed
from .pool import end_with_parent
from .session import FILENAME, Session

ENGINE = __name__.partition(".")[0]


def run(job: dict, folder: str, pool: int, connection: Connection) -> None:
    """Runs `job["steps"]` in the empty `folder`.

    Sends "start" with the step's index and "result" with its result, at last "end" with the failure or None.
    """
    if hasattr(os, "setsid"):
        os.setsid()  # the whole group can be ended at once, and Ctrl-C reaches the build alone
    end_with_parent(pool)
    os.chdir(folder)
    _redirect_descriptors()
    problem = _use_style(job["style"])
    _forget_the_engine()
    sys.dont_write_bytecode = True  # nothing is written beside modules that a block imports
    os.environ["TMPDIR"] = tempfile.tempdir = folder
    refuse_outside_world(folder)
    send(connection, "end", problem or _run_steps(job, connection))
    connection.close()
    os._exit(0)  # threads that a block left behind end here


def send(connection: Connection, kind: str, content) -> None:
    """As JSON, not as a pickle: nothing that a block made is built anew in the pool."""
    connection.send_bytes(json.dumps([kind, content], default=vars).encode())


def _run_steps(job: dict, connection: Connection) -> dict | None:
    session = Session()
    for index, step in enumerate(job["steps"]):
        send(connection, "start", index)
        start = f"{FILENAME}{step['file']}:{step['first_line']}" if step["kind"] == "block" else None
        try:
            if step["kind"] == "block":
                _refuse_at_sight(step, job["packages"])
            send(connection, "result", session.run_step(step))
        except StepFailed as failure:
            return {"step": index, "message": failure.message, "place": failure.place or start}
    return None


def _refuse_at_sight(step: dict, packages: list[str]) -> None:
    if found := undeclared_import(step["code"], packages):
        fault = (f"imports {found[0]!r}, which is not among the packages that chapters may use "
                 f"({', '.join(packages)}); declare it in [tool.book] of pyproject.toml, or do without")
    elif step["raises"] is None and (found := unseeded(step["code"])):
        fault = (f"draws from {found[0]}, which gives other numbers in every run; write "
                 "rng = np.random.default_rng(0), with a number, and draw from rng")
    else:
        return
    raise StepFailed(fault, f"{FILENAME}{step['file']}:{step['first_line'] + found[1] - 1}")


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


def _nodes(code: str) -> Iterator[ast.AST]:
    """All of the code; nothing of code that cannot be read: running it says so, with its place."""
    with contextlib.suppress(SyntaxError):
        yield from ast.walk(ast.parse(code))


def _forget_the_engine() -> None:
    """Blocks import the packages that pages may use, not the engine or what lies in the folder of the build."""
    sys.path[:] = [entry for entry in sys.path if entry not in ("", ".")]
    for name in [name for name in sys.modules if name.partition(".")[0] == ENGINE]:
        del sys.modules[name]
    # An import of it fails as if it were not installed: Python's own way, which typeshed does not know.
    sys.modules[ENGINE] = None  # pyright: ignore[reportArgumentType]


def _use_style(style: str | None) -> dict | None:
    """Sets the style of the figures; says what is wrong with its file, as a failure of the first step."""
    problem = None
    with Streams() as streams:
        try:
            set_style(style)
        except (OSError, ValueError) as error:
            problem = str(error)
        problem = problem or streams.complaint()
    return {"step": 0, "message": f"the style of the figures: {problem}",
            "place": f"docs/assets/{Path(style or '').name}"} if problem else None


def _redirect_descriptors() -> None:
    """Descriptors 1 and 2 become empty files, so that output below Python is seen; 0 has nothing to read."""
    source = os.open(os.devnull, os.O_RDONLY)
    os.dup2(source, 0)
    os.close(source)
    for descriptor in (1, 2):
        with tempfile.TemporaryFile() as file:
            os.dup2(file.fileno(), descriptor)
