"""The reference pages of a small book, built by MkDocs: what stands on them, and where their links lead."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from small_data import PAGES, add_reference

from book_engine.reference.pages import DIRECTIVES
from book_engine.reference.words import alphabetical


@pytest.fixture(scope="module")
def site(tmp_path_factory, make_site):
    made = make_site(tmp_path_factory.mktemp("reference") / "book")
    add_reference(made)
    done = made.build()
    assert done.returncode == 0, done.stdout
    return made


@pytest.fixture
def soup(site):
    def soup(path: str) -> BeautifulSoup:
        return BeautifulSoup((site.root / "site" / path / "index.html").read_text("utf-8"), "html.parser")
    return soup


def words(element) -> str:
    return re.sub(r"\s+", " ", element.get_text(" ")).strip()


def definitions(soup: BeautifulSoup, id_: str) -> tuple[str, list[str]]:
    term = soup.find("dt", id=id_)
    found = []
    for after in term.find_next_siblings():
        if after.name != "dd":
            break
        found.append(words(after))
    return words(term), found


def test_a_row_of_the_symbol_table(soup):
    term, facts = definitions(soup("zh/symbols"), "prediction")
    assert "预测" in term
    assert facts == ["向量，形状 ( N , ) ， 代码里写作 y_hat 。", "李宏毅： y 。", "李宏毅的写法相反。",
                     "用于： Page 、 Page"]
    assert [a["href"] for a in soup("en/symbols").find("dt", id="prediction").find_next_siblings("dd", limit=4)[3]("a")
            ] == ["../loss/", "../gradient-descent/"]


def test_the_rows_stand_in_their_parts(soup):
    ids = [term["id"] for term in soup("en/symbols")("dt")]
    rows = [f"row-{number}" for number in range(1, 25)]
    assert ids[:24] == rows
    assert set(ids[24:]) == {"prediction", "weight", "feature", "label", "loss", "learning-rate", "derivative", "bias",
                             "model-bias"}
    groups = [group["id"] for group in soup("en/symbols")("h3")]
    assert groups[-1].startswith("chapters-") and all(group.startswith("book-") for group in groups[:-1])
    assert "row 1 of the notes’ table" in words(soup("en/symbols").find("dt", id="row-1"))


def test_a_question_with_its_answer_and_its_place(soup):
    heading = soup("en/questions").find("h3", id="q01")
    assert words(heading).startswith("Q01 · How steep is a line?")
    answer, place = heading.find_next_siblings("p", limit=2)
    assert words(answer).startswith("Look at the weight") and place.a["href"] == "../loss/#first"
    assert words(place) == "→ Page: First"


def test_an_erratum_stands_under_the_first_of_its_notes_and_code_is_left_alone(soup):
    page = soup("zh/errata")
    assert page.find("h3", id="e01").find_next_siblings("p", limit=2)[1].a["href"] == "../gradient-descent/#second"
    assert "::: errata S9" in page.find("code").get_text()


def test_topics_lead_to_their_sections(soup):
    page = soup("en/sources")
    assert "2 topics:" in words(page.article)
    places = [page.find("td", id=topic).parent("td")[2].a["href"] for topic in ("s0-01", "s0-02")]
    assert places == ["../loss/#first", "../gradient-descent/#first"]


def test_terms_and_works(soup):
    assert definitions(soup("zh/glossary"), "weight") == ("权重 weight", ["乘在特征上的数 w 。", "→ Page：First"])
    label, facts = definitions(soup("zh/bibliography"), "euler1748")
    assert label == "Euler 1748" and facts[0].startswith("L. Euler. Introductio in analysin infinitorum . Lausanne")
    assert "引用于： Page" in facts[1]
    assert definitions(soup("zh/bibliography"), "lee2021")[0] == "李宏毅 2021"
    assert definitions(soup("en/bibliography"), "lee2021")[0] == "Lee 2021"


def test_citations_lead_to_the_bibliography(soup):
    links = soup("zh/loss").find("span", class_="citation")("a")
    assert [(a.get_text(), a["href"]) for a in links] == [
        ("Euler 1748", "../bibliography/#euler1748"), ("李宏毅 2021", "../bibliography/#lee2021")]


@pytest.mark.parametrize("language, shown", [("zh", ["权重", "直线"]), ("en", ["Rising lines", "weights"])])
def test_the_first_use_of_a_term_leads_to_the_glossary(soup, language, shown):
    links = soup(f"{language}/loss").article("a", class_="term")
    assert [a.get_text() for a in links] == shown
    assert {a["href"] for a in links} == {"../glossary/#weight", "../glossary/#line"}
    weight = next(a for a in links if a["href"].endswith("weight"))
    assert weight["title"] == ("乘在特征上的数 w。" if language == "zh" else
                               "The number w by which a feature is multiplied.")


def test_a_chapter_names_what_it_rebuilds(soup):
    heading = soup("en/loss").find(id="sources")
    topics, questions = heading.find_next_siblings("p", limit=2)
    assert words(topics) == "Topics rebuilt: A line ( S0-01 )." and words(questions) == "Questions answered: Q01 ."
    assert [part.a["href"] for part in (topics, questions)] == ["../sources/#s0-01", "../questions/#q01"]


def test_the_symbols_of_a_display_formula_are_links(soup):
    equation = soup("en/loss").find("div", class_="equation")
    links = equation.find("p", class_="symbols")("a")
    assert [(words(a), a["href"]) for a in links] == [
        ("𝑦̂ prediction, vector, (N,)", "../symbols/#prediction"), ("w weight, scalar", "../symbols/#weight"),
        ("x feature, scalar", "../symbols/#feature"), ("b bias, scalar", "../symbols/#bias")]
    assert equation.p.has_attr("data-search-exclude")


def test_every_link_of_the_reference_pages_leads_somewhere(site, soup):
    for language in ("zh", "en"):
        for page in (*PAGES, "loss"):
            here = site.root / "site" / language / page
            for link in soup(f"{language}/{page}").article("a", href=True):
                path, _, anchor = link["href"].partition("#")
                if "://" in path or not anchor:
                    continue
                target = (here / path).resolve() / "index.html"
                assert f'id="{anchor}"' in target.read_text("utf-8"), f"{language}/{page}: {link['href']}"


@pytest.mark.parametrize("old, new, words_", [
    ("::: questions S0", "::: question S0", r"no directive '::: question'. Did you mean 'questions'"),
    ("::: questions S0", "::: questions S9", r"'::: questions' with 'S9'; expected '::: questions S0'"),
    ("::: questions S0", "::: questions", r"with ''; expected '::: questions S0'"),
])
def test_a_directive_that_is_not_known_fails_the_build_at_its_line(site, tmp_path, make_site, old, new, words_):
    made = make_site(tmp_path / "book")
    add_reference(made)
    line = made.edit("docs/en/questions.md", old, new)
    done = made.build()
    assert done.returncode and f"docs/en/questions.md:{line}:" in done.stdout and re.search(words_, done.stdout)


def test_every_directive_stands_in_the_book():
    pages = [file.read_text("utf-8") for file in Path("docs/zh").rglob("*.md")]
    assert {name for name in DIRECTIVES if any(f"\n::: {name}" in text for text in pages)} == set(DIRECTIVES)


def test_chinese_terms_are_ordered_by_pinyin():
    terms = ["损失", "softmax", "标签", "梯度", "NumPy"]
    assert sorted(terms, key=alphabetical) == ["标签", "NumPy", "softmax", "损失", "梯度"]
