"""Makes the offline copies: a zip per language that a browser opens from a folder, with search, formulas and figures.

    python -m book_engine.mkdocs.offline [FOLDER]

The zips are written to FOLDER (`dist` if none is given): <project>-zh.zip, <project>-en.zip. Same book, same bytes.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator
from html import escape
from pathlib import Path

ROOT = Path.cwd()  # the program is run in the folder of the book
LANGUAGES = {"zh": "打开这本书", "en": "Open the book"}  # and the words of the link on the page at the top
EARLIEST = (1980, 1, 1, 0, 0, 0)  # that a zip can say; the time of the build would make each copy another file
ONLINE_ONLY = {"404.html", "sitemap.xml", "sitemap.xml.gz", "search_index.json", "root.css", "root.js", "lost.js",
               "blocks.js", "run.js", "run-cell.js", "run-lab.js", "run-worker.js", "engine.zip"}
THEME_OF_THE_ROOT = ("assets/javascripts/", "assets/stylesheets/", "assets/images/")  # each language has its own
START = """<!doctype html>
<html lang="{language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="refresh" content="0; url={language}/index.html">
<title>{words}</title>
<p><a href="{language}/index.html">{words}</a></p>
</html>
"""


def main(target: Path) -> list[Path]:
    """Builds the site for use without a server and packs each language; returns the zips."""
    name = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["name"]
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder) / "site"
        subprocess.run([sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(site)], cwd=ROOT,
                       env=os.environ | {"BOOK_OFFLINE": "true"}, check=True)
        return [pack(site, language, target / f"{name}-{language}.zip") for language in LANGUAGES]


def pack(site: Path, language: str, target: Path) -> Path:
    """One zip: a folder of its own name with the language, what both languages share, and a page that leads in."""
    start = START.format(language=language, words=escape(LANGUAGES[language]))
    with zipfile.ZipFile(target, "w") as archive:
        for path, data in [("index.html", start.encode()), *_files(site, language)]:
            entry = zipfile.ZipInfo(f"{target.stem}/{path}", EARLIEST)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data, zipfile.ZIP_DEFLATED, 9)
    return target


def _files(site: Path, language: str) -> Iterator[tuple[str, bytes]]:
    for file in sorted(site.rglob("*")):
        path = file.relative_to(site).as_posix()
        if (path.startswith(("assets/", f"{language}/")) and not path.startswith(THEME_OF_THE_ROOT) and file.is_file()
                and file.name not in ONLINE_ONLY and file.suffix != ".map"):
            yield path, file.read_bytes()


if __name__ == "__main__":
    for made in main(Path(sys.argv[1] if len(sys.argv) > 1 else "dist").resolve()):
        print(f"{made} ({made.stat().st_size / 1e6:.1f} MB)")
