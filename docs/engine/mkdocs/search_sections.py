"""Keeps the search's sections out of what a page loads when it opens: they come with the first query.

Material's script fetches `search_index.json` at once and hands it to its worker. Here that file holds no sections; they
stand beside it, and search_worker.js, put before the worker's own script, fetches them when they are wanted.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from mkdocs.structure.files import File, Files
from rjsmin import jsmin

from ..source.files import read_text

WORKER = re.compile(r"assets/javascripts/workers/search\.\w+\.min\.js")
INDEX, SECTIONS = "search/search_index.json", "search/sections.json"
_SCRIPT = Path(__file__).with_name("search_worker.js")


def add_worker(files: Files, config) -> None:
    """Puts search_worker.js before the theme's worker."""
    theirs = next(file for file in files if WORKER.fullmatch(file.src_uri))
    ours = jsmin(read_text(_SCRIPT, _SCRIPT.name))
    files.remove(theirs)
    files.append(File.generated(config, theirs.src_uri, content=f"{ours}\n{theirs.content_string}"))


def take_sections_out(site: Path) -> None:
    """Splits the index that Material has written to a language's site."""
    index = json.loads((site / INDEX).read_text("utf-8"))
    sections, index["docs"] = index["docs"], []
    for name, content in ((SECTIONS, sections), (INDEX, index)):
        (site / name).write_text(json.dumps(content, ensure_ascii=False, separators=(",", ":")), "utf-8")
