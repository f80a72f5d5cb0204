"""The identifiers of a formula: letters, decorated letters and named operators, as the reader sees them. Pure."""

from __future__ import annotations

import functools
import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from ..source.outline import DISPLAY
from ..source.prose import INLINE, blank, line_at, mask_code
from .latex import LABEL, FormulaError
from .latex_mathml import to_mathml

TOKEN = re.compile(r"<(?P<tag>mi|mo)(?P<attributes>[^>]*)>(?P<text>[^<]+)</(?P=tag)>")


@dataclass(frozen=True)
class Identifier:
    """`text` is what is drawn; an upright letter (the d of a derivative) is another than the italic one."""

    text: str
    upright: bool = False

    @property
    def is_name(self) -> bool:
        """Whether it is made of letters, and so must be known; signs are known where the table has them."""
        return all(unicodedata.category(character)[0] in "LM" for character in self.text if character != "\u2009")

    @property
    def base(self) -> str:
        """The plain small letter behind it, by which identifiers come close to one another."""
        plain = unicodedata.normalize("NFKD", self.text)
        return "".join(character for character in plain if not unicodedata.combining(character)).casefold()


@dataclass(frozen=True)
class Formula:
    latex: str  # without its label
    display: bool
    line: int


@functools.lru_cache(maxsize=8192)
def identifiers(latex: str) -> tuple[Identifier, ...]:
    """The identifiers of a formula in order, each once. FormulaError if it cannot be set."""
    return tuple(dict.fromkeys(_identifiers(to_mathml(latex, display=False))))


def _identifiers(mathml: str) -> Iterator[Identifier]:
    for token in TOKEN.finditer(mathml):
        text = html.unescape(token["text"])
        letters = all(unicodedata.category(character)[0] == "L" for character in text)
        yield Identifier(text, letters and len(text) == 1 and 'mathvariant="normal"' in token["attributes"])


def known_identifiers(latex: str) -> tuple[Identifier, ...]:
    """As `identifiers`, and none for a formula that cannot be set: its page says so when it is built."""
    try:
        return identifiers(latex)
    except FormulaError:
        return ()


def formulas_of(source: str) -> list[Formula]:
    """The formulas of a page's source, in order; code is passed over."""
    prose = mask_code(source)
    found = [Formula(_without_label(match["latex"]), True, line_at(prose, match.start("latex")))
             for match in DISPLAY.finditer(prose)]
    rest = DISPLAY.sub(blank, prose)
    found += [Formula(match[0][1:-1].strip(), False, line_at(prose, match.start())) for match in INLINE.finditer(rest)]
    return sorted(found, key=lambda formula: formula.line)


def _without_label(latex: str) -> str:
    return LABEL.sub("", latex).strip()
