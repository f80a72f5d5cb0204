"""The process of one chapter: forked from the pool, it runs the chapter's steps and reports each as it goes."""

from __future__ import annotations

import os
import sys
import tempfile
import threading
import time
from multiprocessing.connection import Connection

from .capture import refuse_outside_world
from .session import Session, StepFailed, run_steps

PARENT_POLL = 0.5  # seconds


def run(job: dict, folder: str, connection: Connection) -> None:
    """Runs `job["steps"]` in the empty `folder`; sends ("start", index), ("result", index, result), at last ("end", failure or None)."""
    if hasattr(os, "setsid"):
        os.setsid()  # the whole group can be ended at once, and Ctrl-C reaches the build alone
        _end_with_parent(os.getppid())
    os.chdir(folder)
    _redirect_descriptors()
    _use_style(job["style"])
    allowed = set(sys.modules)
    refuse_outside_world()
    connection.send(("end", _run_steps(job, connection, allowed)))
    connection.close()
    os._exit(0)  # threads that a block left behind end here


def _run_steps(job: dict, connection: Connection, allowed: set[str]) -> dict | None:
    index = -1
    steps = job["steps"]
    try:
        session = Session()
        for index in range(len(steps)):
            connection.send(("start", index))
            for _, result in run_steps(steps[index : index + 1], session):
                _refuse_undeclared(job["packages"], allowed)
                connection.send(("result", index, result))
    except StepFailed as failure:
        return {"step": index, "message": failure.message, "place": failure.place}
    return None


def _refuse_undeclared(packages: list[str], allowed: set[str]) -> None:
    """A chapter needs nothing but the declared packages: whatever else it imports would not be in its cache key."""
    new = {name.partition(".")[0] for name in set(sys.modules) - allowed}
    for name in sorted(new - set(packages) - sys.stdlib_module_names):
        origin = getattr(getattr(sys.modules.get(name), "__spec__", None), "origin", None) or ""
        if "site-packages" in origin or "dist-packages" in origin:
            raise StepFailed(f"imports {name!r}, which is not among the packages that chapters may use "
                             f"({', '.join(packages)}); declare it in [tool.book] of pyproject.toml, or do without")
    allowed.update(sys.modules)


def _use_style(style: str | None) -> None:
    import matplotlib

    matplotlib.use("agg")
    if style:
        matplotlib.style.use(style)


def _redirect_descriptors() -> None:
    """Descriptors 1 and 2 become empty files, so that output below Python is seen; 0 has nothing to read."""
    source = os.open(os.devnull, os.O_RDONLY)
    os.dup2(source, 0)
    os.close(source)
    for descriptor in (1, 2):
        with tempfile.TemporaryFile() as file:
            os.dup2(file.fileno(), descriptor)


def _end_with_parent(parent: int) -> None:
    """When the pool is gone, nobody waits for this chapter."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(PARENT_POLL)
        os._exit(1)

    threading.Thread(target=watch, daemon=True, name="end-with-parent").start()
