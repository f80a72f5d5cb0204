"""The whole book for readers: the site, and in site/copies what they can take along.

An offline copy is a zip per language that a browser opens from a folder, with search, formulas and figures. On a
server, under any path, it is a mirror; the search then asks for `search_index.json` instead of the script.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from html import escape
from pathlib import Path

from ..book.site_files import zipped
from ..source.errors import BookError
from .paper import make_pdf

OPEN = {"zh": "打开这本书", "en": "Open the book"}  # the link on the page at the top of a copy
ONLINE_ONLY = {"404.html", "sitemap.xml", "sitemap.xml.gz", "root.css", "root.js", "lost.js",
               "blocks.js", "run.js", "run-cell.js", "run-lab.js", "run-worker.js", "engine.zip"}
NOT_OF_A_COPY = ("assets/javascripts/", "assets/stylesheets/", "assets/images/",  # each language has its own
                 "assets/cards/")  # for other sites
START = """<!doctype html>
<html lang="{language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="refresh" content="0; url={language}/index.html">
<title>{words}</title>
<link rel="icon" href="assets/logo.svg">
<p><a href="{language}/index.html">{words}</a></p>
</html>
"""


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


def build(root: Path, site: Path, **environment: str) -> None:
    """MkDocs' strict build; BookError where it refuses: it has said why in the terminal."""
    done = subprocess.run([sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(site)], cwd=root,
                          env=os.environ | environment)
    if done.returncode:
        raise BookError("mkdocs build refused the book, so there is nothing to publish; mend what it says above")


def make_copies(root: Path, targets: dict[str, Path]) -> None:
    """Builds the site for use without a server; one zip per language, at the place that `targets` gives it."""
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder) / "site"
        build(root, site, BOOK_OFFLINE="true")
        for language, target in targets.items():
            start = START.format(language=language, words=escape(OPEN[language])).encode()
            files = {f"{target.stem}/{path}": data for path, data in _files(site, language)}
            target.write_bytes(zipped({f"{target.stem}/index.html": start} | files))


def _files(site: Path, language: str) -> Iterator[tuple[str, bytes]]:
    """The language and what both languages share."""
    for file in sorted(site.rglob("*")):
        path = file.relative_to(site).as_posix()
        if (path.startswith(("assets/", f"{language}/")) and not path.startswith(NOT_OF_A_COPY) and file.is_file()
                and file.name not in ONLINE_ONLY and file.suffix != ".map"):
            yield path, file.read_bytes()
