"""`/// question` as HTML: what is asked, a form or choices to answer with, and the answers in a fold.

assets/answer.js says right, near or which mistake; without it the fold is all there is. The form is in the page from
the start, so that nothing moves when the script has come.
"""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, SubElement

from markdown import Markdown
from markdown.util import AtomicString
from pymdownx.blocks import BlocksExtension, BlocksProcessor
from pymdownx.blocks.block import Block

from ..run.answers import margin, number_of
from ..source.expressions import fields
from .render import text_of

WORDS = {
    "zh": {"title": "先猜一猜", "yours": "你的答案", "check": "对答案", "answer": "答案", "colon": "："},
    "en": {"title": "Before you read on", "yours": "Your answer", "check": "Check", "answer": "Answer", "colon": ": "},
}


class QuestionBlock(Block):
    NAME = "question"
    ARGUMENT = True

    def on_create(self, parent: Element) -> Element:
        box = SubElement(parent, "div", {"class": "question"})
        SubElement(box, "p", {"class": "question-title"}).text = AtomicString(WORDS[self.config["language"]]["title"])
        SubElement(box, "p").text = self.argument
        return box

    def on_end(self, block: Element) -> None:
        """In place of the list of answers: the form, what is said, the fold."""
        words, items = WORDS[self.config["language"]], block.find("ul")
        if items is None:
            return  # read_page has refused it; under `mkdocs serve` the page shows why
        block.remove(items)
        rows = [fields((item.text or "").strip() or (item.findtext("p") or "").strip()) for item in items]
        if len(rows[0]) == 2:
            form = SubElement(block, "form")
            label = SubElement(form, "label")
            label.text = AtomicString(words["yours"])
            # No inputmode: a phone's keys for numbers lack the minus sign.
            SubElement(label, "input", {"autocomplete": "off", "required": "required"})
            SubElement(form, "button").text = AtomicString(words["check"])
        else:
            choices = SubElement(block, "ul", {"class": "question-choices"})
            for _, option, _ in rows:
                SubElement(SubElement(choices, "li"), "button", {"type": "button"}).text = option
        SubElement(block, "output")
        self._fold(block, rows, words)

    def _fold(self, block: Element, rows: list[list[str]], words: dict[str, str]) -> None:
        fold = SubElement(block, "details", {"data-search-exclude": ""})
        SubElement(fold, "summary").text = AtomicString(words["answer"])
        answers = SubElement(fold, "ul")
        for placeholder, *option, said in rows:
            value = self._value(placeholder)
            item = SubElement(answers, "li", {"data-value": value})
            if number_of(value) is not None:
                item.set("data-margin", f"{margin(value):g}")
            SubElement(item, "b").text = option[0] if option else placeholder
            why = SubElement(item, "span")
            why.text, item[0].tail = said, words["colon"]

    def _value(self, placeholder: str) -> str:
        """The text of the value that the cell processor has stashed."""
        stashed = re.search(r"wzxhzdk:(\d+)", placeholder)
        return text_of(self.md.htmlStash.rawHtmlBlocks[int(stashed[1])] if stashed else placeholder)


def extend(md: Markdown, language: str) -> None:
    class Questions(BlocksExtension):
        def extendMarkdownBlocks(self, md: Markdown, block_mgr: BlocksProcessor) -> None:  # noqa: N802
            block_mgr.register(QuestionBlock, {"language": language})

    Questions().extendMarkdown(md)
