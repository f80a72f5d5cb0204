"""Reads the data of the reference pages: TOML files of one table per entry.

The header of a table is the entry's id, so TOML itself refuses an id that is given twice. Every error names the line.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, NoReturn, get_args, get_type_hints

import msgspec

from ..source.errors import BookError, nearest
from ..source.files import read_text
from .records import File, R, Record

AT_LINE = re.compile(r"\(at line (\d+), column \d+\)")
HEADER = re.compile(r'^\s*\[\s*"?([^\]"]+?)"?\s*\]', re.M)
# What msgspec says: what is wrong with a field, and where it stands.
SAID = re.compile(r"(?:Object (?P<lack>missing required|contains unknown) field `(?P<field>.*?)`|"
                  r"Expected `(?P<expected>.*?)`|(?P<other>.*?))"
                  r"(?: matching regex .*?|, got .*?)?(?: - at `\$\.?(?P<place>.*?)`)?")
PLAIN = {"str": "a text", "int": "a number", "array": "a list", "object": "a table", "null": "nothing"}


@dataclass(frozen=True)
class Entry(Generic[R]):
    """One entry; `line` is its header's, `text` the file, so that errors can name the line of a key."""

    id: str
    values: R
    path: str
    line: int
    text: str = field(repr=False)

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


def read_entries(file: Path, path: str, kind: File[R]) -> dict[str, Entry[R]]:
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
    return {id_: _entry(Entry(id_, values, path, lines.get(id_, 1), text), kind) for id_, values in tables.items()}


def _entry(raw: Entry[Any], kind: File[R]) -> Entry[R]:
    if not isinstance(raw.values, dict) or not kind.ids.fullmatch(raw.id):
        raise raw.error(f"is no entry: expected a table [id] whose id is made of {kind.id_form}")
    try:
        return Entry(raw.id, msgspec.convert(raw.values, kind.record), raw.path, raw.line, raw.text)
    except msgspec.ValidationError as error:
        _refuse(raw, kind.record, str(error))


def _refuse(entry: Entry[Any], record: type[Record], said: str) -> NoReturn:
    """What msgspec says of an entry, as an error at its line that tells what was found and what to write."""
    match = SAID.fullmatch(said)
    assert match  # it ends with .*?
    place = (match["place"] or "").removesuffix("[...]")  # of some value in a table
    key, found = place.partition("[")[0], _at(entry.values, place)
    if match["lack"] and not place:
        key = match["field"]
        if match["lack"].startswith("contains"):
            raise entry.error(f"has the unknown key {key!r}. {nearest(key, record.__struct_encode_fields__)}", key)
        required = [one.encode_name for one in msgspec.structs.fields(record) if one.required]
        raise entry.error(f"has no {key!r}; expected {', '.join(required)}")
    if match["lack"]:
        raise entry.error(f"{place}: found {', '.join(found)}, expected it in both languages, .zh and .en", key)
    allowed = [word for word in _words(get_type_hints(record).get(key)) if isinstance(word, str)]
    if match["other"] and allowed:
        raise entry.error(f"{place}: found {found!r}. {nearest(str(found), allowed)}", key)
    expected = " or ".join(PLAIN.get(word, word) for word in (match["expected"] or said).split(" | "))
    raise entry.error(f"{place}: found {found!r}, expected {expected}", key)


def _at(values: Any, place: str) -> Any:
    """The value at `answer.en` or `see[0]`."""
    for step in re.findall(r"[^.\[\]]+", place):
        values = values[int(step)] if isinstance(values, list) else values[step]
    return values


def _words(hint: Any) -> Sequence[object]:
    """The words that a type allows, wherever they stand in it."""
    parts = get_args(hint)
    return [word for part in parts for word in ([part] if isinstance(part, str) else _words(part))]
