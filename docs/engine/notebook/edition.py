"""What a notebook is made of: a chapter, and what all notebooks of its language share."""

from __future__ import annotations

import platform
import re
from collections.abc import Mapping
from dataclasses import dataclass

from ..run.results import Result
from ..source.page import Page
from .plain import Context

SETTING = re.compile(r"^(?P<key>[\w.]+) *: *(?P<value>.*?) *(?:#.*)?$", re.MULTILINE)
NOT_NEEDED = "svg."  # a notebook's figures are pictures
ON_WHITE = {"figure.facecolor": "white", "savefig.facecolor": "white"}  # they stand on light and on dark
STYLE = """\
# How the book's figures look. Without this cell they come in matplotlib's own style, and all else is the same.
import matplotlib.pyplot

matplotlib.rcParams.update({{
{settings}
}})
"""


@dataclass(frozen=True)
class Edition:
    language: str
    book: str  # its name
    licence: str
    figure_prefix: str  # "Figure {}"
    packages: Mapping[str, str]  # that the code may import, with versions
    style: str  # code that sets how figures look
    python: str = platform.python_version()


@dataclass(frozen=True)
class Chapter:
    number: int | None  # none: a lab
    page: Page
    text: str  # its source, front matter included
    result: Result
    context: Context
    edition: Edition


def edition(language: str, words: Mapping, packages: Mapping[str, str], style: str) -> Edition:
    """`words` are the language's in mkdocs.yml, `style` the text of a matplotlib style file."""
    return Edition(language, words["site_name"], words["copyright"], words["figure_prefix"], dict(packages),
                   style_code(style))


def style_code(style: str) -> str:
    """Code that sets what the style file sets; matplotlib reads the values from the same texts."""
    found = {match["key"]: match["value"] for match in SETTING.finditer(style)
             if not match["key"].startswith(NOT_NEEDED)}
    return STYLE.format(settings="\n".join(f"    {key!r}: {value!r}," for key, value in (found | ON_WHITE).items()))
