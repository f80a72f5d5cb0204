"""Search as a reader has it: queries taken at random from the pages, typed into the built site.

Of each set at least 95 % find their page among the first three and all among the first ten. Chromium is the machine's
own; without it, or without Playwright, the tests are skipped, on a machine with CI set they fail.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
import search_queries
from browsing import LANGUAGES, Browser, Page, Reader
from search_queries import Query, is_first, is_found, page_texts

from book_engine.mkdocs.search import ADDRESS, script
from book_engine.mkdocs.search_sections import SECTIONS

ROOT = Path(__file__).resolve().parents[2]
SEED = 2027
BAR = 0.95
AROUND = (("什么是", ""), ("", "怎么算"), ("为什么需要", ""), ("笔记说", "错了吗"))  # how one asks about a term


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


ASK = """async ([base, queries, config]) => {
  const index = await (await fetch(base + "search/search_index.json")).json();
  Object.assign(index.config, config);
  const {search} = JSON.parse(document.getElementById("__config").textContent);
  const worker = new Worker(new URL(search, base));
  const answer = (message) => new Promise((resolve) => {
    worker.onmessage = ({data}) => resolve(data);
    worker.postMessage(message);
  });
  await answer({type: 0, data: {...index, options: {suggest: false}}});
  const found = [];
  for (const data of queries) {
    const {items} = (await answer({type: 2, data})).data;
    found.push(items.map(([{location}]) => location.split("#")[0]));
  }
  worker.terminate();
  return found;
}"""


def asked(page: Page, address: str, language: str, queries: Sequence[Query], **config: object) -> list[list[str]]:
    """The pages that the site's own worker finds for each query, without the reader's keyboard between."""
    page.goto(f"{address}{language}/")
    return page.evaluate(ASK, [f"{address}{language}/", [query.text for query in queries], config])


def faults(queries: Sequence[Query], results: Sequence[list[str]], texts: Mapping[str, str]) -> list[str]:
    """Nothing, if the bar is met; else what was not found, or not among the first."""
    pairs = list(zip(queries, results, strict=True))
    late = [f"{query} {found[:4]}" for query, found in pairs if not is_first(query, found, texts)]
    lost = [f"{query} {found[:11]}" for query, found in pairs if not is_found(query, found, texts)]
    return lost + (late if len(late) > (1 - BAR) * len(pairs) else [])


def drawn(language: str, texts: Mapping[str, str]) -> list[Query]:
    if language == "zh":
        return search_queries.chinese(texts, 25, SEED) + search_queries.mixed(texts, 15, SEED)
    return search_queries.english(texts, 25, SEED) + search_queries.inflected(texts, 15, SEED)


def terms(language: str) -> list[Query]:
    """Each term of the glossary, and the chapter that explains it."""
    glossary = tomllib.loads((ROOT / "docs/data/glossary.toml").read_text("utf-8"))
    return [Query(entry[language], f"{entry['place'].partition('#')[0]}/")
            for entry in glossary.values() if "place" in entry]


def questions() -> list[Query]:
    return [Query(AROUND[i % 4][0] + query.text + AROUND[i % 4][1], query.page) for i, query in enumerate(terms("zh"))]


def late(queries: Sequence[Query], results: Sequence[list[str]]) -> list[tuple[Query, list[str]]]:
    return [(query, found[:4]) for query, found in zip(queries, results, strict=True) if query.page not in found[:3]]


def test_random_queries_find_their_page(page: Page, address: str, built_site: Path, language: str):
    texts = page_texts(built_site, language)
    queries = drawn(language, texts)
    open_search(page, address, language)
    assert faults(queries, [typed(page, language, query.text) for query in queries], texts) == []


def test_a_term_finds_the_chapter_that_explains_it(page: Page, address: str, language: str):
    queries = terms(language)
    results = asked(page, address, language, queries)
    missed = late(queries, results)
    assert len(missed) <= (1 - BAR) * len(queries), missed
    assert [query for query, found in zip(queries, results, strict=True) if query.page not in found[:10]] == []


@pytest.mark.parametrize(("language", "text", "place"), [
    ("zh", "sigmoid 函数", "notation"), ("zh", "NumPy 广播", "notation"), ("zh", "numpy广播", "notation"),
    ("zh", "为什么除以批量大小", "batches"), ("zh", "鞍点", "batches"), ("zh", "熵", "cross-entropy"),
    ("en", "gradients", "gradient-descent"), ("en", "medians", "loss"), ("en", "regularized", "glossary"),
    ("en", "standardization", "gradient-descent"), ("en", "broadcast shapes", "notation"), ("en", "saddle", "batches")])
def test_what_readers_type(page: Page, address: str, language: str, text: str, place: str):
    open_search(page, address, language)
    assert f"{place}/" in typed(page, language, text)[:3]


def test_the_result_and_its_page_mark_what_was_typed(page: Page, address: str):
    open_search(page, address, "zh")
    typed(page, "zh", "sigmoid 函数")
    item = page.locator(".md-search-result__item").first
    assert "".join(item.locator("mark").all_inner_texts()).lower().startswith(("sigmoid", "函数"))
    best = item.locator("a.md-search-result__link").nth(1)  # the first leads to the top of its page
    assert best.locator("del").count() == 0  # no word is said to be missing
    best.click()
    page.wait_for_url("**h=*")
    marks = page.locator("mark[data-md-highlight]")
    marks.first.wait_for(state="attached")
    assert set(" ".join(marks.all_inner_texts()).lower().split()) == {"sigmoid", "函数"}
    assert page.locator("mark[data-md-highlight]:empty").count() == 0


def test_a_word_that_must_or_must_not_be_there(page: Page, address: str):
    def places(text: str) -> set[str]:
        return set(asked(page, address, "zh", [Query(text, "")])[0])
    assert places("+鞍点 +中位数") <= places("鞍点") & places("中位数")
    assert not places("梯度 -梯度") and places("鞍点 -中位数") <= places("鞍点")


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


# Planted faults: each turns the checks above red.

@pytest.mark.parametrize("config", [
    {"lang": ["en"], "separator": r"[\s\-]+"},  # no Chinese is found within a sentence
    {"lang": ["zh"], "separator": r"[\s\-，。]+"},
    {"fields": {"title": {"boost": 1e3}, "text": {"boost": 1.0}}},
], ids=["no language file", "Material's Chinese", "Material's titles"])
def test_other_settings_fail(page: Page, address: str, built_site: Path, config: dict):
    texts = page_texts(built_site, "zh")
    queries, explained = drawn("zh", texts), terms("zh")
    swept = faults(queries, asked(page, address, "zh", queries, **config), texts)
    missed = late(explained, asked(page, address, "zh", explained, **config))
    assert swept or len(missed) > (1 - BAR) * len(explained)


def test_questions_need_the_dictionary(page: Page, address: str):
    """A term within a question is found because the question is cut at its bounds."""
    queries = questions()
    missed = late(queries, asked(page, address, "zh", queries))
    assert len(missed) <= (1 - BAR) * len(queries), missed
    page.route(f"**/{ADDRESS}", lambda route: route.fulfill(body=script([]), content_type="text/javascript"))
    assert len(late(queries, asked(page, address, "zh", queries))) > len(queries) / 2


def test_the_checks_see_a_lost_page():
    texts = {"a/": "一", "b/": "二", "c/": "二", "d/": "二"}
    query = Query("一", "a/")
    assert faults([query], [["a/"]], texts) == []
    assert len(faults([query], [[]], texts)) == 2
    assert len(faults([query] * 20, [["a/"]] * 19 + [["b/", "c/", "d/", "a/"]], texts)) == 0
    assert len(faults([query] * 20, [["a/"]] * 18 + [["b/", "c/", "d/", "a/"]] * 2, texts)) == 2
