"""The notebooks of all chapters, and a zip of each language's. They are kept by content: what has not changed is not
made again, and nbformat, which is slow to load, is not loaded."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from importlib import metadata
from pathlib import Path

from . import picture
from .archive import zipped
from .book import Prepared, Source
from .cache import Cache, digest
from .chapter_run import Result
from .context import Label
from .notebook_edition import Edition
from .notebook_markdown import Context
from .notebook_words import WORDS
from .page import Page

FOLDER = "notebooks"  # below the language's
# The modules that decide what a notebook holds.
ENGINE = ("archive.py", "emphasis.py", "expressions.py", "fences.py", "latex.py", "notebook.py", "notebook_cells.py",
          "notebook_edition.py", "notebook_markdown.py", "notebook_words.py", "outline.py", "page.py", "picture.py",
          "pieces.py", "prose.py")
NAMED = re.compile(r"\\(?:label|eqref)\s*\{([^{}]*)\}")


def notebook_files(prepared: Prepared, chapters: Sequence[str], editions: Mapping[str, Edition],
                   site_url: str | None, cache: Cache) -> dict[str, bytes]:
    """Each notebook and each zip by its path in the site. A chapter that failed (`mkdocs serve`) has none."""
    maker = _Maker(prepared, cache)
    files: dict[str, bytes] = {}
    for language, edition in editions.items():
        base = f"{site_url.rstrip('/')}/{language}/" if site_url else None
        made = list(maker.notebooks(language, chapters, edition, base))
        files |= {f"{language}/{FOLDER}/{chapter}.ipynb": data for _, chapter, _, data in made}
        packed = {f"{language}/{number:02}-{chapter}.ipynb": data for number, chapter, _, data in made}
        key = digest([maker.common, [[name, key] for name, (_, _, key, _) in zip(packed, made)]])
        files[f"{language}/{FOLDER}/all-chapters-{language}.zip"] = maker.kept(key, lambda: zipped(packed))
    return files


class _Maker:
    def __init__(self, prepared: Prepared, cache: Cache) -> None:
        here = Path(__file__).parent
        self.prepared, self.cache = prepared, cache
        self.common = digest([[(here / name).read_text("utf-8") for name in ENGINE], metadata.version("nbformat"),
                              picture.drawn_with()])
        self.results: dict[int, str] = {}  # digests, by the result's identity: twins share one

    def notebooks(self, language: str, chapters: Sequence[str], edition: Edition,
                  base: str | None) -> Iterator[tuple[int, str, str, bytes]]:
        """Number, chapter, key and bytes of each."""
        for number, chapter in enumerate(chapters, 1):
            path = f"docs/{language}/{chapter}.md"
            page, result = self.prepared.pages.get(path), self.prepared.results.get(path)
            if page is None or result is None or result.failure or any(e.path == path for e in self.prepared.errors):
                continue
            source = self.prepared.sources[path]
            context = Context(chapter, base, _labels_in(source, self.prepared.labels[language]),
                              WORDS[language]["works"])
            key = self._key(source, page, result, number, context, edition)
            yield number, chapter, key, self.kept(
                key, lambda page=page, source=source, result=result, number=number, context=context:
                _written(page, source, result, number, context, edition))

    def kept(self, key: str, make) -> bytes:
        data = self.cache.get_bytes(key)
        if data is None:
            data = make()
            self.cache.put_bytes(key, data)
        return data

    def _key(self, source: Source, page: Page, result: Result, number: int, context: Context, edition: Edition) -> str:
        labels = {name: [label.number, label.page] for name, label in context.labels.items()}
        blocks = [[block.section.name, block.section.code, asdict(block.options)] for block in page.blocks]
        return digest([self.common, source.text, blocks, self._result(result), number,
                       asdict(context) | {"labels": labels}, asdict(edition)])

    def _result(self, result: Result) -> str:
        if id(result) not in self.results:
            shown = [{name: block[name] for name in block if name != "seconds"} for block in result.blocks]
            values = sorted([*item, text] for item, text in result.values.items())
            self.results[id(result)] = digest([shown, values])
        return self.results[id(result)]


def _labels_in(source: Source, labels: Mapping[str, Label]) -> dict[str, Label]:
    """Only what the page names, so that it stays as it is when another page gets a label."""
    return {name: labels[name] for name in NAMED.findall(source.text) if name in labels}


def _written(page: Page, source: Source, result: Result, number: int, context: Context, edition: Edition) -> bytes:
    import nbformat

    from .notebook import notebook_of

    return (nbformat.writes(notebook_of(page, source.text, result, number, context, edition)) + "\n").encode()
