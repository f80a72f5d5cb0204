"""Files of the site that are no pages, by their path in it: the states of figures that move, what runs code in the
reader's browser. And files in one zip."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path

from ..markdown.render import moving_file
from ..run.cache import Cache, digest, engine_digest
from ..source.errors import BookError
from .book import Prepared
from .runtime import Runtime

# The modules of the engine that run blocks.
RUNS = ("__init__", "figures/*", "book/__init__", "book/browser",
        *(f"run/{name}" for name in ("__init__", "capture", "drawing", "output", "session")))
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip can bear, for it bears none
READABLE = 0o644 << 16
UNIX = 3


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
