"""Data files: read as they stand; every fault named with its line and what would be right."""

from __future__ import annotations

import re

import pytest

from book_engine.reference.entries import read_entries
from book_engine.reference.schema import Schema, both, choice, choices, either, integer, mapping, some, text, texts
from book_engine.source.errors import BookError

SCHEMA = Schema({"zh": text, "en": text, "answer": both()},
                {"year": integer, "kind": choice(("scalar", "vector")), "place": text})
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
        return read_entries(file, "docs/data/a.toml", SCHEMA)
    return read


def test_entries_in_the_order_of_the_file_with_their_lines(read):
    entries = read(SOUND)
    assert [(entry.id, entry.line) for entry in entries.values()] == [("weight", 2), ("bias", 10)]
    assert entries["weight"]["answer"]["en"] == "One line."
    assert entries["bias"].get("year") == 3 and entries["weight"].get("year") is None


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
    ("answer.en = 'Yes.'", "answer.en = 5", 13, "answer: .en: found 5"),
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


@pytest.mark.parametrize("check, good, bad", [
    (texts, ["a", "b"], []), (texts, ["a"], ["", "b"]), (texts, ["a"], "a"),
    (integer, 1748, True), (choices(("S0", "S1")), ["S0", "S1"], ["S0", "S7"]), (choices(("S0",)), "S0", "S9"),
    (both(texts), {"zh": ["甲"], "en": ["a"]}, {"zh": ["甲"], "en": "a"}),
    (some(), {"zh": ["甲"]}, {}), (some(), {"en": ["a"]}, {"de": ["a"]}), (some(), {"en": ["a"]}, {"en": "a"}),
    (mapping, {"a": "scalar"}, {"a": 1}), (either(text, both()), "Lee", 3),
])
def test_checks_of_values(check, good, bad):
    assert check(good) is None
    assert check(bad)
