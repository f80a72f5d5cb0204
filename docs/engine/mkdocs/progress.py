"""Says how the chapters' runs go: a line for each as it ends; on a terminal, one live line of those that run."""

from __future__ import annotations

import logging
import sys
import threading
import time
from pathlib import PurePath

from ..run.results import Result, Watch

log = logging.getLogger("mkdocs.book")
BUDGET = 4.0  # seconds that the code of a chapter may take
CLEAR = "\r\x1b[K"


class Progress(Watch):
    """Use it as a context around the runs."""

    def __init__(self) -> None:
        self.live = sys.stderr.isatty()
        self.running: dict[str, float] = {}  # when each run began, by its name
        self.total = self.done = 0
        self.stopped = threading.Event()
        self.clock = threading.Thread(target=self._tick, daemon=True)

    def __enter__(self) -> Progress:
        self.began = time.monotonic()
        if self.live:
            self.clock.start()
        return self

    def __exit__(self, *error) -> None:
        self.stopped.set()
        if self.live:
            self.clock.join()
            sys.stderr.write(CLEAR)

    def begins(self, pages: list[str], of: int) -> None:
        if not self.total:
            log.info(f"Running {of} of the book's pages; results are kept")
        self.total = of
        self.running[_name(pages)] = time.monotonic()

    def ended(self, pages: list[str], result: Result) -> None:
        self.done += 1
        self.running.pop(_name(pages), None)
        over = f", over the budget of {BUDGET:g} s" if result.seconds > BUDGET else ""
        count = f"{len(result.blocks)} block{'s' if len(result.blocks) != 1 else ''}"
        said = f"Ran {_name(pages)}: {count}, {result.seconds:.2f} s{over} ({self.done} of {self.total})"
        if self.live:
            sys.stderr.write(CLEAR)
        log.info(said)

    def _tick(self) -> None:
        while not self.stopped.wait(0.5):
            now = time.monotonic()
            running = ", ".join(f"{name} {now - began:.0f} s" for name, began in list(self.running.items()))
            if running:
                sys.stderr.write(f"{CLEAR}running {self.done + 1} of {self.total}, {now - self.began:.0f} s: {running}")
                sys.stderr.flush()


def _name(pages: list[str]) -> str:
    """`loss`, `labs/digit-classifier`: what twins share."""
    return PurePath(*PurePath(pages[0]).parts[2:]).with_suffix("").as_posix()
