"""Reads the data of the reference pages: TOML files of one table per entry, checked against a schema.

The header of a table is the entry's id, so TOML itself refuses an id that is given twice. Every error names the line.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..source.errors import BookError
from ..source.files import read_text
from ..source.snippets import nearest
from .schema import Schema

AT_LINE = re.compile(r"\(at line (\d+), column \d+\)")
HEADER = re.compile(r'^\s*\[\s*"?([^\]"]+?)"?\s*\]', re.M)

@dataclass(frozen=True)
class Entry:
    """One entry; `line` is its header's, `text` the file, so that errors can name the line of a key."""

    id: str
    values: Mapping[str, Any]
    path: str
    line: int
    text: str = field(repr=False)

    def __getitem__(self, key: str) -> Any:
        return self.values[key]

    def get(self, key: str, default: Any = None) -> Any:
        return self.values.get(key, default)

    def error(self, message: str, key: str = "", within: str = "") -> BookError:
        """An error at a key of this entry (`answer` or `answer.zh`), or at the line below it that holds `within`."""
        return BookError(f"[{self.id}] {message}", path=self.path, line=self._line(key, within))

    def _line(self, key: str, within: str) -> int:
        lines = self.text.split("\n")
        below = range(self.line, len(lines))
        end = next((number for number in below if HEADER.match(lines[number])), len(lines))
        start = next((number for number in range(self.line, end) if _sets(lines[number], key)), self.line - 1)
        return next((number for number in range(start, end) if within and within in lines[number]), start) + 1


def _sets(line: str, key: str) -> bool:
    return bool(key) and re.match(rf"{re.escape(key)}(?:\.\w+)?\s*=", line) is not None


def read_entries(file: Path, path: str, schema: Schema) -> dict[str, Entry]:
    """The entries of a file by id, in its order. BookError at the first fault."""
    text = read_text(file, path)
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = AT_LINE.search(str(error))
        reason = AT_LINE.sub("", str(error)).strip()
        hint = "; each id is given once" if "twice" in reason or "overwrite" in reason else ""
        raise BookError(f"not TOML: {reason}{hint}. Text with a backslash stands in 'single quotes' or '''three'''",
                        path=path, line=int(found[1]) if found else None) from None
    lines = {match[1]: text.count("\n", 0, match.start(1)) + 1 for match in HEADER.finditer(text)}
    entries = {id_: Entry(id_, values if isinstance(values, dict) else {}, path, lines.get(id_, 1), text)
               for id_, values in tables.items()}
    for entry in entries.values():
        _check(entry, tables[entry.id], schema)
    return entries


def _check(entry: Entry, values: object, schema: Schema) -> None:
    if not isinstance(values, dict) or not schema.ids.fullmatch(entry.id):
        raise entry.error(f"is no entry: expected a table [id] whose id is made of {schema.id_form}")
    known = {**schema.required, **schema.optional}
    for key, value in values.items():
        if key not in known:
            raise entry.error(f"has the unknown key {key!r}. {nearest(key, known)}", key)
        if fault := known[key](value):
            raise entry.error(f"{key}: {fault}", key)
    for key in schema.required:
        if key not in values:
            raise entry.error(f"has no {key!r}; expected {', '.join(schema.required)}")
