"""What a notebook is made of: a chapter, and what all notebooks of its language share, words and style among it."""

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
# What a notebook says and its page does not; `{…}` as in `str.format`.
WORDS = {
    "zh": {
        "about": "这是[《{book}》](/index.md)第 {number} 章的 notebook 版，[网页版](/{page}.md)的内容与此相同。"
                 "请从上到下依次运行，用到的包只有 {packages}。下面的输出来自 {versions}。{licence}。",
        "about lab": "这是[《{book}》](/index.md)的一个实验，[网页版](/{page}.md)的内容与此相同。"
                     "请从上到下依次运行，用到的包只有 {packages}。空函数由你来写，解答的代码折叠着。"
                     "下面的输出来自 {versions}。{licence}。",
        "list": "、",
        "works": "；",
        "folded": "**{title}**（代码在下面折起的单元格里）",
        "folded too": "代码在下面折起的单元格里。",
        "continued": "{title}（续）",
        "caption": "**{prefix}**　{caption}",
        "moves": "网页版的这幅图可以拖动：把下面的 `{name}` 改成 {values}，再运行一次。",
        "question": "先猜一猜", "answer": "答案", "colon": "：",
        "note": "注意", "tip": "提示", "warning": "当心",
    },
    "en": {
        "about": "Chapter {number} of [{book}](/index.md) as a notebook; the same chapter [on the web](/{page}.md). "
                 "Run the cells from the top down; the packages they need are {packages}. The outputs below are those "
                 "of {versions}. {licence}.",
        "about lab": "A lab of [{book}](/index.md) as a notebook; the same lab [on the web](/{page}.md). Run the cells "
                     "from the top down; the packages they need are {packages}. The empty functions are yours to "
                     "write, the code of the solutions is folded. The outputs below are those of {versions}. "
                     "{licence}.",
        "list": ", ",
        "works": "; ",
        "folded": "**{title}** (the code is folded in the cell below)",
        "folded too": "The code is folded in the cell below.",
        "continued": "{title}, continued",
        "caption": "*{prefix}. {caption}*",
        "moves": "On the web this figure moves: set `{name}` below to {values} and run the cell again.",
        "question": "Before you read on", "answer": "Answer", "colon": ": ",
        "note": "Note", "tip": "Tip", "warning": "Warning",
    },
}


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
