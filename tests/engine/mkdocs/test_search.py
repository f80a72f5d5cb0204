"""Search: what its sections are, what they are called, what the built index holds."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import search_queries
from search_queries import Query, holds, is_first, is_found, root

from book_engine.mkdocs.search import (
    DEFINES,
    INDEX,
    IS,
    ONCE,
    SECTIONS,
    WORKER,
    names,
    searchable,
    sections_of,
    simplified,
)
from book_engine.reference.data import Reference, read_data

ROOT = Path(__file__).resolve().parents[3]
LANGUAGES = ("zh", "en")


@pytest.fixture(scope="module")
def reference() -> Reference:
    return Reference(*read_data(ROOT), {})


def test_every_entry_is_a_section_of_its_own():
    html = ('<dl><dt id="loss"><strong>损失</strong> <small>row 3</small></dt><dd>a number</dd></dl>'
            '<table><tr><td id="s0-01">S0-01</td><td>topic</td><td>place</td></tr></table>')
    assert searchable(html) == ('<dl><h3 id="loss"><strong>损失</strong> </h3><dd>a number</dd></dl>'
                                '<table><tr><h3 id="s0-01">S0-01 topic</h3><td>place</td></tr></table>')


def test_sections_are_plain_text_and_bear_their_names():
    docs = [{"location": "loss/", "title": "Loss", "text": "<p>a &lt; b</p> <pre><code>x</code></pre>"},
            {"location": "loss/#convex", "title": "Convex", "text": "", "boost": 0.2},
            {"location": "", "title": "Home", "text": "all"}]
    assert sections_of(docs, {"loss#convex": {"convex": 9}}) == [
        {"location": "loss/", "title": "Loss", "text": "a < b x"},
        {"location": "loss/#convex", "title": "Convex", "text": "", "boost": 0.2, "names": {"convex": 9}},
        {"location": "", "title": "Home", "text": "all", "boost": 0.05}]


def test_a_copy_for_a_folder_has_the_same_places():
    docs = [{"location": f"loss{end}#convex", "title": "", "text": ""} for end in ("/", ".html")]
    assert all(section["names"] for section in sections_of(docs, {"loss#convex": {"convex": 9}}))


def test_a_term_is_found_by_all_that_it_is_called(reference: Reference):
    for language in LANGUAGES:
        found = names(reference, language)
        called = {"critical point", "临界点", "驻点", "stationary point"}
        assert called <= found["glossary#critical-point"].keys() & found["gradient-descent#stopping"].keys()
        assert found["glossary#critical-point"]["驻点"] == IS
        assert found["gradient-descent#stopping"]["驻点"] == DEFINES


def test_a_symbol_is_found_by_all_its_spellings(reference: Reference):
    found = names(reference, "en")
    assert {"\\eta", "η", "ETA", "lr", "\\alpha", "α"} <= found["symbols#learning-rate"].keys()
    assert {"\\hat{y}", "ŷ", "y_hat"} <= found["symbols#prediction"].keys()
    assert found["gradient-descent#step"]["η"] == DEFINES, "the place that teaches it"
    assert found["symbols#huber-threshold"]["δ"] == ONCE, "a letter of one chapter"


def test_traditional_characters_become_those_of_the_text():
    traditional, simple = simplified("学习率，反向传播")
    pairs = dict(zip(traditional, simple, strict=True))
    assert (pairs["學"], pairs["習"], pairs["傳"]) == ("学", "习", "传")
    assert "機" not in pairs and "率" not in pairs


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_that_opens_loads_no_sections(built_site: Path, language: str):
    index = json.loads((built_site / language / INDEX).read_text("utf-8"))
    assert index["docs"] == [] and (built_site / language / INDEX).stat().st_size < 1000
    (worker,) = (file for file in (built_site / language).rglob("*.js")
                 if WORKER.fullmatch(file.relative_to(built_site / language).as_posix()))
    assert "lunr" not in worker.read_text("utf-8") and "//" not in worker.read_text("utf-8").replace("https://", "")
    assert not (built_site / language / "assets/javascripts/lunr").exists()


@pytest.mark.parametrize("language", LANGUAGES)
def test_home_counts_least_and_every_entry_is_there(built_site: Path, language: str):
    sections = json.loads((built_site / language / SECTIONS).read_text("utf-8"))["sections"]
    boosts = {section["location"]: section.get("boost", 1) for section in sections}
    assert min(boosts.values()) == boosts[""] == 0.05
    assert {"glossary/#dropout", "symbols/#learning-rate", "questions/#q10", "errata/#e59", "sources/#s0-07",
            "bibliography/#bridle1990"} <= boosts.keys()


def test_a_small_book_without_data_has_search_too(warm_site):
    sections = json.loads((warm_site.root / "site/zh" / SECTIONS).read_text("utf-8"))["sections"]
    assert len(sections) > 3 and not any("names" in section for section in sections)


def test_the_hundred_are_as_many_and_their_places_are_in_the_corpus():
    corpus = json.loads(search_queries.CORPUS.read_text("utf-8"))
    for language in LANGUAGES:
        queries = search_queries.hundred(language)
        places = {search_queries.place(section["location"]) for section in corpus[language]["sections"]}
        assert len(queries) == 50 and set().union(*queries.values()) <= places


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
    assert is_found(query, [*others, "0/", "1/", "11/"], texts) and not is_found(query, [*others, "0/", "1/"], texts)


def test_words_of_one_root():
    assert root("computations") == root("computed") == root("computing") and root("gradients") == root("gradient")
    assert root("regularised") == root("regularisation") and root("loss") != root("lost")
