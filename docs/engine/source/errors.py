"""The one error that the engine raises for bad input."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path

LISTED = 20  # words that a hint names

class BookError(Exception):
    """Bad input: where it is, what was found, what was expected, how to mend it.

    `path` is relative to the project root wherever that is known; `line` counts from 1 in the whole file,
    front matter included.
    """

    def __init__(self, message: str, *, path: str | Path | None = None, line: int | None = None):
        super().__init__(message)  # alone: pickle, by which errors travel between processes, adds the rest
        self.message = message
        self.path = None if path is None else str(path)
        self.line = line

    def __str__(self) -> str:
        place = self.path or ""
        if self.path and self.line:
            place += f":{self.line}"
        return f"{place}: {self.message}" if place else self.message


@contextmanager
def errors_at(path: str, line: int) -> Iterator[None]:
    """What raises a BookError without a place in here raises it with this one."""
    try:
        yield
    except BookError as error:
        if error.path:
            raise
        raise BookError(error.message, path=path, line=line) from None


def nearest(found: str, known: Iterable[str]) -> str:
    """A hint that names the known word closest to a misspelt one, or what is known if none is close."""
    known = sorted(known)
    close = get_close_matches(found, known, n=1, cutoff=0.5)
    if close:
        return f"Did you mean {close[0]!r}?"
    if len(known) > LISTED:
        return f"None is like it; known: {', '.join(known[:LISTED])} and {len(known) - LISTED} more."
    return f"Known: {', '.join(known)}." if known else "There is none yet."
