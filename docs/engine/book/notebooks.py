"""The notebooks of all chapters and labs, and a zip of each language's. They are kept by content: what has not changed
is not made again."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ..figures import picture
from ..notebook.edition import WORDS, Chapter, Edition, edition
from ..notebook.plain import Context
from ..notebook.write import notebook_of
from ..reference.pages import Writer
from ..reference.works import citations_of, label
from ..run.cache import Cache, digest, engine_digest
from ..run.results import Result
from ..source.files import read_text
from ..source.labels import Label
from .book import Book, Prepared
from .site_files import zipped

FOLDER = "notebooks"  # below the language's
NAMED = re.compile(r"\\(?:label|eqref)\s*\{([^{}]*)\}")


def editions_of(book: Book, languages: Mapping[str, Mapping]) -> dict[str, Edition]:
    """One for each language; `languages` is what mkdocs.yml says of them."""
    packages = {name: book.packages[name] for name in book.declared}
    style = read_text(book.style, book.style.name) if book.style else ""
    return {language: edition(language, words, packages, style) for language, words in languages.items()}


def notebook_files(prepared: Prepared, chapters: Sequence[str], editions: Mapping[str, Edition],
                   site_url: str | None, cache: Cache, labs: Sequence[str] = ()) -> dict[str, bytes]:
    """Each notebook and each zip by its path in the site. A page that failed (`mkdocs serve`) has none."""
    maker = _Maker(prepared, cache)
    pages = [*enumerate(chapters, 1), *((None, lab) for lab in labs)]
    files: dict[str, bytes] = {}
    for language, shared in editions.items():
        base = f"{site_url.rstrip('/')}/{language}/" if site_url else None
        made = list(maker.notebooks(language, pages, shared, base))
        files |= {f"{language}/{FOLDER}/{one.name}.ipynb": one.data for one in made}
        files[f"{language}/{FOLDER}/all-chapters-{language}.zip"] = maker.all_in_one(language, made, base)
    return files


@dataclass(frozen=True)
class _Notebook:
    numbered: str  # "03-loss"; a lab has no number
    name: str
    key: str
    data: bytes


class _Maker:
    def __init__(self, prepared: Prepared, cache: Cache) -> None:
        self.prepared, self.cache = prepared, cache
        self.common = digest([engine_digest(), picture.drawn_with()])
        self.results: dict[int, str] = {}  # digests, by the result's identity: twins share one

    def notebooks(self, language: str, pages: Sequence[tuple[int | None, str]], shared: Edition,
                  base: str | None) -> Iterator[_Notebook]:
        for number, name in pages:
            path = f"docs/{language}/{name}.md"
            page, result = self.prepared.pages.get(path), self.prepared.results.get(path)
            if page is None or result is None or result.failure or any(e.path == path for e in self.prepared.errors):
                continue
            text = self.prepared.sources[path].text
            labels = _named_in(text, self.prepared.labels[language])
            context = Context(name, base, labels, WORDS[language]["works"], *self._reference(language, name, text))
            chapter = Chapter(number, page, text, result, context, shared)
            key = self._key(chapter)
            numbered = name if number is None else f"{number:02}-{name}"
            yield _Notebook(numbered, name, key, self._kept([path, base], key, _written, chapter))

    def _reference(self, language: str, name: str, text: str) -> tuple[dict[str, str], dict[str, str]]:
        """The works that the page cites, by key; what stands for its directive."""
        reference = self.prepared.reference
        if reference is None:
            return {}, {}
        works = {key: label(reference.data.bibliography[key], language) for key, _ in citations_of(text)}
        return works, {"::: rebuilds": "\n".join(Writer(reference, language, name).rebuilds(""))}

    def all_in_one(self, language: str, made: Sequence[_Notebook], base: str | None) -> bytes:
        """A zip with one folder, in which the chapters stand in order, the labs in a folder below."""
        files = {f"{language}/{one.numbered}.ipynb": one.data for one in made}
        key = digest([self.common, list(files), [one.key for one in made]])
        return self._kept([language, base], key, zipped, files)

    def _kept(self, place: list, key: str, make: Callable[..., bytes], *arguments) -> bytes:
        """What `make` gives, from the cache if it was made for the same key. Of each place only the last is kept:
        under `mkdocs serve` there is a new one with every edit."""
        entry = digest(place)
        kept_key, _, data = (self.cache.get_bytes(entry) or b"").partition(b"\n")
        if kept_key != key.encode():
            data = make(*arguments)
            self.cache.put_bytes(entry, f"{key}\n".encode() + data)
        return data

    def _key(self, chapter: Chapter) -> str:
        """Of all that a notebook holds; of a label, not where it is defined."""
        blocks = [[block.section.name, block.section.code, repr(block.options)] for block in chapter.page.blocks]
        labels = {name: [label.number, label.page] for name, label in chapter.context.labels.items()}
        return digest([self.common, chapter.number, chapter.text, blocks, self._result(chapter.result),
                       vars(chapter.context) | {"labels": labels}, vars(chapter.edition)])

    def _result(self, result: Result) -> str:
        if id(result) not in self.results:
            shown = [replace(output, seconds=0.0) for output in result.blocks]
            values = sorted([*item, text] for item, text in result.values.items())
            self.results[id(result)] = digest([shown, values])
        return self.results[id(result)]


def _named_in(text: str, labels: Mapping[str, Label]) -> dict[str, Label]:
    """Only the labels that the page names, so that it stays as it is when another page gets one."""
    return {name: labels[name] for name in NAMED.findall(text) if name in labels}


def _written(chapter: Chapter) -> bytes:
    return f"{json.dumps(notebook_of(chapter), ensure_ascii=False, indent=1, sort_keys=True)}\n".encode()
