"""Code that runs in the page: it gives what the build printed, can be changed and stopped, and needs no network."""

from __future__ import annotations

import gzip
import json
import os
import re
from pathlib import Path

import pytest
from browsing import LANGUAGES, OTHER, PHONE, WIDE, Browser, Handler, Page, Reader, served

from book_engine.book.nav import pages_of

ROOT = Path(__file__).resolve().parents[2]
CONFIG = (ROOT / "mkdocs.yml").read_text("utf-8")
PAGES = ["", *(f"{name}/" for section in ("chapters", "labs") for name in pages_of(CONFIG, section))]
PATIENCE = 600_000  # milliseconds for all blocks of a page, on a machine that is busy
# Blocks, counted from 1, whose numbers are those of one machine: rounding errors that grow, versions. But for these
# they give what is printed.
LOOSE = {"derivatives/": {13}, "cross-entropy/": {11}, "labs/batch-size-study/": {14}}
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")
TINY = 1e-8  # what is printed of a rounding error may be another one here
TEXTS = """() => [...document.querySelectorAll(".cell-code")].map(code => {
  const output = code.closest(".cell").querySelector(":scope > .cell-output");
  const figures = [...output?.querySelectorAll(".cell-figure > svg") ?? []];
  return { texts: [...output?.querySelectorAll("pre") ?? []].map(pre => pre.className + " " + pre.textContent.trim()),
    drawn: figures.map(svg => [svg.getAttribute("fill"), svg.textContent.trim() !== ""]),
    alts: figures.map(svg => svg.parentNode.ariaLabel), varies: output?.dataset.varies !== undefined };
})"""
OPEN = "code => { while ((code = code.parentElement)) if (code.matches('details')) code.open = true; }"
IDLE = "() => ![...document.querySelectorAll('.cell')].some(cell => cell.ariaBusy === 'true')"


@pytest.fixture(scope="module", autouse=True)
def python_is_there(built_site: Path) -> None:
    if not (built_site / "runtime").is_dir():
        (pytest.fail if os.environ.get("CI") else pytest.skip)("the files that run code in the page are not there; "
                                                               "fetch them: book runtime")


def press(page: Page, block: int) -> None:
    """The button of a block, which may be folded; waits until nothing runs any more."""
    page.locator(".cell-bar .run").nth(block).dispatch_event("click")
    page.locator(".cell-bar .said").nth(block).wait_for(state="attached")
    page.wait_for_function(IDLE, timeout=PATIENCE, polling=200)


def write(page: Page, block: int, *lines: str) -> None:
    """Changes a block as a reader does, who opens the fold that it stands in."""
    page.locator(".cell-code").nth(block).evaluate(OPEN)
    page.locator(".cell-bar .edit").nth(block).dispatch_event("click")
    page.locator(".cell-code code").nth(block).and_(page.locator(":focus")).wait_for()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.press("Delete")
    for number, line in enumerate(lines):
        if number:
            page.keyboard.press("Enter")
        page.keyboard.type(line)


def output(page: Page, block: int) -> list[str]:
    return page.evaluate(TEXTS)[block]["texts"]


def said(page: Page, block: int) -> str:
    return page.locator(".cell-bar .said").nth(block).text_content()


def numbers(text: str) -> list[float]:
    return [float(number) for number in NUMBER.findall(text)]


def near(one: float, other: float) -> bool:
    return abs(one - other) <= max(TINY, 0.01 * abs(one))


@pytest.mark.parametrize("path", [pytest.param(path, marks=pytest.mark.xdist_group(f"run {path}")) for path in PAGES])
def test_every_block_gives_what_the_build_printed(reader: Reader, path: str) -> None:
    """Run from the first to the last in the page. Twins have the same code, so each page runs in one language."""
    page = reader.open(f"{LANGUAGES[PAGES.index(path) % 2]}/{path}")
    printed = page.evaluate(TEXTS)
    press(page, -1)
    marks = page.locator(".cell-bar .said").all_text_contents()
    same = 0
    for number, (before, after, mark) in enumerate(zip(printed, page.evaluate(TEXTS), marks, strict=True), 1):
        expected, found = "\n".join(before["texts"]), "\n".join(after["texts"])
        assert NUMBER.sub("#", found) == NUMBER.sub("#", expected), number
        if not before["varies"] and number not in LOOSE.get(path, ()):
            assert all(map(near, numbers(expected), numbers(found))), (number, expected, found)
        assert (after["drawn"], after["alts"]) == (before["drawn"], before["alts"]), number
        marked = mark.startswith(("✓ As printed", "✓ 与页面所印一致"))
        assert marked or found != expected or before["drawn"], (number, mark)
        same += found == expected
    assert same >= 0.75 * len(printed)
    here = page.locator(".book-ran-here").text_content()
    assert re.search(r"Python 3\.\d+\.\d+.*numpy \d", here), here


def test_blocks_above_run_first_and_again_when_they_change(reader: Reader) -> None:
    page = reader.open("en/loss/")
    write(page, 0, "a = 2")
    write(page, 1, "a += 1", "a")
    press(page, 1)
    assert (output(page, 0), output(page, 1)) == ([], ["cell-value 3"])
    press(page, 1)  # what stands above has run and is the same: it does not run again
    assert output(page, 1) == ["cell-value 4"]
    write(page, 0, "a = 5")
    press(page, 1)
    assert output(page, 1) == ["cell-value 6"]
    assert said(page, 1).startswith("Has run")


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_endless_loop_is_stopped_and_the_page_goes_on(reader: Reader, language: str) -> None:
    page = reader.open(f"{language}/loss/")
    printed = output(page, 0)
    write(page, 0, "while True:", "n = 1")  # the second line is indented by itself
    page.keyboard.press("Control+Enter")
    page.locator(".cell-bar .said", has_text=re.compile("第 1 块|block 1")).wait_for(timeout=PATIENCE)
    page.locator(".cell-bar .run").first.click()
    page.wait_for_function(IDLE)
    assert said(page, 0) == {"zh": "已停止，变量已清空", "en": "Stopped; all names are gone"}[language]
    write(page, 0, "print('again')")
    page.keyboard.press("Shift+Enter")
    page.wait_for_function(IDLE, timeout=PATIENCE, polling=200)
    assert output(page, 0) == ["cell-stdout again"]
    page.locator(".cell-bar .reset").first.click()
    assert output(page, 0) == printed and page.locator(".cell-bar .reset").first.is_hidden()
    assert page.locator(".cell-code code").first.text_content() == page.evaluate(
        "fetch(location.href).then(a => a.text()).then(html => new DOMParser().parseFromString(html, 'text/html')"
        ".querySelector('.cell-code code').textContent)")


MARKED = "() => [...CSS.highlights.get('error-line')].map(range => range.toString())"


def test_an_exception_shows_and_its_line_is_marked(reader: Reader) -> None:
    page = reader.open("en/loss/")
    write(page, 0, "def f(x):", "y = 1", "return y / x")
    write(page, 1, "a = 0", "f(a)", "a")
    press(page, 1)
    assert output(page, 1) == ["cell-error block 1, line 3: ZeroDivisionError: division by zero"]
    assert page.evaluate(MARKED) == ["    return y / x"]
    write(page, 1, "a = 1", "f(a))")
    press(page, 1)
    assert output(page, 1) == ["cell-error line 2: SyntaxError: unmatched ')'"]
    assert page.evaluate(MARKED) == ["f(a))"]
    write(page, 0, "import warnings", "warnings.warn('mind')", "1 / 0")
    press(page, 1)
    assert output(page, 0) == ["cell-stderr line 2: UserWarning: mind",
                               "cell-error line 3: ZeroDivisionError: division by zero"]
    assert said(page, 1) == "Block 1 above fails"


def test_who_takes_only_the_digits_waits_for_no_more_of_scikit_learn(reader: Reader) -> None:
    asked: list[str] = []
    reader.page.on("request", lambda request: asked.append(request.url))
    page = reader.open("en/cross-entropy/")
    assert "load_digits" in page.locator(".cell-code").first.text_content()
    press(page, 0)
    assert said(page, 0).startswith("✓ As printed") and not any("scipy" in url or "scikit" in url for url in asked)
    write(page, 0, "from sklearn.datasets import load_digits", "from sklearn.linear_model import RidgeClassifier",
          "X, y = load_digits(n_class=2, return_X_y=True)", "RidgeClassifier().fit(X, y).score(X, y)")
    press(page, 0)
    assert output(page, 0) == ["cell-value 1.0"] and any("scipy" in url for url in asked)


class Strict(Handler):
    """A host that sends the strictest policy under which WebAssembly runs, and lets nothing be cached."""

    def send_header(self, name: str, value: str) -> None:
        super().send_header(name, "no-store" if name == "Cache-Control" else value)

    def end_headers(self) -> None:
        super().send_header("Content-Security-Policy",
                            "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' data:")
        super().end_headers()


def test_after_the_first_run_no_network_is_needed(browser: Browser, built_site: Path) -> None:
    with served(built_site, Strict) as address:
        reader = Reader(browser, address)
        page = reader.open("en/loss/")
        press(page, 0)
        assert reader.faults == []
    page.reload()  # the server is gone
    write(page, 0, "import matplotlib.pyplot as plt", "plt.plot([1, 2]);")
    press(page, 0)
    assert page.evaluate(TEXTS)[0]["drawn"] == [["currentColor", True]]
    assert page.evaluate(TEXTS)[0]["alts"] == ["A figure drawn by the changed code"]
    reader.context.close()


SELECT = """(code, word) => {
  const texts = document.createTreeWalker(code, NodeFilter.SHOW_TEXT);
  while (texts.nextNode())
    if (texts.currentNode.data === word) return getSelection().selectAllChildren(texts.currentNode.parentNode);
}"""
DEVICES = {"phone": {"viewport": PHONE, "is_mobile": True, "has_touch": True}, "laptop": {"viewport": WIDE}}


@pytest.mark.parametrize(("language", "device"), [*zip(LANGUAGES, DEVICES)])
def test_without_a_network_all_answers(browser: Browser, built_site: Path, language: str, device: str) -> None:
    """After a visit: a reader lets descent diverge, answers, moves a figure, finishes a task of the lab."""
    with served(built_site) as address:
        reader = Reader(browser, address, **DEVICES[device])
        for path in ("labs/digit-classifier/", "gradient-descent/"):
            page = reader.open(f"{language}/{path}")
            press(page, 0)
        states = page.locator("[data-states]").last.get_attribute("data-states")
        page.wait_for_function("path => caches.match(path, {ignoreSearch: true})", arg=address + states)
    page = reader.open(f"{language}/gradient-descent/")  # the server is gone
    question = page.locator(".question").first
    question.locator("input").fill("0.64")
    page.keyboard.press("Enter")
    assert question.locator("output").inner_text().startswith({"zh": "对了。", "en": "Right."}[language])
    codes = page.locator(".cell-code code")
    block = next(i for i, code in enumerate(codes.all_text_contents()) if "0.51" in code)
    codes.nth(block).evaluate(OPEN)
    page.locator(".cell-bar .edit").nth(block).click()
    codes.nth(block).evaluate(SELECT, "0.51")
    page.keyboard.type("0.6")
    page.locator(".cell-bar .run").nth(block).click()
    page.wait_for_function(IDLE, timeout=PATIENCE, polling=200)
    assert "lr 0.6: factor -1.40, last |w| 2e+07" in output(page, block)[0]
    moving = page.locator("[data-states]").last
    shown = moving.locator(".cell-figure").get_attribute("aria-label")
    moving.get_by_role("slider").focus()
    page.keyboard.press("Home")
    page.keyboard.press("End")
    page.wait_for_function("([cell, shown]) => cell.querySelector('.cell-figure').ariaLabel !== shown",
                           arg=[moving.element_handle(), shown])
    page = reader.open(f"{language}/labs/digit-classifier/")
    codes = page.locator(".cell-code code")
    task = next(i for i, code in enumerate(codes.all_text_contents()) if "def initialise(d)" in code)
    write(page, task, "initialise = lambda d: (np.zeros((d, 1)), 0.0)",
          'report("initialise", initialise_faults(initialise))')
    press(page, task)
    assert output(page, task) == ["cell-stdout initialise: right"]
    reader.context.close()


def test_a_press_that_nothing_answers_says_so_and_the_next_one_asks_again(reader: Reader) -> None:
    page = reader.open("en/loss/")
    page.route("**/run.js*", lambda route: route.abort())
    button = page.locator(".cell-bar .run").first
    button.click()
    button.and_(page.get_by_text("No network")).wait_for()
    page.unroute("**/run.js*")
    reader.faults.clear()
    write(page, 0, "1 + 1")
    press(page, 0)
    assert (output(page, 0), button.text_content()) == (["cell-value 2"], "Run")


@pytest.mark.parametrize("reader", [{"accept_downloads": True}], indirect=True)
def test_a_task_of_a_lab_is_solved_in_the_page_and_kept(reader: Reader, tmp_path: Path) -> None:
    page = reader.open("en/labs/digit-classifier/")
    codes = page.locator(".cell-code code")
    task = next(i for i, code in enumerate(codes.all_text_contents()) if "# your code" in code and "sigmoid" in code)
    code = codes.nth(task).text_content()
    check = code[code.index("report("):].strip()
    write(page, task, "sigmoid = lambda z: 0.5 * (1 + np.tanh(z / 2))", check)
    press(page, task)
    assert output(page, task) == ["cell-stdout sigmoid: right"]
    written = codes.nth(task).text_content().rstrip()
    for language in ("en", OTHER["en"]):
        page = reader.open(f"{language}/labs/digit-classifier/")
        page.locator(".cell-bar .reset:visible").wait_for()
        assert codes.nth(task).text_content().rstrip() == written
    with page.expect_download() as download:
        page.locator(".book-notebook").click()
    download.value.save_as(tmp_path / "mine.ipynb")
    cells = json.loads((tmp_path / "mine.ipynb").read_text("utf-8"))["cells"]
    assert [cell["outputs"] for cell in cells if cell["source"] == written] == [[]]
    page.locator(".cell-bar .reset:visible").click()
    page.reload()
    assert "# your code" in codes.nth(task).text_content()


def test_a_page_loads_nothing_of_it_before_a_touch(reader: Reader, built_site: Path) -> None:
    asked: list[str] = []
    reader.page.on("request", lambda request: asked.append(request.url.removeprefix(reader.address)))
    page = reader.open("en/loss/")
    page.wait_for_load_state("networkidle")
    assert [path for path in asked if re.search(r"run|blocks|engine|offline", path)] == ["assets/blocks.js"]
    assert len(gzip.compress((built_site / "assets/blocks.js").read_bytes(), 6)) < 1500
    assert page.locator(".cell-bar .run").count() == page.locator(".cell-code").count()


def test_a_site_without_the_files_has_no_buttons(sound_folder: Path) -> None:
    page = (sound_folder / "site/en/loss/index.html").read_text("utf-8")
    assert "cell-code" in page and "cell-bar" not in page and "blocks.js" not in page
    assert not (sound_folder / "site/runtime").exists()
