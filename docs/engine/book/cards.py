"""What other sites show beside a link to a page: its first figure on the book's paper."""

from __future__ import annotations

from collections.abc import Iterator

from ..figures import picture
from ..run.cache import Cache, digest, engine_digest
from ..run.results import Result
from ..source.page import Page
from .book import Prepared

FOLDER = "assets/cards"


def card_texts(prepared: Prepared, language: str) -> dict[str, str]:
    """What stands on the picture, by the page that has one."""
    return {name: alt for name, (_, alt) in _first_figures(prepared, language)}


def card_files(prepared: Prepared, language: str, mark: str, cache: Cache) -> dict[str, bytes]:
    """Each picture by its path in the site; `mark` is the book's, as SVG. Twins draw the same: one language serves."""
    common = digest([engine_digest("figures"), picture.drawn_with(), mark])
    files = {}
    for name, (svg, _) in _first_figures(prepared, language):
        key = digest([common, svg])
        if (data := cache.get_bytes(key)) is None:
            data = picture.card_of(svg, mark)
            cache.put_bytes(key, data)
        files[f"{FOLDER}/{name}.png"] = data
    return files


def _first_figures(prepared: Prepared, language: str) -> Iterator[tuple[str, tuple[str, str]]]:
    """Names of pages, each with its first figure and what describes it."""
    folder = f"docs/{language}/"
    for path, page in prepared.pages.items():
        if path.startswith(folder) and (found := _first_figure(page, prepared.results[path])):
            yield path.removeprefix(folder).removesuffix(".md"), found


def _first_figure(page: Page, result: Result) -> tuple[str, str] | None:
    for block, output in zip(page.blocks, result.blocks, strict=False):  # a failed run ends early
        for svg, alt in zip(output.figures, block.options.alt, strict=False):
            return svg, alt
    return None
