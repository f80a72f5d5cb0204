"""The process of one chapter: forked from the pool, it runs the chapter's steps and reports each as it goes."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from multiprocessing.connection import Connection
from pathlib import Path

from .capture import Streams, refuse_outside_world
from .drawing import set_style
from .imports import undeclared_import, unseeded
from .orphans import end_with_parent
from .session import FILENAME, Session, StepFailed

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
    _stay_in(folder)
    refuse_outside_world(folder)
    send(connection, "end", problem or _run_steps(job, connection))
    connection.close()
    os._exit(0)  # threads that a block left behind end here


def _stay_in(folder: str) -> None:
    """Temporary files are made in the folder too; nothing is written beside modules that a block imports."""
    sys.dont_write_bytecode = True
    os.environ["TMPDIR"] = tempfile.tempdir = folder


def send(connection: Connection, kind: str, content) -> None:
    """As JSON, not as a pickle: nothing that a block made is built anew in the pool."""
    connection.send_bytes(json.dumps([kind, content], default=vars).encode())


def _run_steps(job: dict, connection: Connection) -> dict | None:
    session = Session()
    for index, step in enumerate(job["steps"]):
        send(connection, "start", index)
        try:
            _refuse_at_sight(step, job["packages"])
            send(connection, "result", session.run_step(step))
        except StepFailed as failure:
            return {"step": index, "message": failure.message, "place": failure.place}
    return None


def _refuse_at_sight(step: dict, packages: list[str]) -> None:
    if step["kind"] != "block":
        return
    if found := undeclared_import(step["code"], packages):
        name, line = found
        raise StepFailed(f"imports {name!r}, which is not among the packages that chapters may use "
                         f"({', '.join(packages)}); declare it in [tool.book] of pyproject.toml, or do without",
                         f"{FILENAME}{step['file']}:{step['first_line'] + line - 1}")
    if step["raises"] is None and (found := unseeded(step["code"])):
        name, line = found
        raise StepFailed(f"draws from {name}, which gives other numbers in every run; write "
                         "rng = np.random.default_rng(0), with a number, and draw from rng",
                         f"{FILENAME}{step['file']}:{step['first_line'] + line - 1}")


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
