"""What other sites show beside a link to a page: its first figure on the book's paper."""

from __future__ import annotations

from collections.abc import Mapping

from ..figures import picture
from ..run.cache import Cache, digest, engine_digest
from ..run.results import Result
from ..source.page import Page
from .book import Prepared

FOLDER = "assets/cards"
Figure = tuple[str, str]  # SVG and what describes it


def first_figures(prepared: Prepared, language: str) -> dict[str, Figure]:
    """The first figure of each page that has one, by the page's name."""
    folder = f"docs/{language}/"
    found = {path.removeprefix(folder).removesuffix(".md"): _first_figure(page, prepared.results[path])
             for path, page in prepared.pages.items() if path.startswith(folder)}
    return {name: figure for name, figure in found.items() if figure}


def _first_figure(page: Page, result: Result) -> Figure | None:
    for block, output in zip(page.blocks, result.blocks, strict=False):  # a failed run ends early
        for svg, alt in zip(output.figures, block.options.alt, strict=False):
            return svg, alt
    return None


def card_files(figures: Mapping[str, Figure], mark: str, cache: Cache) -> dict[str, bytes]:
    """Each picture by its path in the site; `mark` is the book's, as SVG. Twins draw the same: one language serves."""
    common = digest([engine_digest("figures"), picture.drawn_with(), mark])
    files = {}
    for name, (svg, _) in figures.items():
        key = digest([common, svg])
        if (data := cache.get_bytes(key)) is None:
            data = picture.card_of(svg, mark)
            cache.put_bytes(key, data)
        files[f"{FOLDER}/{name}.png"] = data
    return files
