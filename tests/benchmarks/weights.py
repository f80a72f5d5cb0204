"""How much a page weighs, by kind: what a first visit loads, compressed as a server sends it. Pure, but for reading."""

from __future__ import annotations

import gzip
import statistics
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urldefrag, urljoin

from parsed import parsed

from .measure import Row

FONT = "assets/fonts/stix-two-math.woff2"
READY = {".woff2", ".png", ".jpg", ".webp"}  # compressed already


def rows(site: Path, chapters: Iterable[str]) -> list[Row]:
    """For each kind of page, the median and the largest: HTML alone, and with all that a first visit loads."""
    kinds: dict[str, list[tuple[int, int]]] = {}
    for file in sorted(site.glob("[ez][nh]/**/index.html")):
        page = file.parent.relative_to(site).as_posix().partition("/")[2]
        kinds.setdefault(kind_of(page, set(chapters)), []).append(weights_of(site, file))
    found = []
    for kind, weights in kinds.items():
        html, whole = zip(*weights, strict=True)
        found.append((f"weight: {kind} ({len(weights)} pages), HTML; with all that a first visit loads",
                      f"{middle(html)}; {middle(whole)}", "HTML <= 60 KB" if kind == "chapter" else ""))
    return found


def kind_of(page: str, chapters: set[str]) -> str:
    if not page:
        return "home"
    if page in chapters:
        return "chapter"
    return "lab" if page.startswith("labs") else "reference"


def middle(sizes: Iterable[int]) -> str:
    sizes = list(sizes)
    return f"{statistics.median(sizes) / 1000:.0f} KB (largest {max(sizes) / 1000:.0f} KB)"


def weights_of(site: Path, file: Path) -> tuple[int, int]:
    """Bytes of the page, and of the page with its styles, scripts, images and the font of formulas."""
    html = file.read_text("utf-8")
    soup = parsed(html)
    named = [tag.get("href") or tag.get("src") for tag in soup.select("link[rel=stylesheet], script[src], img[src]")]
    base = f"/{file.relative_to(site).as_posix()}"
    loaded = {urldefrag(urljoin(base, name)).url.lstrip("/") for name in named} | ({FONT} if "<math" in html else set())
    return compressed(file), compressed(file) + sum(compressed(site / name) for name in loaded)


def compressed(file: Path) -> int:
    data = file.read_bytes()
    return len(data) if file.suffix in READY else len(gzip.compress(data, 6))
