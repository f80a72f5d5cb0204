"""Runs chapters side by side, each in a process of its own: `python -P -m book_engine.run.pool_process PID`.

PID is the build's. Reads one line of JSON from standard input, jobs and the number of workers; writes a line when a
job begins, one with its result when it ends, in whatever order; again until the input ends. It holds NumPy and
matplotlib, so that a process forked from it starts in some 10 ms. It is a program of its own, not `multiprocessing`'s
forkserver, because that one imports MkDocs' main module anew in each process, and because this one has no threads and
can be forked safely.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from . import chapter_process
from .drawing import set_style

POLL = 0.2  # seconds between looks at the clock and at the parent
CAN_FORK = "fork" in multiprocessing.get_all_start_methods()
PROCESSES = multiprocessing.get_context("fork") if CAN_FORK else multiprocessing.get_context("spawn")


@dataclass
class Running:
    """A chapter under way."""

    number: int  # of its job in the batch
    job: dict
    process: BaseProcess
    folder: str  # its working directory, empty at first
    results: list = field(default_factory=list)
    step: int = -1
    deadline: float | None = None  # none before its first step: imports may be slow where there is no fork
    failure: dict | None = None
    ended: bool = False

    def take(self, connection: Connection) -> None:
        """Reads one message of the chapter's process; a broken pipe means that it died."""
        try:
            kind, content = json.loads(connection.recv_bytes())
        except (EOFError, OSError):
            self.fail(f"the process died ({_cause(self.process)})")
            return
        if kind == "start":
            self.step = content
            self.deadline = time.monotonic() + self.job["steps"][self.step]["timeout"]
        elif kind == "result":
            self.results.append(content)
        else:
            self.failure, self.ended = content, True

    def fail(self, message: str) -> None:
        self.failure = {"step": max(self.step, 0), "message": message, "place": None}
        self.ended = True

    def check_time(self) -> None:
        if not self.ended and self.deadline is not None and time.monotonic() > self.deadline:
            self.fail(f"ran longer than its limit of {self.job['steps'][self.step]['timeout']:g} s; "
                      "make it faster or give the block timeout=…")


def run_batch(jobs: list[dict], workers: int, parent: int | None, tell: Callable[[int, dict | None], None]) -> None:
    """Tells of each job, by its number, that it begins (None) and its result when it has ended:
    {"results": […], "failure": None or {"step", "message", "place"}}."""
    # The longest code first, or one chapter runs alone at the end.
    waiting = sorted(list(enumerate(jobs))[::-1], key=lambda job: sum(len(step["code"]) for step in job[1]["steps"]))
    running: dict[Connection, Running] = {}
    try:
        while waiting or running:
            while waiting and len(running) < workers:
                connection, chapter = _start(*waiting.pop())
                running[connection] = chapter
                tell(chapter.number, None)
            ready = wait(list(running), timeout=POLL)
            for connection, chapter in list(running.items()):
                if connection in ready:
                    chapter.take(connection)
                chapter.check_time()
                if chapter.ended:
                    del running[connection]
                    _end(chapter, connection)
                    tell(chapter.number, {"results": chapter.results, "failure": chapter.failure})
            if parent is not None and os.getppid() != parent:
                sys.exit("the build is gone")
    finally:
        for connection, chapter in running.items():
            _end(chapter, connection)


def _start(number: int, job: dict) -> tuple[Connection, Running]:
    ours, theirs = PROCESSES.Pipe(duplex=False)
    folder = tempfile.mkdtemp(prefix="chapter-")
    process = PROCESSES.Process(target=chapter_process.run, args=(job, folder, os.getpid(), theirs), daemon=True)
    process.start()
    theirs.close()
    return ours, Running(number, job, process, folder)


def _end(chapter: Running, connection: Connection) -> None:
    """Ends the chapter's process and whatever it started."""
    connection.close()
    chapter.process.join(timeout=1.0 if chapter.failure is None else 0.05)
    if chapter.process.pid and hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(chapter.process.pid, signal.SIGKILL)
    chapter.process.kill()
    chapter.process.join()
    shutil.rmtree(chapter.folder, ignore_errors=True)


def _cause(process: BaseProcess) -> str:
    process.join(timeout=1.0)
    code = process.exitcode
    if code is not None and code < 0:
        return f"killed by {signal.Signals(-code).name}"
    return f"exit status {code}"


def _load_libraries() -> None:
    """NumPy, matplotlib, its fonts and what a first figure loads: once here, inherited by every chapter."""
    import matplotlib.pyplot as plt

    set_style(None)
    figure, axes = plt.subplots()
    axes.set(xlabel="$x$", ylabel="y")
    figure.savefig(io.StringIO(), format="svg")
    plt.close(figure)


def _load_imports(jobs: list[dict]) -> None:
    """What the blocks of these jobs import from packages that pages may use: once here, inherited by every chapter, for
    scikit-learn takes longer to load than most chapters run. What does not load fails in its own block."""
    for job in jobs if CAN_FORK else ():
        for step in job["steps"]:
            if step["kind"] == "block":
                for name in chapter_process.imported(step["code"], job["packages"]):
                    with contextlib.suppress(Exception), warnings.catch_warnings(action="ignore"):
                        importlib.import_module(name)


def main() -> None:
    _load_libraries()
    if hasattr(signal, "SIGTERM"):
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    parent = int(sys.argv[1]) if CAN_FORK else None
    requests, replies = sys.stdin, os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # nothing but replies goes to the build

    def tell(number: int, reply: dict | None) -> None:
        replies.write(json.dumps([number, reply]) + "\n")
        replies.flush()

    for line in requests:
        request = json.loads(line)
        _load_imports(request["jobs"])
        run_batch(request["jobs"], request["workers"], parent, tell)


if __name__ == "__main__":
    main()
