"""Named sections of the files in `snippets/`, the only place where a page's code comes from, and sections that move.

The option `move="learning rate η: lr=0.05,0.25,0.51"` runs the same code for several values of one name, a figure for
each: it names what a reader sees beside the slider, the name in the code, and its values. The code itself says
`lr = 0.05` on a line of its own: that state is the still, and no line is hidden.
"""

from __future__ import annotations

import ast
import functools
import re
from dataclasses import dataclass, replace
from pathlib import Path

from .errors import BookError, nearest
from .files import read_text

MARKER = re.compile(r"^\s*#\s*--8<--\s*\[(?P<kind>start|end):\s*(?P<name>[\w-]+)\s*\]\s*$")
MOVE = re.compile(r"(?P<words>.*?\S)\s*[:：]\s*(?P<name>[A-Za-z_]\w*)\s*=(?P<values>.*)", re.DOTALL)
EXAMPLE = 'move="learning rate η: lr=0.05,0.25,0.51"'


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


@functools.lru_cache(maxsize=128)  # each block of a page asks for its file's
def sections_of(text: str, file: str) -> dict[str, Section]:
    """All sections of one snippet file. Sections do not overlap, so that a line belongs to one block."""
    sections: dict[str, Section] = {}
    lines = text.split("\n")
    name, start = "", 0  # of the section that is open

    def fault(message: str, line: int) -> BookError:
        return BookError(message, path=f"snippets/{file}", line=line)

    for number, line in enumerate(lines, 1):
        if not (match := MARKER.match(line)):
            if "--8<--" in line:
                raise fault(f"a marker that cannot be read: {line.strip()!r}; expected "
                            "'# --8<-- [start:name]' or '# --8<-- [end:name]'", number)
            continue
        found = match["name"]
        if match["kind"] == "start":
            if name:
                raise fault(f"section {found!r} starts inside {name!r}; close that one first with "
                            f"'# --8<-- [end:{name}]'", number)
            if found in sections:
                raise fault(f"section {found!r} is defined twice, first at line {sections[found].first_line - 1}; "
                            "rename one", number)
            name, start = found, number
        else:
            if found != name:
                raise fault(f"found the end of {found!r}, expected "
                            + (f"the end of {name!r}" if name else "a start first"), number)
            code = "\n".join(lines[start : number - 1]).rstrip()
            if not code.strip():
                raise fault(f"section {name!r} is empty; put code between its markers", start)
            sections[name] = Section(file, name, code + "\n", start + 1)
            name = ""
    if name:
        raise fault(f"section {name!r} has no end; add '# --8<-- [end:{name}]'", start)
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


@dataclass(frozen=True)
class Move:
    """`values` as they are written in the code; `alt` describes each state's figure."""

    words: str  # in the page's language
    name: str
    values: tuple[str, ...]
    alt: tuple[str, ...] = ()

    @property
    def line(self) -> re.Pattern[str]:
        """The line of the code that gives the name its value, before, in and behind it."""
        return re.compile(rf"^({re.escape(self.name)} = )([^#\n]*?)(\s*(?:#.*)?)$", re.MULTILINE)


def parse_move(text: str) -> Move:
    """Raises BookError, without a place, unless the option can be read."""
    match = MOVE.fullmatch(text.strip())
    try:
        if match is None:
            raise ValueError("no words, name and values")
        values = ast.literal_eval(f"({match['values']},)")
    except (ValueError, SyntaxError) as error:
        raise BookError(f"the option 'move' cannot be read ({error}); expected words, a name in the code and its "
                        f"values, numbers or other Python literals: {EXAMPLE}; found {text!r}") from None
    written = tuple(map(repr, values))
    if len(written) < 2 or len(set(written)) < len(written):
        raise BookError(f"the option 'move' has the values {', '.join(written)}; expected at least two, each once")
    return Move(match["words"], match["name"], written)


def described(move: Move, alt: tuple[str, ...]) -> Move:
    """The move with a description of each state: `alt` has one for each, or one that says the value, as `{lr}`."""
    place = f"{{{move.name}}}"
    if len(alt) == 1 and place in alt[0]:
        alt *= len(move.values)
    if len(alt) != len(move.values):
        raise BookError(f"the figure has {len(move.values)} states, and alt= describes {len(alt)}; write one "
                        f"description for each state, separated by ' | ', or one that says the value, as {place}")
    filled = tuple(text.replace(place, value_text(value)) for text, value in zip(alt, move.values))
    if len(set(filled)) < len(filled):
        raise BookError("alt= says the same of two states; say what differs")
    return replace(move, alt=filled)


def value_text(value: str) -> str:
    """A value as a reader sees it: a text without its quotes."""
    literal = ast.literal_eval(value)
    return literal if isinstance(literal, str) else value.replace("-", "−")


def still(move: Move, section: Section) -> int:
    """Which of the values the code itself has."""
    found = move.line.findall(section.code)
    if len(found) != 1:
        raise BookError(f"section {section.name!r} has {len(found)} lines '{move.name} = …' at the left margin; "
                        f"expected one, with one of the values of move=, such as '{move.name} = {move.values[0]}'")
    value = found[0][1].strip()
    if value not in move.values:
        raise BookError(f"section {section.name!r} has '{move.name} = {value}', which is not among the values of move= "
                        f"({', '.join(move.values)}); the state in the code is the one that the page shows first")
    return move.values.index(value)


def states(move: Move, section: Section) -> tuple[str, ...]:
    """The code of each state."""
    return tuple(move.line.sub(lambda match, value=value: match[1] + value + match[3], section.code)
                 for value in move.values)
