"""Writes the theme's style sheets of a built language anew, without what its pages do not use."""

from __future__ import annotations

from pathlib import Path

import tinycss2

from ..run.cache import Cache, digest
from ..source.files import read_text
from .used_styles import classes, used_styles, words

_RULES_FILE = Path(__file__).with_name("used_styles.py")
RULES = read_text(_RULES_FILE, _RULES_FILE.name)  # another version of it leaves other styles


def trim_theme(language: Path, assets: Path, cache: Cache) -> None:
    """Rewrites `<language>/assets/stylesheets/*.css`; `assets` holds the book's own scripts and style sheets."""
    pages = [file.read_text("utf-8") for file in sorted(language.rglob("*.html"))]
    scripts = [file.read_text("utf-8") for folder in (language / "assets" / "javascripts", assets)
               for file in sorted(folder.glob("*.js"))]
    own = [file.read_text("utf-8") for file in sorted(assets.glob("*.css"))]
    names = set().union(*map(classes, pages), *map(words, scripts))
    for file in (language / "assets" / "stylesheets").glob("*.css"):
        css = file.read_text("utf-8")
        key = digest([css, sorted(names), own, tinycss2.__version__, RULES])
        kept = cache.get_bytes(key)
        if kept is None:
            kept = used_styles(css, names, "".join(scripts + own)).encode()
            cache.put_bytes(key, kept)
        file.write_bytes(kept)
