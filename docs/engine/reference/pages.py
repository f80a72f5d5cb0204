"""The generated parts of the reference pages, as Markdown: what stands for a line `::: questions S0`. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from ..source.errors import nearest
from ..source.links import source_link
from .data import Reference
from .records import Entry, Note, Term
from .symbols import Symbol
from .words import WORDS, alphabetical, initial
from .works import authors, label

PARTS = ("notes", "book", "chapters")  # of the symbol table
NOTES = ("S0", "S1", "S2", "S3", "S4")
# A method of the writer for each, with the arguments that it takes.
DIRECTIVES = {"symbols": PARTS, "questions": NOTES, "errata": NOTES, "topics": NOTES,
              **dict.fromkeys(("letters", "glossary", "bibliography", "rebuilds"), ("",))}


def directive_fault(name: str, argument: str) -> str | None:
    if name not in DIRECTIVES:
        return f"no directive '::: {name}'. {nearest(name, DIRECTIVES)}"
    if argument not in DIRECTIVES[name]:
        expected = " or ".join(repr(f"::: {name} {one}".strip()) for one in DIRECTIVES[name])
        return f"'::: {name}' with {argument!r}; expected {expected}"
    return None


class Writer:
    """Writes for one page in one language."""

    def __init__(self, reference: Reference, language: str, page: str) -> None:
        self.reference, self.language, self.page = reference, language, page
        self.words = WORDS[language]

    def written(self, name: str, argument: str) -> str:
        """What stands for `::: name argument`, a directive without fault."""
        return "\n".join(getattr(self, name)(argument))

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
        groups: dict[str, list[Symbol]] = {}
        for symbol in self.reference.table.rows.values():
            if part_of(symbol) == part:
                row = symbol.entry.values
                groups.setdefault({"book": row.kind, "chapters": row.chapter}.get(part) or "", []).append(symbol)
        for key, group in groups.items():
            if key:
                title = self.words[key] if part == "book" else self.reference.title(self.language, key)
                yield f"### {title[:1].upper()}{title[1:]} {{#{part}-{re.sub(r'[^a-z]+', '-', key)}}}\n"
            for symbol in group:
                yield from self._symbol(symbol)

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
        yield from self._facts("comma", [*kind_of(symbol, self.language), *_filled(words["shape"], symbol.shape),
                                         *_filled(words["numpy"], row.numpy)])
        yield from self._facts("semicolon", [words[source].format(f"${latex}$") for source in ("lee", "ng", "cs224w")
                                             if (latex := getattr(row, source))])
        if row.remark:
            yield f":   {row.remark[self.language]}"
        used = self.reference.uses.get(symbol.id, ())
        yield f":   {words['used'].format(self.pages(used)) if used else words['unused'] + words['stop']}"
        yield ""

    def _facts(self, between: str, facts: list[str]) -> Iterator[str]:
        if facts:
            yield f":   {self.words[between].join(facts)}{self.words['stop']}"

    def questions(self, note: str) -> Iterator[str]:
        yield from self._numbered(self.reference.data.questions, note, "question", "answer")

    def errata(self, note: str) -> Iterator[str]:
        yield from self._numbered(self.reference.data.errata, note, "claim", "correction")

    def _numbered(self, entries: Mapping[str, Entry], note: str, title: str, body: str) -> Iterator[str]:
        for entry in entries.values():
            notes = entry.values.note
            if note == (notes[0] if isinstance(notes, list) else notes):
                said = {key: getattr(entry.values, key)[self.language] for key in (title, body)}
                yield f"### {entry.id} · {said[title]} {{#{entry.id.lower()}}}"
                kind = f"**{self.words[kind]}** " if (kind := getattr(entry.values, "kind", None)) else ""
                yield f"\n{kind}{said[body]}\n\n{self.place(entry)}\n"
                if others := [self.link("questions" if id_.startswith("Q") else "errata", id_.lower(), id_)
                              for id_ in entry.values.see]:
                    yield self.words["see"].format(self.words["list"].join(others)) + "\n"

    def topics(self, note: str) -> Iterator[str]:
        words, about = self.words, self.reference.data.notes[note].values
        found = [entry for entry in self.reference.data.topics.values() if entry.id.startswith(f"{note}-")]
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
        words, facts = self.words, {key: getattr(note, key) for key in ("author", "date", "address")}
        said = [words["original"].format(f'<cite lang="zh">{note.original}</cite>'),
                *(words[key].format(fact) for key, fact in facts.items() if fact)]
        missing = words["or"].join(words[f"no {key}"] for key, fact in facts.items() if not fact)
        return words["semicolon"].join(said) + words["stop"] + "".join(_filled(words["silent"], missing))

    def glossary(self, _: str) -> Iterator[str]:
        language, other = self.language, "en" if self.language == "zh" else "zh"

        def spelled(entry: Entry[Term]) -> str:
            return entry.values.sorted_as.get(language) or entry.values[language]

        entries = sorted(self.reference.data.glossary.values(), key=lambda entry: alphabetical(spelled(entry)))
        groups = {letter: list(group) for letter, group in groupby(entries, lambda entry: initial(spelled(entry)))}
        yield from self._jumps({letter: f"letter-{letter.lower()}" for letter in groups})
        for letter, group in groups.items():
            yield f"## {letter} {{#letter-{letter.lower()}}}\n"
            for entry in group:
                term = entry.values
                yield f"**{term[language]}** <span lang=\"{other}\">{term[other]}</span> {{#{entry.id}}}"
                yield f":   {term.define[language]}"
                yield f":   {self.place(entry)}\n"

    def bibliography(self, _: str) -> Iterator[str]:
        for entry in self.reference.data.bibliography.values():
            work = entry.values
            yield f"**{label(entry, self.language)}** {{#{entry.id}}}"
            parts = [self.words["list"].join(authors(entry, self.language)), f'<cite lang="en">{work.title}</cite>',
                     *_filled('<span lang="en">{}</span>', work.within), str(work.year),
                     *_filled("[doi:{0}](https://doi.org/{0})", work.doi),
                     *_filled("[arXiv:{0}](https://arxiv.org/abs/{0})", work.arxiv),
                     *_filled('<span class="isbn">ISBN {}</span>', work.isbn), *_filled("<{}>", work.url)]
            yield f":   {'. '.join(parts)}."
            if work.remark:
                yield f":   {work.remark[self.language]}"
            if cited := self.reference.cited.get(entry.id):
                yield f":   {self.words['cited'].format(self.pages(cited))}"
            yield ""

    def rebuilds(self, _: str) -> Iterator[str]:
        """What of the notes has its place on this page: topics by name, questions and corrections by number."""
        words, links = self.words, {"topics": [], "questions": [], "errata": []}
        for file, entry in self.reference.places(self.page):
            link = self.link("sources" if file == "topics" else file, entry.id.lower(), entry.id)
            links[file].append(words["named"].format(entry.values[self.language], link) if file == "topics" else link)
        said = [words[file] + words["colon"] + words["semicolon" if file == "topics" else "list"].join(found)
                + words["stop"] for file, found in links.items() if found]
        yield "\n\n".join(text[:1].upper() + text[1:] for text in said) or words["nothing"] + words["stop"]


def part_of(symbol: Symbol) -> str:
    """The part of the table in which a row stands: the notes' own rows, the book's, those of single chapters."""
    row = symbol.entry.values
    return "notes" if row.row is not None else "chapters" if row.chapter else "book"


def kind_of(symbol: Symbol, language: str) -> list[str]:
    """What kind of thing it is, unless its name says so."""
    kind = WORDS[language][symbol.entry.values.kind]
    return [] if kind == symbol.name(language) else [kind]


def _filled(pattern: str, value: str | None) -> list[str]:
    """What is said of the value; nothing without one."""
    return [pattern.format(value)] if value else []
