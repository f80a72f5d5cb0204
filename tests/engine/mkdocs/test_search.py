"""Search: the words of the dictionary, the bounds of words, what the built index holds."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import search_queries
from search_queries import Query, holds, is_first, is_found, root

from book_engine.mkdocs.search import ADDRESS, SEPARATOR, dictionary, script
from book_engine.mkdocs.search_sections import INDEX, SECTIONS
from book_engine.reference.data import SCHEMAS
from book_engine.reference.entries import read_entries

ROOT = Path(__file__).resolve().parents[3]
LANGUAGES = ("zh", "en")
REFERENCE = ("symbols/", "glossary/", "questions/", "errata/", "sources/", "bibliography/")


@pytest.fixture(scope="module")
def glossary():
    path = "docs/data/glossary.toml"
    return read_entries(ROOT / path, path, SCHEMAS["glossary"])


def test_the_dictionary_holds_the_chinese_terms_and_their_forms(glossary):
    words = dictionary(glossary)
    assert {"梯度", "学习率", "熵", "随机梯度下降"} <= set(words)
    forms = {form for entry in glossary.values() for form in entry.get("forms", {}).get("zh", ())}
    assert {form for form in forms if re.fullmatch(search_queries.HAN + "+", form)} <= set(words)
    assert not [word for word in words if not re.fullmatch(search_queries.HAN + "+", word)]
    assert words == sorted(set(words))


@pytest.mark.parametrize(("text", "words"), [
    ("用sigmoid 函数（σ=0.5）", ["用", "sigmoid", "函数", "σ", "0.5"]),
    ("先算 np.log，再平均。", ["先算", "np", "log", "再平均"]),
    ("cross-entropy of a batch.", ["cross", "entropy", "of", "a", "batch"])])
def test_words_end_at_marks_and_where_scripts_meet(text, words):
    assert [part for part in re.split(SEPARATOR, text) if part] == words


def test_bounds_without_width_are_what_the_highlighter_leaves_out():
    """Material's rule; a bound that it kept would make an empty alternative, which marks the whole page."""
    kept = [part for part in SEPARATOR.split("|") if re.sub(r"\(\?[!=<][^)]+\)", "", part)]
    assert len(kept) == 2 and not any(re.match(part, "") for part in kept)
    assert not any(re.search(part, "梯度a") for part in kept)


def test_the_language_file_carries_the_terms_and_no_comment():
    text = script(["熵", "梯度"])
    assert text.startswith('{const terms=["熵","梯度"];') and "//" not in text
    assert script([]).startswith("{const terms=[];")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_index_is_searched_with_the_books_language(built_site: Path, glossary, language: str):
    index = json.loads((built_site / language / INDEX).read_text("utf-8"))
    assert index["docs"] == [], "a page that opens loads no sections"
    assert index["config"]["lang"] == ["book"] and index["config"]["separator"] == SEPARATOR
    assert index["config"]["fields"]["title"] == {"boost": 3.0}
    assert (built_site / language / ADDRESS).read_text("utf-8") == script(dictionary(glossary))


@pytest.mark.parametrize("language", LANGUAGES)
def test_reference_pages_and_labs_count_less_than_chapters(built_site: Path, language: str):
    for entry in json.loads((built_site / language / SECTIONS).read_text("utf-8")):
        expected = 0.2 if entry["location"].startswith((*REFERENCE, "labs/")) else None
        assert entry.get("boost") == expected, entry["location"]


def test_a_small_book_without_a_glossary_has_search_too(warm_site):
    assert (warm_site.root / "site/zh" / ADDRESS).read_text("utf-8") == script([])


# The sampling itself: it gives what it says, the same for the same seed.

TEXTS = {"a/": "先看前向传播怎样一层一层地算。用 sigmoid 函数得到概率。",
         "b/": "Running the gradients of it computes all values."}


def test_queries_come_from_the_pages_and_stay_for_a_seed():
    for make, page in ((search_queries.chinese, "a/"), (search_queries.mixed, "a/"), (search_queries.english, "b/")):
        queries = make(TEXTS, 20, seed=1)
        assert queries == make(TEXTS, 20, seed=1) and len(queries) == 20
        assert all(query.page == page and holds(TEXTS[page], query) for query in queries)
        assert len({query.text for query in make(TEXTS, 20, 1)}) > 1
    assert all(2 <= len(query.text) <= 6 for query in search_queries.chinese(TEXTS, 50, seed=2))
    for query in search_queries.inflected(TEXTS, 20, seed=1):
        assert holds(TEXTS[query.page], query) and query.text not in re.findall("[a-z]+", TEXTS[query.page])


def test_a_query_is_found_by_its_page_or_by_pages_that_hold_it():
    texts = {f"{number}/": "梯度" if number < 3 else "损失" for number in range(12)}
    query, others = Query("梯度", "11/"), [f"{number}/" for number in range(3, 11)]
    assert is_first(query, ["0/", "1/", "2/"], texts) and not is_first(query, ["0/", "1/", "3/"], texts)
    assert not is_first(query, ["0/", "1/"], texts) and not is_found(query, [], texts)
    assert is_first(query, ["3/", "11/"], texts) and not is_first(query, ["3/", "4/", "5/", "11/"], texts)
    assert is_found(query, ["3/", "4/", "5/", "11/"], texts)
    assert not is_found(query, [*others, "0/", "1/", "11/"], texts)


def test_words_of_one_root():
    assert root("computations") == root("computed") == root("computing") and root("gradients") == root("gradient")
    assert root("regularised") == root("regularisation") and root("loss") != root("lost")
