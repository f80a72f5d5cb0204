"""A block that moves: the same code run for several values of one name, a figure for each. Pure.

The option `move="learning rate η: lr=0.05,0.25,0.51"` names what a reader sees beside the slider, the name in the code,
and its values. The code itself says `lr = 0.05` on a line of its own: that state is the still, and no line is hidden.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from .errors import BookError
from .snippets import Section

MOVE = re.compile(r"(?P<words>.*?\S)\s*[:：]\s*(?P<name>[A-Za-z_]\w*)\s*=(?P<values>.*)", re.DOTALL)
EXAMPLE = 'move="learning rate η: lr=0.05,0.25,0.51"'


@dataclass(frozen=True)
class Move:
    """`values` as they are written in the code; `alt` describes each state's figure."""

    words: str  # in the page's language
    name: str
    values: tuple[str, ...]
    alt: tuple[str, ...] = ()


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
    return Move(move.words, move.name, move.values, filled)


def value_text(value: str) -> str:
    """A value as a reader sees it: a text without its quotes."""
    literal = ast.literal_eval(value)
    return literal if isinstance(literal, str) else value.replace("-", "−")


def still(move: Move, section: Section) -> int:
    """Which of the values the code itself has."""
    line = _line(move.name)
    found = line.findall(section.code)
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
    line = _line(move.name)
    return tuple(line.sub(lambda match, value=value: match[1] + value + match[3], section.code)
                 for value in move.values)


def _line(name: str) -> re.Pattern[str]:
    return re.compile(rf"^({re.escape(name)} = )([^#\n]*?)(\s*(?:#.*)?)$", re.MULTILINE)
