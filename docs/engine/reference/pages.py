"""The generated parts of the reference pages, as Markdown: what stands for a line `::: questions S0`. Pure."""

from __future__ import annotations

import bisect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from ..source.links import source_link
from .data import Reference
from .entries import Entry
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
        page, _, anchor = entry["place"].partition("#")
        if anchor not in self.reference.pages[self.language].get(page, ()):
            return f"`{entry['place']}`"  # under `mkdocs serve`: the terminal says that it is not there
        return f"→ {self.link(page, anchor)}"

    def pages(self, pages: Iterable[str]) -> str:
        return self.words["list"].join(self.link(page) for page in pages)

    # The directives --------------------------------------------------------------------------------------------

    def symbols(self, part: str) -> Iterator[str]:
        """The rows of a part; those of the book by kind, those of chapters by chapter."""
        rows = [symbol for symbol in self.reference.table.rows.values() if part_of(symbol) == part]
        titles = {"notes": lambda _: "", "book": lambda row: self.words[row.entry["kind"]],
                  "chapters": lambda row: self.reference.title(self.language, row.entry["chapter"])}
        groups: dict[str, list[Symbol]] = {}
        for row in rows:
            groups.setdefault(titles[part](row), []).append(row)
        for title, group in groups.items():
            if title:
                key = group[0].entry["kind" if part == "book" else "chapter"]
                yield f"### {title[:1].upper()}{title[1:]} {{#{part}-{re.sub(r'[^a-z]+', '-', key)}}}\n"
            for row in group:
                yield from self._symbol(row)

    def letters(self, _: str) -> Iterator[str]:
        """A link for each letter, Latin then Greek, to the first row that owns it."""
        rows: dict[str, str] = {}
        for row in sorted(self.reference.table.rows.values(), key=lambda row: "chapter" in row.entry.values):
            for letter in (identifier.base for identifier in row.owns if not identifier.upright):
                if len(letter) == 1 and letter.isalpha():
                    rows.setdefault(letter, row.id)
        yield from self._jumps({letter: rows[letter] for letter in sorted(rows)})

    def _jumps(self, targets: Mapping[str, str]) -> Iterator[str]:
        links = " ".join(f"[{text}](#{anchor})" for text, anchor in targets.items())
        yield '<div class="book-filter"></div>\n'  # book.js fills it; the place is kept, so that nothing moves
        yield f'{links}\n{{: .jumps aria-label="{self.words["jumps"]}" role="navigation" }}\n'

    def _symbol(self, symbol: Symbol) -> Iterator[str]:
        entry, words = symbol.entry, self.words
        row = f" <small>{words['row'].format(entry['row'])}</small>" if "row" in entry.values else ""
        yield f"${entry['latex']}$ **{entry[self.language]}**{row} {{#{symbol.id}}}"
        facts = kind_of(symbol, self.language)
        if symbol.shape:
            facts.append(words["shape"].format(symbol.shape))
        if entry.get("numpy"):
            facts.append(words["numpy"].format(entry["numpy"]))
        if facts:
            yield f":   {words['comma'].join(facts)}{words['stop']}"
        ways = [words[source].format(f"${entry[source]}$") for source in ("lee", "ng", "cs224w")
                if source in entry.values]
        if ways:
            yield f":   {words['semicolon'].join(ways)}{words['stop']}"
        if "remark" in entry.values:
            yield f":   {entry['remark'][self.language]}"
        used = self.reference.uses.get(symbol.id, ())
        yield f":   {words['used'].format(self.pages(used)) if used else words['unused'] + words['stop']}"
        yield ""

    def questions(self, note: str) -> Iterator[str]:
        yield from self._numbered("questions", note, "question", "answer")

    def errata(self, note: str) -> Iterator[str]:
        yield from self._numbered("errata", note, "claim", "correction")

    def _numbered(self, file: str, note: str, title: str, body: str) -> Iterator[str]:
        for entry in self.reference.data[file].values():
            if first_note(entry) == note:
                yield f"### {entry.id} · {entry[title][self.language]} {{#{entry.id.lower()}}}"
                kind = f"**{self.words[entry['kind']]}** " if "kind" in entry.values else ""
                yield f"\n{kind}{entry[body][self.language]}\n\n{self.place(entry)}\n"
                if others := [self._entry(id_) for id_ in entry.get("see", ())]:
                    yield self.words["see"].format(self.words["list"].join(others)) + "\n"

    def _entry(self, id_: str) -> str:
        return self.link("questions" if id_.startswith("Q") else "errata", id_.lower(), id_)

    def topics(self, note: str) -> Iterator[str]:
        found = [entry for entry in self.reference.data["topics"].values() if entry.id.startswith(f"{note}-")]
        words = self.words
        yield self._origin(self.reference.data["notes"][note]) + "\n"
        yield self.reference.data["notes"][note]["covers"][self.language]
        yield "\n" + words["number of topics"].format(len(found))
        yield f"\n| {words['number of a topic']} | {words['topic']} | {words['where']} |\n|---|---|---|"
        for entry in found:
            cells = [f"{entry.id} {{#{entry.id.lower()}}}", entry[self.language], self.place(entry).removeprefix("→ ")]
            yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"

    def _origin(self, note: Entry) -> str:
        """What our copy of a note says of itself, and what it does not say."""
        words = self.words
        said = [words["original"].format(f'<cite lang="zh">{note["original"]}</cite>')]
        said += [words[key].format(note[key]) for key in ("author", "date", "address") if key in note.values]
        missing = [words[f"no {key}"] for key in ("author", "date", "address") if key not in note.values]
        silent = words["silent"].format(words["or"].join(missing)) if missing else ""
        return words["semicolon"].join(said) + words["stop"] + silent

    def glossary(self, _: str) -> Iterator[str]:
        other = "en" if self.language == "zh" else "zh"
        entries = sorted(self.reference.data["glossary"].values(), key=self._order)
        letters = {entry.id: initial(self._sorted_as(entry)) for entry in entries}
        anchors = {letter: f"letter-{letter.lower()}" for letter in letters.values()}
        yield from self._jumps(anchors)
        before = ""
        for entry in entries:
            if letters[entry.id] != before:
                before = letters[entry.id]
                yield f"## {before} {{#{anchors[before]}}}\n"
            yield f"**{entry[self.language]}** <span lang=\"{other}\">{entry[other]}</span> {{#{entry.id}}}"
            yield f":   {entry['define'][self.language]}"
            yield f":   {self.place(entry)}\n"

    def _order(self, entry: Entry) -> bytes:
        return alphabetical(self._sorted_as(entry))

    def _sorted_as(self, entry: Entry) -> str:
        return entry.get("sorted_as", {}).get(self.language, entry[self.language])

    def bibliography(self, _: str) -> Iterator[str]:
        for entry in self.reference.data["bibliography"].values():
            yield f"**{label(entry, self.language)}** {{#{entry.id}}}"
            within = [f'<span lang="en">{entry["in"]}</span>'] if "in" in entry.values else []
            parts = [self.words["list"].join(authors(entry, self.language)), f'<cite lang="en">{entry["title"]}</cite>',
                     *within, str(entry["year"]), *_addresses(entry)]
            yield f":   {'. '.join(parts)}."
            if "remark" in entry.values:
                yield f":   {entry['remark'][self.language]}"
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
                links = [self.words["named"].format(entry[self.language], link)
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
    return "notes" if "row" in symbol.entry.values else "chapters" if "chapter" in symbol.entry.values else "book"


def kind_of(symbol: Symbol, language: str) -> list[str]:
    """What kind of thing it is, unless its name says so."""
    kind = WORDS[language][symbol.entry["kind"]]
    return [] if kind == symbol.name(language) else [kind]


def first_note(entry: Entry) -> str:
    note = entry["note"]
    return note[0] if isinstance(note, list) else note


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


def _addresses(entry: Entry) -> Iterator[str]:
    if "doi" in entry.values:
        yield f"[doi:{entry['doi']}](https://doi.org/{entry['doi']})"
    if "arxiv" in entry.values:
        yield f"[arXiv:{entry['arxiv']}](https://arxiv.org/abs/{entry['arxiv']})"
    if "isbn" in entry.values:
        yield f'<span class="isbn">ISBN {entry["isbn"]}</span>'
    if "url" in entry.values:
        yield f"<{entry['url']}>"
