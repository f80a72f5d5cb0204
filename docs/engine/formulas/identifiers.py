"""The identifiers of a formula: letters, decorated letters and named operators, as the reader sees them. Pure."""

from __future__ import annotations

import functools
import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from .latex import FormulaError
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
