"""Named sections of the files in `snippets/`: the only place where a page's code comes from."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from .errors import BookError
from .files import read_text

MARKER = re.compile(r"^\s*#\s*--8<--\s*\[(?P<kind>start|end):\s*(?P<name>[\w-]+)\s*\]\s*$")


@dataclass(frozen=True)
class Section:
    """Lines of a snippet file between two markers, markers left out."""

    file: str  # "loss.py", relative to snippets/
    name: str
    code: str
    first_line: int  # of `code` in the file

    @property
    def path(self) -> str:
        return f"snippets/{self.file}"


def nearest(found: str, known) -> str:
    """A hint that names the known word closest to a misspelt one, or all of them if none is close."""
    known = sorted(known)
    close = get_close_matches(found, known, n=1, cutoff=0.5)
    if close:
        return f"Did you mean {close[0]!r}?"
    return f"Known: {', '.join(known)}." if known else "There is none yet."


@functools.lru_cache(maxsize=128)  # each block of a page asks for its file's
def sections_of(text: str, file: str) -> dict[str, Section]:
    """All sections of one snippet file. Sections do not overlap, so that a line belongs to one block."""
    path = f"snippets/{file}"
    sections: dict[str, Section] = {}
    lines = text.split("\n")
    name, start = "", 0  # of the section that is open
    for number, line in enumerate(lines, 1):
        if not (match := MARKER.match(line)):
            if "--8<--" in line:
                raise BookError(f"a marker that cannot be read: {line.strip()!r}; expected "
                                "'# --8<-- [start:name]' or '# --8<-- [end:name]'", path=path, line=number)
            continue
        kind, found = match["kind"], match["name"]
        if kind == "start":
            if name:
                raise BookError(f"section {found!r} starts inside {name!r}; close that one first with "
                                f"'# --8<-- [end:{name}]'", path=path, line=number)
            if found in sections:
                raise BookError(f"section {found!r} is defined twice, first at line "
                                f"{sections[found].first_line - 1}; rename one", path=path, line=number)
            name, start = found, number
        else:
            if found != name:
                raise BookError(f"found the end of {found!r}, expected "
                                + (f"the end of {name!r}" if name else "a start first"), path=path, line=number)
            code = "\n".join(lines[start : number - 1]).rstrip()
            if not code.strip():
                raise BookError(f"section {name!r} is empty; put code between its markers", path=path, line=start)
            sections[name] = Section(file, name, code + "\n", start + 1)
            name = ""
    if name:
        raise BookError(f"section {name!r} has no end; add '# --8<-- [end:{name}]'", path=path, line=start)
    return sections


def load_section(folder: Path, reference: str) -> Section:
    """The section that an include such as `loss.py:mae` names; errors without a place, the caller knows it."""
    file, _, name = reference.partition(":")
    if not name:
        raise BookError(f"the include {reference!r} names no section; expected 'file.py:section'")
    target = (folder / file).resolve()
    if not target.is_relative_to(folder.resolve()):
        raise BookError(f"the include {reference!r} leads outside snippets/; move the code there")
    if not target.is_file():
        known = {p.relative_to(folder).as_posix() for p in folder.rglob("*.py")}
        raise BookError(f"no snippet file snippets/{file}. {nearest(file, known)}")
    sections = sections_of(read_text(target, f"snippets/{file}"), file)
    if name not in sections:
        raise BookError(f"no section {name!r} in snippets/{file}. {nearest(name, sections)}")
    return sections[name]
