"""Files of the site that are no pages, by their path in it: the states of figures that move, what runs code in the
reader's browser, what other sites show beside a link to a page. And files in one zip."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path

from ..figures import picture
from ..markdown.render import moving_file
from ..run.cache import Cache, digest, engine_digest
from ..run.results import Result
from ..source.errors import BookError
from ..source.page import Page
from .book import Prepared
from .runtime import Runtime

# The modules of the engine that run blocks.
RUNS = ("__init__", "figures/*", "book/__init__", "book/browser",
        *(f"run/{name}" for name in ("__init__", "capture", "drawing", "output", "session", "states")))
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip can bear, for it bears none
READABLE = 0o644 << 16
UNIX = 3
CARDS = "assets/cards"
Figure = tuple[str, str]  # SVG and what describes it


def moving_files(prepared: Prepared, cache: Cache) -> tuple[dict[str, bytes], list[BookError]]:
    """One for each block that moves, in each language, and what is wrong with others. A page that failed has none."""
    files: dict[str, bytes] = {}
    errors: list[BookError] = []
    for path, result in prepared.results.items():
        blocks = zip(prepared.pages[path].blocks, result.blocks, strict=False)  # a failed run ends early
        for number, (block, output) in enumerate(blocks, 1):
            if (move := block.options.move) is None:
                continue
            key = digest([engine_digest("source", "figures", "markdown"), path, number, move.alt, output.states])
            if (kept := cache.get(key)) is None:
                try:
                    kept = moving_file(block, move, number, output, path)
                except BookError as error:
                    errors.append(error)
                    continue
                cache.put(key, kept)
            files[kept[0]] = kept[1].encode()
    return files, errors


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
        files[f"{CARDS}/{name}.png"] = data
    return files


def runtime_files(runtime: Runtime, folder: Path, style: Path) -> Iterator[tuple[str, bytes]]:
    """Pyodide's files and their lock, which never change under their address, and what runs blocks with them."""
    yield "assets/engine.zip", engine_archive(style)
    yield f"runtime/{runtime.version}/pyodide-lock.json", runtime.lock.encode()
    for file in runtime.files:
        os.utime(folder / file.name)  # in use: the cache drops what is not
        yield f"runtime/{runtime.version}/{file.name}", (folder / file.name).read_bytes()


def engine_archive(style: Path) -> bytes:
    """The part of the engine that runs blocks, with the style of the figures, so that what is drawn in the page comes
    out as in the build, and scikit-learn's digits."""
    folder = Path(__file__).parents[1]
    data = Path(str(metadata.distribution("scikit-learn").locate_file("sklearn/datasets")))
    files = {f"book_engine/{file.relative_to(folder).as_posix()}": file
             for name in RUNS for file in folder.glob(f"{name}.py")}
    files |= {"figures.mplstyle": style, "sklearn/datasets/__init__.py": Path(__file__).with_name("digits.py"),
              "sklearn/datasets/digits.csv.gz": data / "data" / "digits.csv.gz",
              "sklearn/datasets/digits.rst": data / "descr" / "digits.rst"}
    return zipped({name: file.read_bytes() for name, file in sorted(files.items())})


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip of these files, in this order; the same files give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():  # what weighs in a notebook are pictures, which a higher level hardly shrinks
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.external_attr, entry.create_system, entry.compress_type = READABLE, UNIX, zipfile.ZIP_DEFLATED
            archive.writestr(entry, data, compresslevel=1)
    return buffer.getvalue()
