"""The generated parts of the reference pages, as Markdown: what stands for a line `::: questions S0`. Pure."""

from __future__ import annotations

import bisect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from ..source.files import source_link
from .data import Reference
from .entries import Entry
from .records import Note, Settled, Term, Work
from .symbols import Symbol
from .words import WORDS
from .works import authors, label


class Writer:
    """Writes for one page in one language."""

    def __init__(self, reference: Reference, language: str, page: str) -> None:
        self.reference, self.language, self.page = reference, language, page
        self.words = WORDS[language]

    def link(self, page: str, anchor: str = "", text: str = "") -> str:
        title = self.reference.title(self.language, page)
        if anchor and not text:
            section = self.reference.pages[self.language][page][anchor]
            text = title if section.level == 1 else self.words["section"].format(page=title, section=section.title)
        target = "" if page == self.page else source_link(self.page, page)
        return f"[{text or title}]({target}{f'#{anchor}' if anchor else ''})"

    def place(self, entry: Entry) -> str:
        """Where the book shows it."""
        page, _, anchor = entry.values.place.partition("#")
        if anchor not in self.reference.pages[self.language].get(page, ()):
            return f"`{entry.values.place}`"  # under `mkdocs serve`: the terminal says that it is not there
        return f"→ {self.link(page, anchor)}"

    def pages(self, pages: Iterable[str]) -> str:
        return self.words["list"].join(self.link(page) for page in pages)

    # The directives --------------------------------------------------------------------------------------------

    def symbols(self, part: str) -> Iterator[str]:
        """The rows of a part; those of the book by kind, those of chapters by chapter."""
        rows = [symbol for symbol in self.reference.table.rows.values() if part_of(symbol) == part]
        titles = {"notes": lambda _: "", "book": lambda row: self.words[row.entry.values.kind],
                  "chapters": lambda row: self.reference.title(self.language, row.entry.values.chapter)}
        groups: dict[str, list[Symbol]] = {}
        for row in rows:
            groups.setdefault(titles[part](row), []).append(row)
        for title, group in groups.items():
            if title:
                first = group[0].entry.values
                key = (first.kind if part == "book" else first.chapter) or ""
                yield f"### {title[:1].upper()}{title[1:]} {{#{part}-{re.sub(r'[^a-z]+', '-', key)}}}\n"
            for row in group:
                yield from self._symbol(row)

    def letters(self, _: str) -> Iterator[str]:
        """A link for each letter, Latin then Greek, to the first row that owns it."""
        rows: dict[str, str] = {}
        for row in sorted(self.reference.table.rows.values(), key=lambda row: row.entry.values.chapter is not None):
            for letter in (identifier.base for identifier in row.owns if not identifier.upright):
                if len(letter) == 1 and letter.isalpha():
                    rows.setdefault(letter, row.id)
        yield from self._jumps({letter: rows[letter] for letter in sorted(rows)})

    def _jumps(self, targets: Mapping[str, str]) -> Iterator[str]:
        links = " ".join(f"[{text}](#{anchor})" for text, anchor in targets.items())
        yield '<div class="book-filter"></div>\n'  # book.js fills it; the place is kept, so that nothing moves
        yield f'{links}\n{{: .jumps aria-label="{self.words["jumps"]}" role="navigation" }}\n'

    def _symbol(self, symbol: Symbol) -> Iterator[str]:
        row, words = symbol.entry.values, self.words
        number = f" <small>{words['row'].format(row.row)}</small>" if row.row is not None else ""
        yield f"${row.latex}$ **{row[self.language]}**{number} {{#{symbol.id}}}"
        facts = kind_of(symbol, self.language)
        if symbol.shape:
            facts.append(words["shape"].format(symbol.shape))
        if row.numpy:
            facts.append(words["numpy"].format(row.numpy))
        if facts:
            yield f":   {words['comma'].join(facts)}{words['stop']}"
        ways = [words[source].format(f"${getattr(row, source)}$") for source in ("lee", "ng", "cs224w")
                if getattr(row, source)]
        if ways:
            yield f":   {words['semicolon'].join(ways)}{words['stop']}"
        if row.remark:
            yield f":   {row.remark[self.language]}"
        used = self.reference.uses.get(symbol.id, ())
        yield f":   {words['used'].format(self.pages(used)) if used else words['unused'] + words['stop']}"
        yield ""

    def questions(self, note: str) -> Iterator[str]:
        yield from self._numbered(self.reference.data.questions, note, "question", "answer")

    def errata(self, note: str) -> Iterator[str]:
        yield from self._numbered(self.reference.data.errata, note, "claim", "correction")

    def _numbered(self, entries: Mapping[str, Entry], note: str, title: str, body: str) -> Iterator[str]:
        for entry in entries.values():
            if first_note(entry.values) == note:
                said = {key: getattr(entry.values, key)[self.language] for key in (title, body)}
                yield f"### {entry.id} · {said[title]} {{#{entry.id.lower()}}}"
                kind = f"**{self.words[kind]}** " if (kind := getattr(entry.values, "kind", None)) else ""
                yield f"\n{kind}{said[body]}\n\n{self.place(entry)}\n"
                if others := [self._entry(id_) for id_ in entry.values.see]:
                    yield self.words["see"].format(self.words["list"].join(others)) + "\n"

    def _entry(self, id_: str) -> str:
        return self.link("questions" if id_.startswith("Q") else "errata", id_.lower(), id_)

    def topics(self, note: str) -> Iterator[str]:
        found = [entry for entry in self.reference.data.topics.values() if entry.id.startswith(f"{note}-")]
        words = self.words
        about = self.reference.data.notes[note].values
        yield self._origin(about) + "\n"
        yield about.covers[self.language]
        yield "\n" + words["number of topics"].format(len(found))
        yield f"\n| {words['number of a topic']} | {words['topic']} | {words['where']} |\n|---|---|---|"
        for entry in found:
            cells = [f"{entry.id} {{#{entry.id.lower()}}}", entry.values[self.language],
                     self.place(entry).removeprefix("→ ")]
            yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"

    def _origin(self, note: Note) -> str:
        """What our copy of a note says of itself, and what it does not say."""
        words = self.words
        said = [words["original"].format(f'<cite lang="zh">{note.original}</cite>')]
        facts = {key: getattr(note, key) for key in ("author", "date", "address")}
        said += [words[key].format(fact) for key, fact in facts.items() if fact]
        missing = [words[f"no {key}"] for key, fact in facts.items() if not fact]
        silent = words["silent"].format(words["or"].join(missing)) if missing else ""
        return words["semicolon"].join(said) + words["stop"] + silent

    def glossary(self, _: str) -> Iterator[str]:
        other = "en" if self.language == "zh" else "zh"
        entries = sorted(self.reference.data.glossary.values(), key=self._order)
        letters = {entry.id: initial(self._sorted_as(entry)) for entry in entries}
        anchors = {letter: f"letter-{letter.lower()}" for letter in letters.values()}
        yield from self._jumps(anchors)
        before = ""
        for entry in entries:
            if letters[entry.id] != before:
                before = letters[entry.id]
                yield f"## {before} {{#{anchors[before]}}}\n"
            term = entry.values
            yield f"**{term[self.language]}** <span lang=\"{other}\">{term[other]}</span> {{#{entry.id}}}"
            yield f":   {term.define[self.language]}"
            yield f":   {self.place(entry)}\n"

    def _order(self, entry: Entry[Term]) -> bytes:
        return alphabetical(self._sorted_as(entry))

    def _sorted_as(self, entry: Entry[Term]) -> str:
        return entry.values.sorted_as.get(self.language) or entry.values[self.language]

    def bibliography(self, _: str) -> Iterator[str]:
        for entry in self.reference.data.bibliography.values():
            work = entry.values
            yield f"**{label(entry, self.language)}** {{#{entry.id}}}"
            within = [f'<span lang="en">{work.within}</span>'] if work.within else []
            parts = [self.words["list"].join(authors(entry, self.language)), f'<cite lang="en">{work.title}</cite>',
                     *within, str(work.year), *_addresses(work)]
            yield f":   {'. '.join(parts)}."
            if work.remark:
                yield f":   {work.remark[self.language]}"
            if cited := self.reference.cited.get(entry.id):
                yield f":   {self.words['cited'].format(self.pages(cited))}"
            yield ""

    def rebuilds(self, _: str) -> Iterator[str]:
        """What of the notes has its place on this page: topics by name, questions and corrections by number."""
        parts = []
        found = list(self.reference.places(self.page))
        for file, target in (("topics", "sources"), ("questions", "questions"), ("errata", "errata")):
            entries = [entry for name, entry in found if name == file]
            links = [self.link(target, entry.id.lower(), entry.id) for entry in entries]
            if file == "topics":
                links = [self.words["named"].format(entry.values[self.language], link)
                         for entry, link in zip(entries, links, strict=True)]
            if links:
                between = self.words["semicolon" if file == "topics" else "list"]
                text = f"{self.words[file]}{self.words['colon']}{between.join(links)}{self.words['stop']}"
                parts.append(text[:1].upper() + text[1:])
        yield "\n\n".join(parts or [self.words["nothing"] + self.words["stop"]])


DIRECTIVES: Mapping[str, Callable[[Writer, str], Iterator[str]]] = {
    "symbols": Writer.symbols, "questions": Writer.questions, "errata": Writer.errata, "topics": Writer.topics,
    "letters": Writer.letters, "glossary": Writer.glossary, "bibliography": Writer.bibliography,
    "rebuilds": Writer.rebuilds,
}
PARTS = ("notes", "book", "chapters")  # of the symbol table
ARGUMENTS = {"symbols": PARTS, **dict.fromkeys(("questions", "errata", "topics"), ("S0", "S1", "S2", "S3", "S4"))}


def part_of(symbol: Symbol) -> str:
    """The part of the table in which a row stands: the notes' own rows, the book's, those of single chapters."""
    row = symbol.entry.values
    return "notes" if row.row is not None else "chapters" if row.chapter else "book"


def kind_of(symbol: Symbol, language: str) -> list[str]:
    """What kind of thing it is, unless its name says so."""
    kind = WORDS[language][symbol.entry.values.kind]
    return [] if kind == symbol.name(language) else [kind]


def first_note(settled: Settled) -> str:
    return settled.note[0] if isinstance(settled.note, list) else settled.note


def alphabetical(term: str) -> bytes:
    """Terms by their letters, Chinese ones by pinyin, the order of the common characters in GB 2312. For a rarer
    character the entry names a common one of the same reading, `sorted_as`."""
    return (initial(term) + term.casefold()).encode("gb18030")


# The first of the common characters of GB 2312 under each letter of pinyin.
_FIRST = dict(zip("啊芭擦搭蛾发噶哈击喀垃妈拿哦啪期然撒塌挖昔压匝", "ABCDEFGHJKLMNOPQRSTWXYZ", strict=True))
_BOUNDS = sorted((first.encode("gb18030"), letter) for first, letter in _FIRST.items())


def initial(term: str) -> str:
    """The letter under which a term stands: its own, or that of its pinyin."""
    if term[0].isascii():
        return term[0].upper()
    return _BOUNDS[bisect.bisect(_BOUNDS, (term[0].encode("gb18030"), "~")) - 1][1]


def _addresses(work: Work) -> Iterator[str]:
    if work.doi:
        yield f"[doi:{work.doi}](https://doi.org/{work.doi})"
    if work.arxiv:
        yield f"[arXiv:{work.arxiv}](https://arxiv.org/abs/{work.arxiv})"
    if work.isbn:
        yield f'<span class="isbn">ISBN {work.isbn}</span>'
    if work.url:
        yield f"<{work.url}>"
