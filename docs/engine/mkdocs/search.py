"""Search that finds Chinese: Material's own search, with a language of the book's own for its engine, lunr.

Material loads `lunr.<language>.min.js` for any language but English; that of the book is search.js, which see.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from mkdocs.structure.files import File
from rjsmin import jsmin

from ..reference.entries import Entry
from ..source.files import read_text

LANGUAGE = "book"
ADDRESS = f"assets/javascripts/lunr/min/lunr.{LANGUAGE}.min.js"
# Material's 1000 puts any word of a title before all that stands in the text; a sentence would not find its page.
TITLE_BOOST = 3.0
_CHINESE = r"\u3400-\u9fff"
_MARKS = r"""\s\u200b\-,:;!?=\[\]\x28\x29{}"`/，。；：、！？（）《》“”"""
# Words end at marks, at a point that is no decimal point, and where Chinese and another script meet. Each of these
# bounds without width is an alternative by itself without ")" in its brackets; Material's highlighter leaves those out.
SEPARATOR = "|".join([f"[{_MARKS}]+", r"\.(?!\d)", f"(?<=[{_CHINESE}])(?=[^{_CHINESE}])",
                      f"(?<=[^{_CHINESE}])(?=[{_CHINESE}])"])
_SCRIPT = Path(__file__).with_name("search.js")
_WORD = re.compile(f"[{_CHINESE}]+")


def set_search(config) -> None:
    """Settings of the plugin `material/search` for one language's site; before the plugin fills in its own."""
    config.lang = [LANGUAGE]
    config.separator = SEPARATOR
    config.pipeline = []  # search.js has its own
    config.fields = {"title": {"boost": TITLE_BOOST}, **config.fields}


def dictionary(glossary: Mapping[str, Entry]) -> list[str]:
    """The Chinese terms of the glossary and their forms: the words at whose bounds a query is cut."""
    spellings = {word for entry in glossary.values() for word in (entry["zh"], *entry.get("forms", {}).get("zh", ()))}
    return sorted(filter(_WORD.fullmatch, spellings))


def script(terms: Sequence[str]) -> str:
    """The text of lunr's language file."""
    return jsmin(f"{{const terms = {json.dumps(terms, ensure_ascii=False)};\n{read_text(_SCRIPT, _SCRIPT.name)}}}\n")


def language_file(config, terms: Sequence[str]) -> File:
    return File.generated(config, ADDRESS, content=script(terms))
