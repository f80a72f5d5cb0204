"""What a build says in the terminal: how the chapters' runs go, where the broken links are."""

from __future__ import annotations

import logging
import re
import sys
import threading
import time
from pathlib import Path, PurePath

from ..run.results import Result, Watch

log = logging.getLogger("mkdocs.book")
BUDGET = 4.0  # seconds that the code of a chapter may take
CLEAR = "\r\x1b[K"
LINK_WARNING = re.compile(r"^Doc file '(?P<file>[^']+)' contains (?:a|an \w+) (?:\w+ )?link '(?P<link>[^']*)'")
LINK_LOGGERS = ("mkdocs.structure.pages", "mkdocs.structure.nav", "mkdocs.structure.files")


class Progress(Watch):
    """A line for each run as it ends; on a terminal, one live line of those that run. A context around the runs."""

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


def name_places(folder: Path, shown: str) -> None:
    """Adds file and line to MkDocs' warnings about links, which name a page without its language and no line. For this
    process, which builds one language, whose pages lie in `folder`."""

    def place(record: logging.LogRecord) -> bool:
        record.msg, record.args = with_place(record.getMessage(), folder, shown), ()
        return True

    for name in LINK_LOGGERS:
        logging.getLogger(name).filters = [place]


def with_place(message: str, folder: Path, shown: str) -> str:
    """The message with `docs/en/loss.md:18: ` before it, if it is about a link."""
    if not (match := LINK_WARNING.match(message)):
        return message
    file = folder / match["file"]
    lines = file.read_text("utf-8-sig").split("\n") if file.is_file() else []
    line = next((number for number, text in enumerate(lines, 1) if f"]({match['link']}" in text), None)
    return f"{shown}/{match['file']}{f':{line}' if line else ''}: {message}"
