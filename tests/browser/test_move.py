"""Figures that move and questions that answer: by keyboard, without scripts, on paper, from a folder."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import Path

import browsing
import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import LANGUAGES, PHONE, TOO_WIDE, Reader
from conftest import make_small_site, once

POWERS = """
# --8<-- [start:powers]
n = 2
fig, ax = plt.subplots()
ax.plot(x, x**n)
print(f"x to the power {n}")
_ = ax.set(ylim=(0, 8))
# --8<-- [end:powers]
"""
PAGE = """/// question | Where does the first step land?
- `{{python}} f"{{0.4 * 4:.1f}}"` | Against the **slope**, by $\\eta$ times 4.
- `{{python}} f"{{-0.4 * 4:.1f}}"` | It goes against the slope.
///

/// question | And the loss?
- `{{python}} total > 7` | It grows | No overshoot here.
- `{{python}} total == 6` | It falls | The slope says so.
///

```{{.python {} move="power η: n=1,2,3" alt="{{n}}: a straight line | {{n}}: a parabola | {{n}}: a cubic"}}
--8<-- "loss.py:powers"
```

## Second"""


def write(folder: Path, **environment: str) -> None:
    site = make_small_site(folder / "book", ("loss",))
    for language, option in (("zh", ""), ("en", "folded")):
        site.edit(f"docs/{language}/loss.md", "## Second", PAGE.format(option))
    site.edit("snippets/loss.py", "# --8<-- [end:last]\n", f"# --8<-- [end:last]\n{POWERS}")
    done = site.build(**environment)
    assert done.returncode == 0, done.stdout


@pytest.fixture(scope="module")
def moving_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return once(tmp_path_factory, "moving", write) / "book" / "site"


@pytest.fixture(scope="module")
def address(moving_site: Path) -> Iterator[str]:
    with browsing.served(moving_site) as address:
        yield address


def state(page) -> tuple[str, str, str, str, str]:
    """What of a state a reader meets: value, figure's description, text, value in the code, what is announced."""
    cell = page.locator("[data-states]")
    return (cell.locator(".cell-move output").inner_text(), cell.locator(".cell-figure").get_attribute("aria-label"),
            cell.locator(".cell-stdout").inner_text().strip(), cell.locator("[data-moved]").text_content(),
            cell.locator(".cell-move input").get_attribute("aria-valuetext"))


def at(n: int) -> tuple[str, str, str, str, str]:
    shape = {1: "a straight line", 2: "a parabola", 3: "a cubic"}[n]
    return (f"{n}", f"{n}: {shape}", f"x to the power {n}", f"{n}", f"{n}")


def plain(text: str) -> str:
    """Text as it is read: a formula's letters are mathematical ones on lines of their own."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


@pytest.mark.parametrize("language", LANGUAGES)
def test_arrow_keys_move_the_figure(reader: Reader, language: str) -> None:
    asked = []
    reader.page.on("request", lambda request: asked.append(request.url))
    page = reader.open(f"{language}/loss/")
    assert state(page) == at(2) and not any("moves/" in url for url in asked)
    slider = page.get_by_role("slider", name="power η")
    slider.focus()
    assert slider.evaluate("element => getComputedStyle(element).outlineStyle") == "solid"
    page.keyboard.press("ArrowRight")
    page.locator(".cell-figure[aria-label$=cubic]").wait_for()
    assert state(page) == at(3)
    assert page.locator(".cell-move [aria-live=polite]").inner_text() == "3: a cubic"
    page.keyboard.press("Home")
    assert state(page) == at(1)
    page.keyboard.press("ArrowRight")
    assert state(page) == at(2)
    assert sum("moves/" in url for url in asked) == 1
    assert page.evaluate("document.activeElement.type") == "range"


def test_a_pointer_moves_it_too(reader: Reader) -> None:
    page = reader.open("en/loss/")
    page.get_by_role("slider").scroll_into_view_if_needed()
    box = page.get_by_role("slider").bounding_box()
    page.mouse.click(box["x"] + box["width"] - 4, box["y"] + box["height"] / 2)
    page.locator(".cell-figure[aria-label$=cubic]").wait_for()
    assert state(page) == at(3)


def test_states_that_do_not_come(reader: Reader) -> None:
    """The still stays and the slider says why; the next touch asks again."""
    page = reader.open("en/loss/")
    page.route("**/moves/**", lambda route: route.abort())
    slider = page.get_by_role("slider")
    slider.focus()
    page.get_by_text("not loaded").wait_for()
    assert page.locator(".cell-figure[aria-label$=parabola]").count() == 1
    page.unroute("**/moves/**")
    page.keyboard.press("ArrowRight")
    page.locator(".cell-figure[aria-label$=cubic]").wait_for()
    assert state(page) == at(3)
    reader.faults = [fault for fault in reader.faults if "ERR_FAILED" not in fault]


@pytest.mark.parametrize("reader", [{"java_script_enabled": False}], indirect=True)
def test_without_scripts(reader: Reader) -> None:
    """The still with its value, no dead slider; questions with their answers in a fold, no dead form."""
    page = reader.open("en/loss/")
    assert page.locator(".cell-move").inner_text().split() == ["power", "η", "2"]
    assert not page.locator(".cell-move input").is_visible() and not page.locator(".question form").is_visible()
    assert page.locator(".cell-figure").first.is_visible()
    question = page.locator(".question").first
    assert not question.locator("li span").first.is_visible()
    question.locator("summary").click()
    assert question.locator("li span").first.is_visible()
    assert page.locator(".question").nth(1).get_by_text("It falls").first.is_visible()


def test_on_paper(reader: Reader) -> None:
    page = reader.open("en/loss/")
    page.emulate_media(media="print")
    assert not page.locator(".cell-move input").is_visible() and not page.locator(".question form").is_visible()
    assert page.locator(".cell-move label").is_visible() and page.locator(".cell-move output").is_visible()


@pytest.mark.parametrize(("typed", "said"), [
    ("1.6", "Right. Against the slope, by η times 4."), ("1,62", "Right."), ("8/5", "Right."), ("１．６", "Right."),
    ("−1.6", "No. It goes against the slope."), ("-1.6", "No. It goes against"),
    ("1.7", "Near: a little more exactly."), ("3", "No; think again."), ("left", "Write a number, such as 0.5."),
    ("1/", "Write a number"),
])
def test_a_number_is_answered(reader: Reader, typed: str, said: str) -> None:
    page = reader.open("en/loss/")
    page.get_by_label("Your answer").focus()
    page.keyboard.type(typed)
    page.keyboard.press("Enter")
    answer = page.locator(".question output").first
    assert plain(answer.inner_text()).startswith(said) and page.get_by_role("status").first.is_visible()
    assert page.url == f"{reader.address}en/loss/"


@pytest.mark.parametrize(("language", "words"), [("zh", ("对了。", "不对。")), ("en", ("Right.", "No."))])
def test_a_choice_is_answered(reader: Reader, language: str, words: tuple[str, str]) -> None:
    page = reader.open(f"{language}/loss/")
    question = page.locator(".question").nth(1)
    for name, said, verdict in (("It grows", f"{words[1]} No overshoot here.", "false"),
                                ("It falls", f"{words[0]} The slope says so.", "true")):
        button = question.get_by_role("button", name=name)
        button.focus()
        page.keyboard.press("Enter")
        assert plain(question.locator("output").inner_text()).replace("。", "。 ") == said
        assert button.get_attribute("data-answered") == verdict


@pytest.mark.parametrize("reader", [{"viewport": PHONE}, {"color_scheme": "dark"}], indirect=True)
def test_accessible_and_no_wider_than_the_window(reader: Reader) -> None:
    page = reader.open("zh/loss/")
    page.get_by_role("slider").focus()
    page.keyboard.press("ArrowRight")
    page.get_by_label("你的答案").fill("1.6")
    page.keyboard.press("Enter")
    assert page.evaluate(TOO_WIDE) == []
    page.evaluate("scrollTo(0, 0)")  # else the header lies on what axe measures
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]})
    assert [(one["id"], one["nodes"][0]["failureSummary"]) for one in found.response["violations"]] == []


def test_from_a_folder(browser, tmp_path: Path) -> None:
    """The offline copy has other addresses, and a page opened from a folder may fetch no data."""
    write(tmp_path, BOOK_OFFLINE="true")
    reader = Reader(browser, f"file://{tmp_path}/book/site/")
    page = reader.open("en/loss.html")
    page.get_by_role("slider").focus()
    page.keyboard.press("ArrowRight")
    page.locator(".cell-figure[aria-label$=cubic]").wait_for()
    assert state(page) == at(3) and reader.faults == []
    reader.context.close()
