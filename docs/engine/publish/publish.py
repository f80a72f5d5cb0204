"""The whole book for readers: the site, and in site/copies what they can take along."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

from .offline import OPEN, build, make_copies
from .paper import make_pdf


def publish(root: Path) -> Iterator[Path]:
    """Builds the site strictly, then each language as PDF and as a zip to read without network; yields the copies."""
    name = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["name"]
    site, copies = root / "site", root / "site" / "copies"
    build(root, site, BOOK_COPIES=name)  # so that the first page leads to them
    copies.mkdir()
    for language in OPEN:
        make_pdf(root, site, language, copies / f"{name}-{language}.pdf")
        yield copies / f"{name}-{language}.pdf"
    zips = {language: copies / f"{name}-{language}.zip" for language in OPEN}
    make_copies(root, zips)
    yield from zips.values()
