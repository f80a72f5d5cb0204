"""The book's own data: complete, in words that keep the house rules, and in agreement with the pages."""

from __future__ import annotations

import dataclasses
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from book_engine.author.text_rules import LINE_RULES, lines_of
from book_engine.book.book import Book
from book_engine.formulas.identifiers import known_identifiers
from book_engine.markdown.terms import Glossary
from book_engine.reference.data import read_data
from book_engine.reference.prepare import prepare_reference, texts_of
from book_engine.reference.records import Entry
from book_engine.reference.works import citations_of
from book_engine.source.front_matter import check_front_matter
from book_engine.source.scan import scan

ROOT = Path(__file__).resolve().parents[3]
BOOK = Book(ROOT)
DATA, TABLE = read_data(ROOT)
SOURCES = {source.path: source for language in ("zh", "en") for source in BOOK.sources(language)}
ENTRIES = DATA.entries


def test_every_question_error_topic_and_row_of_the_notes_is_there():
    assert list(DATA.questions) == [f"Q{number:02}" for number in range(1, 45)]
    assert sorted(DATA.errata) == [f"E{number:02}" for number in range(1, 92)]
    counts = {"S0": 38, "S1": 18, "S2": 27, "S3": 33, "S4": 14}
    assert list(DATA.topics) == [f"{note}-{n:02}" for note, count in counts.items() for n in range(1, count + 1)]
    assert sorted(row.entry.values.row for row in TABLE.rows.values() if row.entry.values.row) == list(range(1, 25))


def test_the_notes_stand_in_the_order_of_their_table():
    rows = [row.entry.values.row for row in TABLE.rows.values() if row.entry.values.row]
    assert rows == sorted(rows)


def test_topics_and_questions_lead_to_every_chapter():
    """Each written chapter rebuilds something, and says so in its sources."""
    chapters = [source.page for source in SOURCES.values() if "{#exercises}" in source.text]
    named = {entry.values.place.partition("#")[0] for entry in DATA.topics.values()}
    assert set(chapters) <= named


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_data_keep_the_house_rules(language: str):
    faults = []
    for entry in ENTRIES:
        for key, text in said(entry, language):
            lines = lines_of(text)
            for rule in LINE_RULES[language]:
                if rule.__name__ != "described":
                    faults += [f"{entry.path}: [{entry.id}] {key}: {fault}" for _, fault in rule(lines)]
    assert not faults, "\n".join(faults)


def said(entry: Entry, language: str) -> Iterator[tuple[str, str]]:
    """The prose of an entry in one language; titles of works keep their own spelling."""
    for key, text in texts_of(entry):
        is_work = key.split(".")[0] in ("title", "in", "authors", "short") and entry.path.endswith("bibliography.toml")
        if key.endswith(language) and key.split(".")[0] not in ("rejected", "searched", "forms") and not is_work:
            yield key, text


def rejected(text: str, language: str) -> Iterator[tuple[int, str, str]]:
    """Line, spelling and term of each rejected translation in a page."""
    prose = scan(text).prose
    for entry in DATA.glossary.values():
        for spelling in entry.values.rejected.get(language) or ():
            pattern = re.escape(spelling) if language == "zh" else rf"(?i)(?<![\w-]){re.escape(spelling)}(?![\w-])"
            for match in re.finditer(pattern, prose):
                yield prose.count("\n", 0, match.start()) + 1, spelling, entry.values[language]


@pytest.mark.parametrize("path", SOURCES)
def test_no_page_uses_a_rejected_translation(path: str):
    source = SOURCES[path]
    faults = [f"{path}:{line}: {spelling!r}, expected {term!r} (docs/data/glossary.toml)"
              for line, spelling, term in rejected(source.text, source.language)]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_entry_uses_a_rejected_translation(language: str):
    faults = [f"{entry.path}: [{entry.id}] {key}: {spelling!r}, expected {term!r}" for entry in ENTRIES
              for key, text in said(entry, language) for _, spelling, term in rejected(text, language)]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("language, text", [
    ("zh", "这里用的是批次大小。"), ("zh", "我们用自动求导。"), ("en", "Over-fitting shows in a Dataset.")])
def test_a_rejected_translation_is_found(language: str, text: str):
    spellings = [spelling for entry in DATA.glossary.values()
                 for spelling in entry.values.rejected.get(language) or ()]
    known = [spelling for spelling in spellings if spelling.casefold() in text.casefold()]
    assert known, f"choose a text that holds one of {spellings}"
    assert sorted(found[1] for found in rejected(f"# A {{#a}}\n\n{text}\n", language)) == sorted(known)
    assert not list(rejected(f"`{text}`", language))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_written_term_is_used_by_some_page(language: str):
    glossary = Glossary(DATA.glossary, language)
    pages = [source.text for source in SOURCES.values() if source.language == language and source.page != "glossary"]
    used = {entry.id for text in pages for _, entry in glossary.find(scan(text).prose)}
    unused = [entry.id for entry in DATA.glossary.values() if entry.id not in used]
    assert not unused


def test_terms_are_told_apart():
    for language in ("zh", "en"):
        names = [entry.values[language].casefold() for entry in DATA.glossary.values()]
        assert len(set(names)) == len(names)


def test_every_work_is_cited_in_both_languages():
    for language in ("zh", "en"):
        cited = {key for source in SOURCES.values() if source.language == language
                 for key, _ in citations_of(source.text)}
        assert cited == set(DATA.bibliography)


def test_every_formula_of_the_book_is_made_of_rows_of_the_table():
    """What the build checks, seen from the other side: each letter of each page has an owner."""
    found = {identifier for source in SOURCES.values() for formula in scan(source.text).formulas
             for identifier in known_identifiers(formula.latex) if identifier.is_name}
    assert len(found) > 80
    assert not [identifier.text for identifier in found if identifier not in TABLE.owners]


@pytest.fixture
def checked(tmp_path: Path, real_pages):
    """The faults of the real book with one data file, or one page, changed."""

    def checked(path: str, old: str, new: str) -> list[str]:
        shutil.copytree(ROOT / "docs/data", tmp_path / "docs/data")
        sources = {path: source.text for path, source in SOURCES.items()}
        if path in sources:
            assert old in sources[path]
            sources[path] = sources[path].replace(old, new)
        else:
            text = (tmp_path / path).read_text("utf-8")
            assert old in text
            (tmp_path / path).write_text(text.replace(old, new), "utf-8")
        changed = {language: [dataclasses.replace(source, text=sources[source.path]) for source in SOURCES.values()
                              if source.language == language] for language in ("zh", "en")}
        metas = {source.path: check_front_matter(source.text, source.path) for source in SOURCES.values()}
        return [str(error) for error in prepare_reference(tmp_path, changed, real_pages, metas, []).errors]
    return checked


def test_all_topics_questions_and_corrections_of_the_notes_are_settled_by_a_section():
    """That code runs in it is checked for every place, below."""
    data, _ = read_data(ROOT)
    assert (len(data.topics), len(data.questions), len(data.errata)) == (130, 44, 91)
    assert all(entry.values.place for part in (data.topics, data.questions, data.errata) for entry in part.values())


def test_the_book_has_no_faults(checked):
    assert checked("docs/data/topics.toml", "[", "[") == []


def test_a_removed_row_is_missed_wherever_its_letter_stands(checked):
    row = re.search(r"(?ms)^\[condition-number\]\n.*?(?=^\[)", (ROOT / "docs/data/symbols.toml").read_text("utf-8"))[0]
    faults = checked("docs/data/symbols.toml", row, "")
    pages = {fault.partition(":")[0] for fault in faults}
    assert pages == {"docs/zh/gradient-descent.md", "docs/en/gradient-descent.md"}
    assert all(re.match(r"docs/\w+/[\w-]+\.md:\d+: the formula .*owns κ", fault) for fault in faults)


def test_a_renamed_anchor_is_missed_by_every_entry_that_points_there(checked):
    faults = checked("docs/en/loss.md", "{#true-surface}", "{#surface}")
    assert {fault.partition(":")[0] for fault in faults} >= {"docs/data/topics.toml", "docs/data/questions.toml"}
    assert all("section 'true-surface'" in fault for fault in faults)
