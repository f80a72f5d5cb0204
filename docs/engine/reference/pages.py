"""The generated parts of the reference pages, as Markdown: what stands for a line `::: questions S0`. Pure."""

from __future__ import annotations

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
        """Where the book shows it, or that its chapter is not written yet."""
        if "planned" in entry.values:
            title = self.reference.data["plan"][entry["planned"]][self.language]
            return f"*{self.words['planned'].format(self.words['title'].format(title))}*{{ .planned }}"
        page, _, anchor = entry["place"].partition("#")
        if anchor not in self.reference.pages[self.language].get(page, ()):
            return f"`{entry['place']}`"  # under `mkdocs serve`: the terminal says that it is not there
        return f"→ {self.link(page, anchor)}"

    def pages(self, pages: Iterable[str]) -> str:
        return self.words["list"].join(self.link(page) for page in pages)

    # The directives --------------------------------------------------------------------------------------------

    def symbols(self, part: str) -> Iterator[str]:
        for symbol in self.reference.table.rows.values():
            if part_of(symbol) == part:
                yield from self._symbol(symbol)

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
                yield f"\n{entry[body][self.language]}\n\n{self.place(entry)}\n"

    def topics(self, note: str) -> Iterator[str]:
        found = [entry for entry in self.reference.data["topics"].values() if entry.id.startswith(f"{note}-")]
        planned = sum("planned" in entry.values for entry in found)
        words = self.words
        yield self.reference.data["notes"][note]["covers"][self.language]
        yield "\n" + words["number of topics"].format(all=len(found), taught=len(found) - planned, planned=planned)
        yield f"\n| {words['number of a topic']} | {words['topic']} | {words['where']} |\n|---|---|---|"
        for entry in found:
            cells = [f"{entry.id} {{#{entry.id.lower()}}}", entry[self.language], self.place(entry).removeprefix("→ ")]
            yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"

    def glossary(self, _: str) -> Iterator[str]:
        other = "en" if self.language == "zh" else "zh"
        for entry in sorted(self.reference.data["glossary"].values(), key=self._order):
            yield f"**{entry[self.language]}** <span lang=\"{other}\">{entry[other]}</span> {{#{entry.id}}}"
            yield f":   {entry['define'][self.language]}"
            yield f":   {self.place(entry)}\n"

    def _order(self, entry: Entry) -> bytes:
        return alphabetical(entry.get("sorted_as", {}).get(self.language, entry[self.language]))

    def bibliography(self, _: str) -> Iterator[str]:
        for entry in self.reference.data["bibliography"].values():
            yield f"**{label(entry, self.language)}** {{#{entry.id}}}"
            parts = [self.words["list"].join(authors(entry, self.language)), f'<cite lang="en">{entry["title"]}</cite>',
                     *([entry["in"]] if "in" in entry.values else []), str(entry["year"]), *_addresses(entry)]
            yield f":   {'. '.join(parts)}."
            if "remark" in entry.values:
                yield f":   {entry['remark'][self.language]}"
            if cited := self.reference.cited.get(entry.id):
                yield f":   {self.words['cited'].format(self.pages(cited))}"
            yield ""

    def rebuilds(self, _: str) -> Iterator[str]:
        parts = []
        found = list(self.reference.places(self.page))
        for file, target in (("topics", "sources"), ("questions", "questions"), ("errata", "errata")):
            links = [self.link(target, entry.id.lower(), entry.id) for name, entry in found if name == file]
            if links:
                parts.append(f"{self.words[file]}{self.words['colon']}{self.words['list'].join(links)}")
        text = self.words["semicolon"].join(parts or [self.words["nothing"]]) + self.words["stop"]
        yield text[:1].upper() + text[1:]


DIRECTIVES: Mapping[str, Callable[[Writer, str], Iterator[str]]] = {
    "symbols": Writer.symbols, "questions": Writer.questions, "errata": Writer.errata, "topics": Writer.topics,
    "glossary": Writer.glossary, "bibliography": Writer.bibliography, "rebuilds": Writer.rebuilds,
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
    """Latin terms by their letters; Chinese ones by pinyin, the order of the common characters in GB 2312. For a rarer
    character the entry names a common one of the same reading, `sorted_as`."""
    return term.casefold().encode("gb18030")


def _addresses(entry: Entry) -> Iterator[str]:
    if "doi" in entry.values:
        yield f"[doi:{entry['doi']}](https://doi.org/{entry['doi']})"
    if "arxiv" in entry.values:
        yield f"[arXiv:{entry['arxiv']}](https://arxiv.org/abs/{entry['arxiv']})"
    if "isbn" in entry.values:
        yield f'<span class="isbn">ISBN {entry["isbn"]}</span>'
    if "url" in entry.values:
        yield f"<{entry['url']}>"
