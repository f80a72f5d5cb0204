"""The options of a python fence, as the build and pytest both read them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NoReturn

from .errors import BookError
from .fences import Fence, stray_fence
from .inline import inline
from .moving import Move, described, parse_move, still
from .snippets import Section, nearest

DEFAULT_TIMEOUT = 20.0  # seconds; a block takes about 3
TOKEN = re.compile(r"""\s*(?:\.(?P<language>[\w+-]+)
                            |(?P<key>[A-Za-z_][\w-]*)
                             (?:=(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>[^\s"'“”}]+)))?)""", re.VERBOSE)
FLAGS = ("folded", "varies")
KEYS = ("alt", *FLAGS, "move", "raises", "timeout")


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

    def fail(message: str) -> NoReturn:
        raise BookError(message, path=path, line=fence.line)

    if not info.startswith("{"):
        language, _, rest = info.partition(" ")
        if language in ("py", "python3", "python"):
            if language != "python" or rest:
                fail(f"found the fence ```{info}; write ```python, or ```{{.python option=value}}")
            return Options()
        return _not_python(fence, path)
    if not info.endswith("}"):
        fail(f"found the fence ```{info}; the brace has no end")
    body = info[1:-1].rstrip()
    languages: list[str] = []
    values: dict[str, str | None] = {}
    position = 0
    while position < len(body):
        match = TOKEN.match(body, position)
        if not match or not match.group().strip():
            if ".python" not in body.split():
                return _not_python(fence, path)
            fail(f"cannot read the fence's options at {body[position:].strip()!r}; "
                 'expected key=value, key="some text" in straight double quotes, varies, or folded')
        position = match.end()
        if match["language"]:
            languages.append(match["language"])
        elif match["key"] in values:
            fail(f"the option {match['key']!r} stands twice")
        else:
            quoted = match["quoted"]
            values[match["key"]] = match["bare"] if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
    if languages != ["python"]:
        if {"python", "py", "python3"} & set(languages):
            fail(f"found the languages {languages}; expected {{.python …}} alone")
        return _not_python(fence, path)
    return _options(values, fail)


def _not_python(fence: Fence, path: str) -> None:
    if fault := stray_fence(f"```{fence.info}"):
        raise BookError(fault, path=path, line=fence.line)


def _options(values: dict[str, str | None], fail: Callable[[str], NoReturn]) -> Options:
    for key, value in values.items():
        if key not in KEYS:
            fail(f"unknown option {key!r}. {nearest(key, KEYS)}")
        if (value is None) != (key in FLAGS):
            fail(f"the option {key!r} {'takes no' if key in FLAGS else 'needs a'} value")
    given = {key: value or "" for key, value in values.items()}
    alt = tuple(text.strip() for text in given["alt"].split(" | ")) if "alt" in given else ()
    if "alt" in given and not all(alt):
        fail("the option 'alt' describes each figure; found an empty description")
    if formula := next((text[one.start : one.end] for text in alt for one in inline(text).formulas), None):
        fail(f"the formula {formula} in 'alt', which is read aloud as it stands; say it in words or plain letters, "
             "such as η")
    raises = given.get("raises")
    if raises is not None and not raises.isidentifier():
        fail(f"the option 'raises' names an exception, such as TypeError; found {raises!r}")
    timeout = DEFAULT_TIMEOUT
    if "timeout" in given:
        try:
            timeout = float(given["timeout"])
        except ValueError:
            timeout = 0.0
        if not 0 < timeout <= 600:
            fail(f"the option 'timeout' is a number of seconds from 0 to 600; found {given['timeout']!r}")
    move = None
    if "move" in given:
        if clash := [key for key in ("raises", "varies") if key in given]:
            fail(f"the options 'move' and {clash[0]!r} together; the states of a figure are the same in every build")
        try:
            move = parse_move(given["move"])
        except BookError as error:
            fail(error.message)
    return Options(alt, raises, timeout, "varies" in given, "folded" in given, move)


def with_states(options: Options, section: Section) -> Options:
    """The options of a block that moves, with `alt` for the state that its code has; BookError without a place."""
    if options.move is None:
        return options
    move = described(options.move, options.alt)
    return replace(options, move=move, alt=(move.alt[still(move, section)],))
