"""What the search looks through, and what readers call it. The search itself is search.js: it stands in the place of
Material's worker, and Material's page shows what it finds."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import opencc
from mkdocs.structure.files import File, Files
from rjsmin import jsmin

from ..reference.data import Reference
from ..reference.records import Entry, Term
from ..reference.symbols import Symbol
from ..source.files import read_text

WORKER = re.compile(r"assets/javascripts/workers/search\.\w+\.min\.js")
UNUSED = "assets/javascripts/lunr/"  # the engine of Material's worker
INDEX, SECTIONS = "search/search_index.json", "search/sections.json"
DEFINES, IS, ONCE = 9, 6, 3  # how much a name weighs: where a term is taught, in its own entry, in a chapter's own row
HOME_BOOST = 0.05
_SCRIPT = Path(__file__).with_name("search.js")
_STYLE = re.compile(r"\\(?:math\w+|boldsymbol|operatorname|text)(?![A-Za-z])")
_ACCENT = re.compile(r"\\(hat|bar|tilde)\{+(\w)\}+")
_HAN = range(0x3400, 0xA000)
_DRAWING = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
_FORMULA = re.compile(r"<math\b.*?</math>", re.DOTALL)
_SPAN = re.compile(r"</?span\b[^>]*>")
_TAG = re.compile(r"<[^>]*>")
_ENTRY = re.compile(r'<dt id="([^"]+)">(.*?)</dt>', re.DOTALL)
_ROW = re.compile(r'<td id="([^"]+)">(.*?)</td>\s*<td>(.*?)</td>', re.DOTALL)
_ASIDE = re.compile(r"<small>.*?</small>")


def set_search(config) -> None:
    """Settings of the plugin `material/search` for one language's site; before the plugin fills in its own."""
    config.lang, config.separator, config.pipeline = ["en"], r"\s+", []


def put_worker(files: Files, config) -> None:
    """Puts search.js in the place of the theme's worker, and leaves out what that needed."""
    theirs = next(file for file in files if WORKER.fullmatch(file.src_uri))
    for file in list(files):
        if file.src_uri.startswith((UNUSED, theirs.src_uri)):
            files.remove(file)
    files.append(File.generated(config, theirs.src_uri, content=str(jsmin(read_text(_SCRIPT, _SCRIPT.name)))))


def searchable(html: str) -> str:
    """What the plugin is to read of a page: its words. Drawings and the marks of formulas and code are taken off, for
    its parser takes longer over them than over all else. Entries of the reference pages get headings, for it makes a
    section of each heading with an anchor."""
    text = _FORMULA.sub(lambda formula: _TAG.sub("", formula[0]), _SPAN.sub("", _DRAWING.sub("", html)))
    text = _ENTRY.sub(lambda entry: f'<h3 id="{entry[1]}">{_ASIDE.sub("", entry[2])}</h3>', text)
    return _ROW.sub(r'<h3 id="\1">\2 \3</h3>', text)


def write_sections(site: Path, reference: Reference | None, language: str, whole: bool) -> None:
    """Rewrites the index that Material has written to a language's site. Its sections come with the first query, from a
    file of their own; `whole`: they stay, for a copy that is read from a folder."""
    index = json.loads((site / INDEX).read_text("utf-8"))
    sections = sections_of(index["docs"], names(reference, language) if reference else {})
    text = "".join(f"{section['title']}{section['text']}" for section in sections)
    book = dict(zip(("traditional", "simple"), simplified(text), strict=True))
    if whole:
        index["docs"], index["config"]["book"] = sections, book
    else:
        index["docs"] = []
        _write(site / SECTIONS, {"sections": sections, **book})
    _write(site / INDEX, index)


def _write(file: Path, content: object) -> None:
    file.write_text(json.dumps(content, ensure_ascii=False, separators=(",", ":")), "utf-8")


def sections_of(docs: list[dict], names: Mapping[str, Mapping[str, int]]) -> list[dict]:
    """The sections as plain text, with their names."""
    found = []
    for doc in docs:
        place = _place(doc["location"])
        section = {"location": doc["location"], "title": _plain(doc["title"]), "text": _plain(doc["text"])}
        if boost := HOME_BOOST if place.startswith("#") or not place else doc.get("boost"):
            section["boost"] = boost
        if place in names:
            section["names"] = names[place]
        found.append(section)
    return found


def _plain(markup: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"</?(?:p|li|ul|ol|pre)>", " ", markup)
                                             .replace("<code>", "").replace("</code>", ""))).strip()


def _place(location: str) -> str:
    """`loss/#convex` or, in a copy for a folder, `loss.html#convex`, as the data have it: `loss#convex`."""
    page, _, anchor = location.partition("#")
    page = page.removesuffix(".html").removesuffix("/").removesuffix("index")
    return f"{page}#{anchor}" if anchor else page


def simplified(text: str) -> tuple[str, str]:
    """Traditional characters, and as many simplified ones that stand in the text."""
    known, every = set(text), [chr(code) for code in _HAN]
    pairs = zip(every, opencc.OpenCC("t2s").convert("\n".join(every)).split("\n"), strict=True)
    kept = [(old, new) for old, new in pairs if old != new and new in known]
    return "".join(old for old, _ in kept), "".join(new for _, new in kept)


# What readers call things ------------------------------------------------------------------------------------------


def names(reference: Reference, language: str) -> dict[str, dict[str, int]]:
    """By place (`glossary#loss`, `loss#recipe`) what is asked for there, and how much that says."""
    found: dict[str, dict[str, int]] = {}

    def add(place: str, spellings: Iterable[str], weight: int) -> None:
        found.setdefault(place, {}).update({spelling: weight for spelling in spellings if spelling})

    taught: dict[str, str] = {}  # by spelling of a term
    for term in reference.data.glossary.values():
        spellings = sorted(set(_called(term)))
        add(f"glossary#{term.id}", spellings, IS)
        add(term.values.place, spellings, DEFINES)
        taught |= {spelling: term.values.place for spelling in (term.id, *spellings)}
    for symbol in reference.table.rows.values():
        letters, name = list(letters_of(symbol)), symbol.name(language)
        add(f"symbols#{symbol.id}", letters, ONCE if symbol.entry.values.chapter else IS)
        add(f"symbols#{symbol.id}", [name], ONCE)
        place = taught.get(symbol.id) or taught.get(name)
        if place and not symbol.entry.values.chapter:
            add(place, letters, DEFINES)
    return found


def _called(term: Entry[Term]) -> Iterator[str]:
    """A term in both languages, its forms, what the book does not call it, and what else leads to it."""
    for some in (term.values.forms, term.values.rejected, term.values.searched):
        yield from (*(some.zh or ()), *(some.en or ()))
    yield from (term.values.zh, term.values.en)


def letters_of(symbol: Symbol) -> Iterator[str]:
    """How one types a symbol: `\\hat{y}`, `ŷ`, `y_hat`; `\\eta`, `η`, `eta`."""
    for latex in (symbol.entry.values.latex, *(symbol.entry.values.letters or ())):
        bare = _STYLE.sub("", latex)
        yield from (latex, bare, _ACCENT.sub(r"\2_\1", bare))
    for identifier in symbol.owns:
        yield (plain := unicodedata.normalize("NFKC", identifier.text))
        if len(plain) == 1:
            yield from re.findall(r"GREEK (?:SMALL|CAPITAL) LETTER (\w+)", unicodedata.name(plain, ""))
    code = symbol.entry.values.numpy
    yield from code.split(", ") if re.fullmatch(r"\w+(?:, \w+)*", code) else (code,)
