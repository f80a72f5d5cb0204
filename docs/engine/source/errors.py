"""The one error that the engine raises for bad input."""

from __future__ import annotations

from pathlib import Path


class BookError(Exception):
    """Bad input: where it is, what was found, what was expected, how to mend it.

    `path` is relative to the project root wherever that is known; `line` counts from 1 in the whole file,
    front matter included.
    """

    def __init__(self, message: str, *, path: str | Path | None = None, line: int | None = None):
        self.message = message
        self.path = None if path is None else str(path)
        self.line = line
        super().__init__(message)

    def __str__(self) -> str:
        place = self.path or ""
        if self.path and self.line:
            place += f":{self.line}"
        return f"{place}: {self.message}" if place else self.message

    def __reduce__(self):
        # Errors travel between processes: keep the keyword arguments.
        return (_rebuild, (self.message, self.path, self.line))


def _rebuild(message: str, path: str | None, line: int | None) -> BookError:
    return BookError(message, path=path, line=line)
