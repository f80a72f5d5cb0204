"""Data files: read as they stand; every fault named with its line and what would be right."""

from __future__ import annotations

import re
from typing import Literal

import pytest
from msgspec import field

from book_engine.reference.data import read_entries
from book_engine.reference.records import Both, Some, Text
from book_engine.source.errors import BookError


class Word(Both[Text]):
    answer: Both[Text]
    year: int | None = None
    kind: Literal["scalar", "vector"] | None = None
    place: Text | None = None
    see: list[Text] = []
    short: Text | Both[Text] | None = None
    forms: Some[list[Text]] = field(default_factory=Some)
    notes: Literal["S0", "S1"] | list[Literal["S0", "S1"]] | None = None
    symbols: dict[str, str] | None = None


SOUND = """# first the weight
[weight]
zh = '权重'
en = 'weight'
answer.zh = '''
多行。'''
answer.en = 'One line.'
place = 'loss#first'

[bias]
zh = '偏置'
en = 'bias'
answer.zh = '是。'
answer.en = 'Yes.'
place = 'loss#first'
year = 3
"""


@pytest.fixture
def read(tmp_path):
    def read(source: str):
        file = tmp_path / "a.toml"
        file.write_text(source, "utf-8")
        return read_entries(file, "docs/data/a.toml", Word)
    return read


def test_entries_in_the_order_of_the_file_with_their_lines(read):
    entries = read(SOUND)
    assert [(entry.id, entry.line) for entry in entries.values()] == [("weight", 2), ("bias", 10)]
    assert entries["weight"].values.answer["en"] == "One line."
    assert entries["bias"].values.year == 3 and entries["weight"].values.year is None


@pytest.mark.parametrize("old, new, line, words", [
    ("[bias]", "[weight]", 10, "given once"),
    ("[bias]", "[The Bias]", 10, "not TOML"),
    ("[bias]", "[Bias]", 10, "small letters, digits and hyphens"),
    ("en = 'bias'", "en = ''", 12, "en: found '', expected a text"),
    ("en = 'bias'", "en = \"\\eta\"", 12, "'single quotes'"),
    ("year = 3", "yaer = 3", 16, "unknown key 'yaer'.*year"),
    ("year = 3", "year = '3'", 16, "found '3', expected a number"),
    ("year = 3", "kind = 'scalr'", 16, "found 'scalr'.*scalar"),
    ("answer.en = 'Yes.'\n", "", 13, r"answer: found zh, expected it in both languages"),
    ("answer.en = 'Yes.'", "answer.en = 5", 14, "answer.en: found 5, expected a text"),
    ("answer.en = 'Yes.'", "answer.en = 'Yes.'\nanswer.de = 'Ja.'", 13, "answer: found .*de, expected it in both"),
    ("year = 3", "year = true", 16, "year: found True, expected a number"),
    ("year = 3", "see = ['a', '']", 16, r"see\[1\]: found '', expected a text"),
    ("year = 3", "see = 'a'", 16, "see: found 'a', expected a list"),
    ("year = 3", "short = 3", 16, "short: found 3, expected a text or a table"),
    ("year = 3", "forms.en = 'a'", 16, "forms.en: found 'a', expected a list"),
    ("year = 3", "forms.de = ['a']", 16, "forms: found de, expected"),
    ("year = 3", "notes = ['S0', 'S7']", 16, r"notes\[1\]: found 'S7'.*S1"),
    ("year = 3", "notes = 'S9'", 16, "notes: found 'S9'.*S1"),
    ("year = 3", "symbols = { a = 1 }", 16, "symbols: found {'a': 1}, expected a text"),
    ("answer.zh = '是。'\nanswer.en = 'Yes.'\n", "", 10, "has no 'answer'"),
])
def test_a_fault_is_named_with_its_line(read, old, new, line, words):
    assert old in SOUND
    with pytest.raises(BookError) as caught:
        read(SOUND.replace(old, new, 1))
    assert (caught.value.path, caught.value.line) == ("docs/data/a.toml", line)
    assert re.search(words, caught.value.message), caught.value.message


def test_an_error_inside_a_long_text_names_the_line_that_holds_it(read):
    entry = read(SOUND)["weight"]
    assert entry.error("wrong", "answer", within="多行").line == 6
    assert entry.error("wrong", "answer.en").line == 7
    assert entry.error("wrong", "answer", within="not there").line == 5
