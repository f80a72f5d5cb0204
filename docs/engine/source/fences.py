"""Fenced code blocks of a page's source, what looks like one and is none, and the options of a python fence. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .errors import BookError, errors_at, nearest
from .inline import inline
from .snippets import Move, parse_move

FENCE = re.compile(r"^(?P<indent>[ \t>]*)(?P<marks>`{3,}|~{3,})(?P<info>[^`]*)$")
PYTHON_FENCE = re.compile(r"^[ \t>*+\-.\d)]*(`{3,}|~{3,})\s*\{?\s*\.?\{?(py|python|python3)\b(?!-)", re.IGNORECASE)
PYTHON = ("python", "py", "python3")  # of these names the book writes the first

DEFAULT_TIMEOUT = 20.0  # seconds; a block takes about 3
TOKEN = re.compile(r"""\s*(?:\.(?P<language>[\w+-]+)
                            |(?P<key>[A-Za-z_][\w-]*)
                             (?:=(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>[^\s"'“”}]+)))?)""", re.VERBOSE)
FLAGS = ("folded", "varies")
KEYS = ("alt", *FLAGS, "move", "raises", "timeout")


@dataclass(frozen=True)
class Fence:
    """A fenced code block as it stands in the page, of whatever language; lines count from 1."""

    line: int
    end: int
    indent: str
    info: str
    body: tuple[str, ...]


Fault = tuple[int, str]  # line, and what is wrong with it


def fences_in(lines: Sequence[str], after: int) -> tuple[list[Fence], list[Fault]]:
    """Every fence below line `after`, and the faults; a fence shown inside a longer fence is text, not a fence."""
    found, faults, index = [], [], after
    while index < len(lines):
        opened = FENCE.match(lines[index])
        end = _end(lines, index, opened) if opened else 0
        if (not opened or ">" in opened["indent"]) and (fault := _stray(lines[index])):
            faults.append((index + 1, fault))
        elif opened and not end:
            faults.append((index + 1, f"a fence that never ends: {opened['marks']}{opened['info']}; close it with "
                                      f"{opened['marks']} on a line of its own, indented as much"))
        if opened and end:
            found.append(Fence(index + 1, end + 1, opened["indent"], opened["info"].strip(),
                               tuple(lines[index + 1 : end])))
            index = end
        index += 1
    return found, faults


def _end(lines: Sequence[str], start: int, opened: re.Match[str]) -> int:
    """Index of the line that closes the fence; 0 if none does, or if a line before it is less indented."""
    before = len(opened["indent"])
    for index in range(start + 1, len(lines)):
        line, match = lines[index], FENCE.match(lines[index])
        if line.strip(" >") and line[:before].strip(" >"):
            return 0
        if match and match["marks"].startswith(opened["marks"]) and not match["info"].strip():
            return index
    return 0


def _stray(line: str) -> str | None:
    """What is wrong with Python that would be shown and never run: a fence where Markdown takes none, or under another
    spelling."""
    if not PYTHON_FENCE.match(line):
        return None
    return (f"a python fence that is not read as a block: {line.strip()!r}; write ```python or ```{{.python "
            "option=value} on a line of its own, without a backtick in its options, not in a quotation or behind a "
            "list marker")


@dataclass(frozen=True)
class Options:
    """`alt`: one text per figure; `raises`: the exception that must come; `timeout`: seconds;
    `varies`: the output holds measured times; `folded`: the code is shown folded, for it only draws; `move`: a name
    that takes several values, each with its own figure."""

    alt: tuple[str, ...] = ()
    raises: str | None = None
    timeout: float = DEFAULT_TIMEOUT
    varies: bool = False
    folded: bool = False
    move: Move | None = None


def parse_info(fence: Fence, path: str) -> Options | None:
    """Options of a python fence, from the words behind its backticks; None for any other language."""
    info = fence.info
    with errors_at(path, fence.line):
        if not info.startswith("{"):
            language, _, rest = info.partition(" ")
            if language in PYTHON and info != "python":
                raise BookError(f"found the fence ```{info}; write ```python, or ```{{.python option=value}}")
            languages, values = [language], {}
        elif not info.endswith("}"):
            raise BookError(f"found the fence ```{info}; the brace has no end")
        else:
            languages, values = _words(info[1:-1].rstrip())
        if languages == ["python"]:
            return _options(values)
        if info.startswith("{") and set(PYTHON) & set(languages):
            raise BookError(f"found the languages {languages}; expected {{.python …}} alone")
        if fault := _stray(f"```{info}"):
            raise BookError(fault)
    return None


def _words(body: str) -> tuple[list[str], dict[str, str | None]]:
    """The languages and the options between the braces; none if they cannot be read and are not Python's."""
    languages: list[str] = []
    values: dict[str, str | None] = {}
    position = 0
    while position < len(body):
        match = TOKEN.match(body, position)
        if not match or not match.group().strip():
            if ".python" not in body.split():
                return [], {}
            raise BookError(f"cannot read the fence's options at {body[position:].strip()!r}; "
                            'expected key=value, key="some text" in straight double quotes, varies, or folded')
        position = match.end()
        if match["language"]:
            languages.append(match["language"])
        elif match["key"] in values:
            raise BookError(f"the option {match['key']!r} stands twice")
        else:
            quoted = match["quoted"]
            values[match["key"]] = match["bare"] if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
    return languages, values


def _options(values: Mapping[str, str | None]) -> Options:
    for key, value in values.items():
        if key not in KEYS:
            raise BookError(f"unknown option {key!r}. {nearest(key, KEYS)}")
        if (value is None) != (key in FLAGS):
            raise BookError(f"the option {key!r} {'takes no' if key in FLAGS else 'needs a'} value")
    given = {key: value or "" for key, value in values.items()}
    alt = tuple(text.strip() for text in given["alt"].split(" | ")) if "alt" in given else ()
    if not all(alt):
        raise BookError("the option 'alt' describes each figure; found an empty description")
    if formula := next((text[one.start : one.end] for text in alt for one in inline(text).formulas), None):
        raise BookError(f"the formula {formula} in 'alt', which is read aloud as it stands; say it in words or plain "
                        "letters, such as η")
    raises = given.get("raises")
    if raises is not None and not raises.isidentifier():
        raise BookError(f"the option 'raises' names an exception, such as TypeError; found {raises!r}")
    try:
        timeout = float(given.get("timeout", DEFAULT_TIMEOUT))
    except ValueError:
        timeout = 0.0
    if not 0 < timeout <= 600:
        raise BookError(f"the option 'timeout' is a number of seconds from 0 to 600; found {given['timeout']!r}")
    clash = [key for key in ("raises", "varies") if key in given]
    if "move" in given and clash:
        raise BookError(f"the options 'move' and {clash[0]!r} together; the states of a figure are the same in every "
                        "build")
    move = parse_move(given["move"]) if "move" in given else None
    return Options(alt, raises, timeout, "varies" in given, "folded" in given, move)
