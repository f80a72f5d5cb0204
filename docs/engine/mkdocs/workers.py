"""One process per language, which builds that language's site whenever it is asked to.

Made with the first build, before MkDocs' server starts its threads, so that forking is safe; it lives as long as the
build or the server does.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import traceback
from multiprocessing.connection import Connection

from ..run.orphans import end_with_parent
from .language import Report, Task, build_language


class LanguageProcess:
    def __init__(self) -> None:
        # Forked on Linux, where MkDocs is then loaded already; elsewhere, where forking is not safe, a new interpreter.
        fork = sys.platform == "linux"
        context = multiprocessing.get_context("fork") if fork else multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, self.connection, os.getpid()), daemon=True)
        self.process.start()
        theirs.close()
        self.busy = False

    def start(self, task: Task) -> None:
        """Begins a build; `finish` waits for it."""
        if self.busy:  # the root build ended before it took the last report
            self.finish()
        self.connection.send(task)
        self.busy = True

    def finish(self) -> Report:
        self.busy = False
        try:
            return self.connection.recv()
        except (EOFError, OSError):
            self.process.join()
            return Report(error=f"the process that builds this language died (exit status {self.process.exitcode})")

    def alive(self) -> bool:
        return self.process.is_alive()

    def close(self) -> None:
        self.connection.close()
        self.process.terminate()
        self.process.join()


def _serve(connection: Connection, parents_end: Connection, parent: int) -> None:
    end_with_parent(parent)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends it at once; the parent says what happened
    parents_end.close()  # so that the end of the parent is seen here as the end of the input
    while True:
        try:
            task = connection.recv()
        except EOFError:
            return
        try:
            report = build_language(task)
        except Exception:
            report = Report(error=traceback.format_exc())
        connection.send(report)
