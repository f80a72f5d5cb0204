"""Adds file and line to MkDocs' warnings about links, which name a page without its language and no line."""

from __future__ import annotations

import logging
import re
from pathlib import Path

WARNING = re.compile(r"^Doc file '(?P<file>[^']+)' contains (?:a|an \w+) (?:\w+ )?link '(?P<link>[^']*)'")
LOGGERS = ("mkdocs.structure.pages", "mkdocs.structure.nav", "mkdocs.structure.files")


def with_place(message: str, folder: Path, shown: str) -> str:
    """The message with `docs/en/loss.md:18: ` before it, if it is about a link; `folder` is the language's."""
    if not (match := WARNING.match(message)):
        return message
    file = folder / match["file"]
    lines = file.read_text("utf-8-sig").split("\n") if file.is_file() else []
    line = next((number for number, text in enumerate(lines, 1) if f"]({match['link']}" in text), None)
    return f"{shown}/{match['file']}{f':{line}' if line else ''}: {message}"


class LinkPlaces(logging.Filter):
    def __init__(self, folder: Path, shown: str) -> None:
        super().__init__()
        self.folder, self.shown = folder, shown

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = with_place(record.getMessage(), self.folder, self.shown), ()
        return True


def name_places(folder: Path, shown: str) -> None:
    """For this process, which builds one language."""
    for name in LOGGERS:
        logger = logging.getLogger(name)
        logger.filters = [other for other in logger.filters if not isinstance(other, LinkPlaces)]
        logger.addFilter(LinkPlaces(folder, shown))
