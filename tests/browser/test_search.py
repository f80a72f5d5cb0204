"""Search as a reader has it.

Of a hundred queries that readers type, ninety show the right place among the first two, on a corpus that no chapter
changes. In the book itself, queries taken at random from its pages only need to find their page. Chromium is the
machine's own; without it, or without Playwright, the tests are skipped, on a machine with CI set they fail.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
import search_queries
from browsing import LANGUAGES, Browser, Page, Reader
from search_queries import Query, hundred, is_found, page_texts, place

from book_engine.mkdocs.search import SECTIONS

ROOT = Path(__file__).resolve().parents[2]
SEED = 2027
BAR = 0.9


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.set_default_timeout(30_000)
    page.add_init_script(COUNT)
    yield page
    page.close()


@pytest.fixture(scope="module", params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return request.param


# Counts what is asked of the worker and what it has answered: the list of results belongs to the last query.
COUNT = """(() => {
  const Native = Worker;
  window.asked = []; window.answered = 0;
  window.Worker = class extends Native {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", ({data}) => { if (data.type === 3) window.answered++; });
    }
    postMessage(message, ...rest) {
      if (message.type === 2) window.asked.push(message.data);
      return super.postMessage(message, ...rest);
    }
  };
})()"""
SETTLED = "query => asked.at(-1) === query && answered === asked.length"
# The first link of an item leads to its page, the next ones to sections of it.
RESULTS = """base => [...document.querySelectorAll(".md-search-result__item")].map(item =>
  new URL(item.querySelector("a").href).pathname.replace(base, ""))"""


def open_search(page: Page, address: str, language: str) -> None:
    page.goto(f"{address}{language}/")
    page.locator(".md-search__input").click()


def typed(page: Page, language: str, text: str) -> list[str]:
    """The pages that the search shows for a text typed into it, in order."""
    box = page.locator(".md-search__input")
    box.fill("")
    box.press_sequentially(text)
    box.press("End")  # Chinese is put in without a key; Material waits for one
    page.wait_for_function(SETTLED, arg=text)
    return page.evaluate(RESULTS, f"/{language}/")


# Asks a worker for each query; of each answer the sections that the page would show unfolded, in order.
ASK = """async ([address, sections, book, queries]) => {
  const worker = new Worker(address);
  const answer = (message) => new Promise((resolve, reject) => {
    worker.onmessage = ({data}) => resolve(data.data);
    worker.onerror = ({message}) => reject(message);
    worker.postMessage(message);
  });
  await answer({type: 0, data: {config: {book}, docs: sections}});
  const found = [];
  for (const data of queries) {
    const {items} = await answer({type: 2, data});
    found.push(items.flatMap(item => {
      const best = item[0].score;
      const top = item.findIndex(({location}) => !location.includes("#")); // Material's rules
      const others = item.toSpliced(top, 1);
      const folded = others.findIndex(({score}) => score < best);
      const shown = folded < 0 ? others : others.slice(0, folded);
      return (top === 0 && !shown.length ? [item[0]] : shown).map(({location}) => location);
    }));
  }
  worker.terminate();
  return found;
}"""


def worker_of(site: Path, language: str) -> str:
    (worker,) = (site / language / "assets/javascripts/workers").glob("search.*.js")
    return worker.relative_to(site).as_posix()


def asked(page: Page, address: str, site: Path, language: str, queries: Sequence[str]) -> list[list[str]]:
    """The sections that the site's own worker finds for each query, without the reader's keyboard between."""
    page.goto(f"{address}{language}/")
    return page.evaluate(ASK, [address + worker_of(site, language), [], {}, list(queries)])


def pages(sections: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(section.partition("#")[0] for section in sections))


def missed(page: Page, address: str, site: Path, language: str, corpus: Mapping) -> list[str]:
    """Of the hundred those whose place is not among the first two, in the corpus."""
    page.goto(f"{address}{language}/")
    book = {name: value for name, value in corpus.items() if name != "sections"}
    queries = hundred(language)
    found = page.evaluate(ASK, [address + worker_of(site, language), corpus["sections"], book, list(queries)])
    return [f"{query}: {sections[:3]}" for (query, right), sections in zip(queries.items(), found, strict=True)
            if not right & set(map(place, sections[:2]))]


def drawn(language: str, texts: Mapping[str, str]) -> list[Query]:
    if language == "zh":
        return search_queries.chinese(texts, 25, SEED) + search_queries.mixed(texts, 15, SEED)
    return search_queries.english(texts, 25, SEED) + search_queries.inflected(texts, 15, SEED)


@pytest.fixture(scope="module")
def corpus() -> dict[str, dict]:
    return json.loads(search_queries.CORPUS.read_text("utf-8"))


def test_ninety_of_a_hundred_show_the_right_place_first(page: Page, address: str, built_site: Path, corpus: dict):
    lost = [query for language in LANGUAGES for query in missed(page, address, built_site, language, corpus[language])]
    assert len(lost) <= (1 - BAR) * 100, lost


def test_names_and_traditional_characters_make_the_difference(page: Page, address: str, built_site: Path, corpus: dict):
    zh = corpus["zh"]
    nameless = zh | {"sections": [{key: value for key, value in section.items() if key != "names"}
                                  for section in zh["sections"]]}
    assert len(missed(page, address, built_site, "zh", nameless)) > 15
    assert len(missed(page, address, built_site, "zh", zh | {"traditional": "", "simple": ""})) >= 3


def test_random_queries_find_their_page(page: Page, address: str, built_site: Path, language: str):
    texts = page_texts(built_site, language)
    queries = drawn(language, texts)
    results = asked(page, address, built_site, language, [query.text for query in queries])
    assert [f"{query} {pages(found)[:11]}" for query, found in zip(queries, results, strict=True)
            if not is_found(query, pages(found), texts)] == []


def test_a_term_finds_the_section_that_explains_it(page: Page, address: str, built_site: Path, language: str):
    glossary = tomllib.loads((ROOT / "docs/data/glossary.toml").read_text("utf-8"))
    terms = {entry[language]: entry["place"] for entry in glossary.values() if "place" in entry}
    results = asked(page, address, built_site, language, list(terms))
    assert [(term, found[:3]) for (term, where), found in zip(terms.items(), results, strict=True)
            if where not in map(place, found[:10])] == []


@pytest.mark.parametrize(("language", "text", "where"), [
    ("zh", "学习率", "gradient-descent/#step"), ("zh", "反向傳播", "backpropagation/#code"),
    ("zh", "η", "gradient-descent/#step"), ("zh", "ŷ", "loss/#recipe"), ("zh", "dropout", "training-guide/#remedies"),
    ("en", "learning rate too high", "gradient-descent/#limit"), ("en", "backpropogation", "backpropagation/#code")])
def test_what_readers_type_leads_to_the_place(page: Page, address: str, language: str, text: str, where: str):
    """The first link leads to the section, not to the top of its page; so does Enter."""
    open_search(page, address, language)
    typed(page, language, text)
    first = page.locator(".md-search-result__item a").first
    assert first.evaluate("link => link.href.replace(/[?]h=[^#]*/, '')").endswith(f"/{language}/{where}")
    page.locator(".md-search__input").press("Enter")
    slug, _, anchor = where.partition("#")
    page.wait_for_url(lambda url: f"/{language}/{slug}" in url and url.endswith(f"#{anchor}"), wait_until="commit")


def test_text_may_be_pasted(page: Page, address: str):
    open_search(page, address, "en")
    page.locator(".md-search__input").evaluate("""box => {
      box.value = "momentum";
      box.dispatchEvent(new InputEvent("input", {bubbles: true, inputType: "insertFromPaste"}));
    }""")
    page.locator("a.md-search-result__link[href*='gradient-descent/']").first.wait_for(state="visible")


def test_it_says_that_it_is_loading(page: Page, address: str):
    held = []
    page.route(f"**/{SECTIONS}", lambda route: held.append(route))
    open_search(page, address, "zh")
    page.locator(".md-search__input").press_sequentially("鞍点")
    page.wait_for_timeout(300)
    said = page.locator(".md-search-result__meta")
    assert "载入" in said.inner_text()
    held[0].continue_()
    page.locator("a.md-search-result__link").first.wait_for(state="visible")
    assert "载入" not in said.inner_text()


@pytest.mark.parametrize(("language", "text", "marks"), [
    ("zh", "学习率", {"学习率"}), ("en", "batch size", {"batch", "size", "sizes", "batches"}),
    ("en", "relu", {"relu", "relus"})])
def test_words_are_marked_whole_and_once(page: Page, address: str, language: str, text: str, marks: set[str]):
    open_search(page, address, language)
    typed(page, language, text)
    found = [mark.lower() for mark in page.locator(".md-search-result__item mark").all_text_contents()]
    assert found and set(found) <= marks
    assert page.locator(".md-search-result__item mark mark").count() == 0
    assert all("\n" not in title and "<" not in title
               for title in page.locator(".md-search-result__item :is(h1, h2)").all_inner_texts())


def test_the_page_marks_what_was_typed(page: Page, address: str):
    open_search(page, address, "zh")
    typed(page, "zh", "sigmoid 函数")
    best = page.locator(".md-search-result__item a.md-search-result__link").nth(1)
    assert best.locator("del").count() == 0  # no word is said to be missing
    best.click()
    page.wait_for_url("**h=*")
    marks = page.locator("mark[data-md-highlight]")
    marks.first.wait_for(state="attached")
    assert set(" ".join(marks.all_inner_texts()).lower().split()) <= {"sigmoid", "函数", "sigmoid函数"}
    assert page.locator("mark[data-md-highlight]:empty").count() == 0


def test_a_word_that_must_or_must_not_be_there(page: Page, address: str, built_site: Path):
    texts = json.loads((built_site / "zh" / SECTIONS).read_text("utf-8"))["sections"]
    holding = {section["location"] for section in texts if "梯度" in section["title"] + section["text"]}
    both, without = asked(page, address, built_site, "zh", ["+鞍点 +梯度", "鞍点 -梯度"])
    assert both and set(both) <= holding
    assert without and not set(without) & holding


def test_the_sections_come_with_the_first_query(page: Page, address: str):
    """A page that opens does not load them; where they could not be had, the next query asks again."""
    tries: list[str] = []

    def answer(route) -> None:
        tries.append(route.request.url)
        route.abort() if len(tries) == 1 else route.continue_()

    page.route(f"**/{SECTIONS}", answer)
    page.goto(f"{address}zh/")
    page.wait_for_load_state("networkidle")
    assert tries == []
    box = page.locator(".md-search__input")
    box.click()
    with page.expect_event("requestfailed"):
        box.press_sequentially("鞍")
        box.press("End")
    box.press_sequentially("点")
    box.press("End")
    page.locator("a.md-search-result__link[href*='batches/']").first.wait_for(state="visible")
    box.fill("中位数")
    box.press("End")
    page.locator("a.md-search-result__link[href*='loss/']").first.wait_for(state="visible")
    assert len(tries) == 2


# Words from the middle of sentences, and the chapter that tells of them.
@pytest.mark.parametrize(("language", "word", "chapter"), [
    ("zh", "峡谷", "gradient-descent"), ("zh", "中位数", "loss"), ("zh", "Huber", "loss"),
    ("en", "median", "loss"), ("en", "momentum", "gradient-descent")])
def test_search_finds_a_word_of_a_sentence(reader: Reader, language: str, word: str, chapter: str) -> None:
    page = reader.open(f"{language}/")
    page.locator("label.md-search__icon[for=__search], .md-search__input").first.click()
    page.locator(".md-search__input").press_sequentially(word)
    page.locator(".md-search__input").press("End")  # Chinese is put in without a key; Material waits for one
    results = page.locator("a.md-search-result__link")
    results.first.wait_for(state="visible")
    first = [results.nth(number).evaluate("link => new URL(link.href).pathname")
             for number in range(min(3, results.count()))]
    assert f"/{language}/{chapter}/" in first, first
    shown = page.locator(".md-search-result__item").filter(has=page.locator(f"a[href*='/{chapter}/']")).first
    assert word.lower() in shown.inner_text().lower()
