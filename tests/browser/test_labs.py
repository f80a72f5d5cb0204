"""A lab in a browser, in both languages: what chapters show, tasks with folds, Chinese headings that can be linked."""

from __future__ import annotations

import pytest
from browsing import LANGUAGES, OTHER, Reader, is_in_view, luminance

LABS = ("digit-classifier", "batch-size-study")
PARTS = (".equation math mi", ".math math mi", ".cell-code code span", "figcaption", ".cell-output > .cell-stdout",
         ".cell-figure svg > :not(defs)", ".cell-figure svg text")
NEAR_THE_TOP = "id => Math.abs(document.querySelector(id).getBoundingClientRect().top) < innerHeight / 2"
TASK = {"digit-classifier": "#gradients", "batch-size-study": "#difference"}


@pytest.mark.parametrize("lab", LABS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_lab_shows_what_a_chapter_shows(reader: Reader, language: str, lab: str) -> None:
    page = reader.open(f"{language}/labs/{lab}/")
    for selector in PARTS:
        assert is_in_view(page, selector), selector


@pytest.mark.parametrize("lab", LABS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_task_is_open_and_its_hint_and_solution_are_folded(reader: Reader, language: str, lab: str) -> None:
    page = reader.open(f"{language}/labs/{lab}/")
    said = page.locator(".cell-stdout", has_text="not written yet").first
    assert said.is_visible()
    solved = page.locator("details.solution .cell-stdout", has_text="right").first
    assert not solved.is_visible() and not page.locator("details.hint > p").first.is_visible()
    page.locator("details.solution > summary").first.click()
    assert solved.is_visible()


@pytest.mark.parametrize("lab", LABS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_heading_can_be_linked_and_kept_across_languages(reader: Reader, language: str, lab: str) -> None:
    page = reader.open(f"{language}/labs/{lab}/{TASK[lab]}")
    for there in (language, OTHER[language]):
        page.wait_for_function(NEAR_THE_TOP, arg=TASK[lab])
        page.locator(f"a[hreflang={OTHER[there]}]:visible").first.click()
        page.wait_for_url(f"{reader.address}{OTHER[there]}/labs/{lab}/{TASK[lab]}")


# The ink of an image's darkest pixel, and the paper.
PIXELS = """() => {
  const fills = [...document.querySelectorAll(".cell-figure svg path")].map(path => getComputedStyle(path).fill);
  return [fills.filter(fill => fill.startsWith("rgb") || fill.startsWith("color")),
    getComputedStyle(document.body).backgroundColor];
}"""


def test_the_images_of_digits_follow_the_scheme(reader: Reader) -> None:
    """Ink is dark on paper and light on a dark ground."""
    for scheme in ("light", "dark"):
        reader.page.emulate_media(color_scheme=scheme)
        fills, ground = reader.open("zh/labs/digit-classifier/").evaluate(PIXELS)
        inks = [luminance(fill) for fill in fills if fill.startswith("rgb(")]
        farthest = max(abs(ink - luminance(ground)) for ink in inks)
        assert farthest > 0.5, (scheme, ground)


@pytest.mark.parametrize(("language", "word", "lab"), [
    ("zh", "溢出", "digit-classifier"), ("en", "misread", "digit-classifier"), ("zh", "碰巧", "batch-size-study"),
    ("en", "anecdote", "batch-size-study")])
def test_search_finds_labs(reader: Reader, language: str, word: str, lab: str) -> None:
    page = reader.open(f"{language}/")
    page.locator("label.md-search__icon[for=__search], .md-search__input").first.click()
    page.locator(".md-search__input").press_sequentially(word)
    page.locator(".md-search__input").press("End")
    results = page.locator("a.md-search-result__link")
    results.first.wait_for(state="visible")
    found = [results.nth(number).evaluate("link => new URL(link.href).pathname") for number in range(results.count())]
    assert f"/{language}/labs/{lab}/" in found[:5], found
