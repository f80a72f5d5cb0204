"""A page and its results as a Jupyter notebook. Pure: data in, JSON values out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from ..source.blocks import Heading, Mark
from ..source.expressions import ITEM, fields
from ..source.inline import replaced, with_formulas
from ..source.scan import scan
from ..source.snippets import still
from .cells import FOLDED, Cells, Code, Text, metadata_of, outputs_of, pieces_of
from .edition import WORDS, Chapter
from .plain import literal, plain


def notebook_of(chapter: Chapter) -> dict:
    writer = _Writer(chapter)
    for piece in pieces_of(chapter.page, chapter.text, _with_values(chapter)):
        writer.code(piece) if isinstance(piece, Code) else writer.text(piece)
    writer.cells.end_prose()
    return {"cells": writer.cells.made, "metadata": _metadata(chapter.edition.python),
            "nbformat": 4, "nbformat_minor": 5}


def _with_values(chapter: Chapter) -> list[str]:
    """The source's lines, each inline expression replaced by its value."""
    lines = chapter.text.expandtabs(4).split("\n")  # as read_page counts columns
    for before, step in reversed(chapter.page.expressions):  # from the end, so that the columns before stay right
        line, value = lines[step.line - 1], chapter.result.values[before, step.code]
        lines[step.line - 1] = line[: step.start] + literal(value) + line[step.end :]
    return lines


class _Writer:
    def __init__(self, chapter: Chapter) -> None:
        self.chapter, self.edition, self.context = chapter, chapter.edition, chapter.context
        self.words = WORDS[chapter.edition.language]
        self.cells = Cells()
        self.begun: set[Mark] = set()
        self.figures = 0

    def text(self, piece: Text) -> None:
        source = "\n".join(piece.lines)
        for heading, part in _sections(source) if not piece.frames else [(None, source)]:
            if heading:
                part = self._heading(heading, part)
            converted = plain(part, self.context)
            for frame in reversed(piece.frames):
                converted = self._framed(converted, frame)
            self.cells.prose(converted)
        self.begun.update(piece.frames)

    def code(self, piece: Code) -> None:
        block, output = self.chapter.page.blocks[piece.index], self.chapter.result.blocks[piece.index]
        fold = next((frame for frame in reversed(piece.frames) if frame.name == "details"), None)
        if fold is not None:
            said = self.words["folded too" if fold in self.begun else "folded"]
            self.cells.prose(said.format(title=plain(fold.title, self.context)))
        if move := block.options.move:
            others = [f"`{value}`" for index, value in enumerate(move.values) if index != still(move, block.section)]
            self.cells.prose(self.words["moves"].format(name=move.name, values=self.words["list"].join(others)))
        self.begun.update(piece.frames)
        self.cells.code(block.section.name, block.section.code, outputs_of(block, output),
                        metadata_of(block, None if fold is None else fold.type))

    def _heading(self, heading: Heading, part: str) -> str:
        """Begins the section and returns what of it is still to be written: below the title comes what this is."""
        self.cells.begin_section(heading.id or "section")
        if heading.level > 1:
            return part
        title, _, rest = part.partition("\n")
        self.cells.prose(plain(title, self.context))
        self.cells.prose(plain(self._about(), self.context))
        self.cells.code("figure-style", self.edition.style, metadata=FOLDED)
        return rest

    def _about(self) -> str:
        """Where the notebook comes from, what it needs, what its outputs were made with."""
        packages, words = self.edition.packages, self.words
        versions = {"Python": self.edition.python, **packages}
        return words["about lab" if self.chapter.number is None else "about"].format(
            book=self.edition.book, number=self.chapter.number, page=self.context.page,
            licence=self.edition.licence, packages=words["list"].join(packages),
            versions=words["list"].join(f"{name} {version}" for name, version in versions.items()))

    def _framed(self, text: str, frame: Mark) -> str:
        if frame.name == "figure-caption":
            return self._caption(text)
        if frame.name == "details":
            return self._fold(text, frame)
        if frame.name == "question":
            return self._question(text, frame)
        return self._note(text, frame)

    def _caption(self, text: str) -> str:
        self.figures += 1
        prefix = self.edition.figure_prefix.format(self.figures)
        return self.words["caption"].format(prefix=prefix, caption=" ".join(text.split()))

    def _fold(self, text: str, frame: Mark) -> str:
        title = _as_html(plain(frame.title, self.context))
        if frame in self.begun:
            title = self.words["continued"].format(title=title)
        return f"<details>\n<summary><b>{title}</b></summary>\n\n{text}\n\n</details>"

    def _question(self, text: str, frame: Mark) -> str:
        """What is asked, and the answers in a fold; a choice is ticked where it is right."""
        lines = text.split("\n")
        rows = [fields(item["text"]) for line in lines if (item := ITEM.match(line))]
        asked = "\n".join(line for line in lines if not ITEM.match(line)).strip()
        options = "\n".join(f"* {option}" for _, option, _ in rows) if len(rows[0]) == 3 else ""
        answers = "\n".join(f"* {'✓ ' * (value == 'True')}**{(option or [value])[0]}**{self.words['colon']}{said}"
                            for value, *option, said in rows)
        fold = f"<details>\n<summary><b>{self.words['answer']}</b></summary>\n\n{answers}\n\n</details>"
        title = f"**{self.words['question']}{self.words['colon'].rstrip()}** {plain(frame.title, self.context)}"
        return "\n\n".join(filter(None, [title, asked, options, fold]))

    def _note(self, text: str, frame: Mark) -> str:
        if frame not in self.begun:
            title = plain(frame.title, self.context) or self.words.get(frame.name, frame.name)
            text = f"**{title}**\n\n{text}"
        # A formula over several lines would take the marks of the quotation for its own.
        text = replaced(text, [(formula.start, formula.end, " ".join(text[formula.start : formula.end].split()))
                               for formula in scan(text, part=True).formulas if formula.display])
        return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def _as_html(title: str) -> str:
    """A title inside HTML, where Jupyter reads formulas but no Markdown: a sign of comparison would be an entity."""
    formula = with_formulas(title, lambda latex: f"${latex}$".replace("<", r"\lt ").replace(">", r"\gt "))
    return re.sub(r"(`+)(.+?)\1", r"<code>\2</code>", escape(formula, quote=False))


def _sections(source: str) -> Iterator[tuple[Heading | None, str]]:
    """The source, cut before each heading."""
    lines, headings = source.split("\n"), scan(source, part=True).headings
    starts = [1, *(heading.line for heading in headings), len(lines) + 1]
    for heading, begin, end in zip([None, *headings], starts, starts[1:]):
        if begin < end:
            yield heading, "\n".join(lines[begin - 1 : end - 1])


def _metadata(python: str) -> dict:
    return {
        "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
        "language_info": {
            "codemirror_mode": {"name": "ipython", "version": 3}, "file_extension": ".py", "mimetype": "text/x-python",
            "name": "python", "nbconvert_exporter": "python", "pygments_lexer": "ipython3", "version": python},
    }
