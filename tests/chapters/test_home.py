"""The home page's example, and the look that all pages share: colours, contrast, weight, templates."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from types import SimpleNamespace

import jinja2
import pytest

from book_engine.book.nav import chapters_of
from book_engine.figures.svg import CYCLE
from book_engine.mkdocs.polish import MINIFIERS

ROOT = Path(__file__).parents[2]
ASSETS = ROOT / "docs/assets"


@pytest.fixture(scope="module")
def home(chapter):
    """The names of the home page's code after it ran, and its figures."""
    return SimpleNamespace(**{name: getattr(chapter.names, name) for name in ("w_end", "needs", "number", "before")},
                           figures=chapter.figures)


def test_the_limit_on_the_learning_rate(home):
    assert home.w_end == pytest.approx({lr: (1 - lr) ** 20 for lr in (0.2, 1.9, 2.1)}, rel=1e-12)
    lines = home.figures[0].axes[0].lines
    for line, lr in zip(lines, (0.2, 1.9, 2.1), strict=True):
        assert line.get_ydata() == pytest.approx([(1 - lr) ** step for step in range(21)])


# --- the map of the chapters --------------------------------------------------------------------------


def test_chapters_of_the_map_are_those_of_the_book(home):
    nav = chapters_of((ROOT / "mkdocs.yml").read_text("utf-8"))
    assert list(home.needs) == nav, "snippets/home.py: `needs` is to hold the chapters of mkdocs.yml's nav, in order"


def test_a_chapter_needs_earlier_ones_only(home):
    order = list(home.needs)
    for number, (chapter, needed) in enumerate(home.needs.items(), 1):
        assert all(order.index(one) < number - 1 for one in needed)
        assert home.number[chapter] == number
        assert home.before[chapter] == (", ".join(str(order.index(one) + 1) for one in needed) or "–")


def test_no_need_is_named_that_another_one_implies(home):
    def all_before(chapter):
        return {deeper for one in home.needs[chapter] for deeper in (one, *all_before(one))}

    for needed in home.needs.values():
        for one in needed:
            assert not any(one in all_before(other) for other in needed if other != one)


def test_map_figure(home):
    (ax,) = home.figures[1].axes
    circles = {tuple(line.get_xydata()[0]): line for line in ax.lines if line.get_marker() == "o"}
    numbers = {text.get_text(): text for text in ax.texts}
    assert list(numbers) == [str(number) for number in range(1, len(home.needs) + 1)]
    assert len(circles) == len(numbers)
    place = {chapter: numbers[str(number)].get_position() for chapter, number in home.number.items()}
    for text in numbers.values():
        circle = circles[text.get_position()]
        assert (circle.get_markerfacecolor(), text.get_color()) == ("C0", "white")
    drawn = {(tuple(start), tuple(end)) for start, end in
             (line.get_xydata() for line in ax.lines if line.get_marker() != "o")}
    assert drawn == {(place[one], place[chapter]) for chapter, needed in home.needs.items() for one in needed}
    assert all(start[0] < end[0] for start, end in drawn)  # "to the right"
    assert len(set(place.values())) == len(place)


@pytest.mark.parametrize("language", ("zh", "en"))
def test_map_of_the_page(home, language):
    """Each chapter has its row: number, title, what it needs from the data."""
    page = (ROOT / f"docs/{language}/index.md").read_text("utf-8")
    rows = re.findall(r"^\| (\d+) \| (.+?) \| (.+?) \| `\{python\} before\[\"([\w-]+)\"\]` \|$", page, re.M)
    assert [(int(number), chapter) for number, _, _, chapter in rows] == [
        (number, chapter) for chapter, number in home.number.items()]
    for _, title, can, chapter in rows:
        heading = re.search(r"^# (.+?) \{#", (ROOT / f"docs/{language}/{chapter}.md").read_text("utf-8"), re.M)
        assert title == f"[{heading[1]}]({chapter}.md)" and can


def colours(style: str, selector: str) -> dict[str, str]:
    """The custom properties of `selector` in a style sheet that are plain colours."""
    block = style[style.index(f"{selector} {{") :]
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block[: block.index("}")]))


BOOK = (ASSETS / "book.css").read_text("utf-8")
LIGHT = colours(BOOK, ":root")
SCHEMES = {"light": LIGHT, "dark": LIGHT | colours(BOOK, ':root[data-md-color-scheme="slate"]')}


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it, of #rrggbb."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_of_black_on_white():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


PAPER, TINTED, FOOTER = "md-default-bg-color", "md-code-bg-color", "md-footer-bg-color"
TEXTS = [
    *[(name, PAPER) for name in ("md-default-fg-color", "md-default-fg-color--light", "md-typeset-a-color")],
    *[(name, PAPER) for name in ("md-primary-bg-color", "md-accent-fg-color", "book-cinnabar", "figure-2")],
    *[(name, TINTED) for name in sorted(LIGHT) if re.match(r"md-code-(fg|hl-\w+-color)", name)],
    *[(name, TINTED) for name in ("md-default-fg-color", "md-default-fg-color--light", "md-typeset-a-color")],
    *[(name, FOOTER) for name in sorted(LIGHT) if name.startswith("md-footer-fg-color")],
    ("md-default-fg-color", "md-typeset-mark-color"),
]


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("text", "ground"), TEXTS)
def test_text_can_be_read(scheme, text, ground):
    """WCAG 2, level AA: 4.5 to 1."""
    found = contrast(SCHEMES[scheme][text], SCHEMES[scheme][ground])
    assert found >= 4.5, f"{text} on {ground}: {found:.2f}"


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("index", range(6))
def test_lines_of_a_figure_can_be_seen(scheme, index):
    """WCAG 2, 1.4.11: 3 to 1; the first four, which may also colour words, 4.5 to 1."""
    found = contrast(SCHEMES[scheme][f"figure-{index}"], SCHEMES[scheme]["figure-paper"])
    assert found >= (4.5 if index < 4 else 3)


def test_figures_have_the_pages_colours():
    assert tuple(LIGHT[f"figure-{index}"] for index in range(6)) == CYCLE
    for scheme in SCHEMES.values():
        assert scheme["figure-paper"] == scheme["md-default-bg-color"]


def test_the_root_page_has_the_books_colours():
    style = (ASSETS / "root.css").read_text("utf-8")
    names = {"paper": PAPER, "ink": "md-default-fg-color", "quiet": "md-default-fg-color--light",
             "rule": "book-rule", "link": "md-typeset-a-color"}
    for scheme, selector in (("light", ":root"), ("dark", "@media (prefers-color-scheme: dark) {\n  :root")):
        found = colours(style, selector)
        assert found == {short: SCHEMES[scheme][name] for short, name in names.items()}


OFFLINE_ONLY = "iframe-worker.js"


def test_own_style_and_script_are_light():
    """13 KB beyond Material's, as a reader gets all that comes before the first touch: without comments, compressed."""
    files = [file for file in ASSETS.iterdir() if file.suffix in (".css", ".js")
             and file.name != OFFLINE_ONLY and not file.name.startswith("run")]
    small = [MINIFIERS[file.suffix](file.read_text("utf-8")).encode() for file in files]
    assert sum(len(gzip.compress(text)) for text in small) <= 13_000


@pytest.mark.parametrize("file", sorted(ASSETS.glob("*.[cjs]*")), ids=lambda file: file.name)
def test_nothing_is_loaded_from_elsewhere(file):
    assert not re.search(r"https?:|@import|url\((?!\"fonts/)", file.read_text("utf-8").replace("http://www.w3.org", ""))


def test_the_same_keys_in_all_scripts():
    """The switch of a page writes what the root page reads."""
    key = "lecture-notes-that-run.language"
    assert key in (ASSETS / "book.js").read_text("utf-8")
    assert key in (ASSETS / "root.js").read_text("utf-8")


LANGUAGES = {"zh": {"name": "中文"}, "en": {"name": "English"}}


def render(template: str, language: str, **context) -> str:
    env = jinja2.Environment(loader=jinja2.FileSystemLoader(ROOT / "docs/overrides"), undefined=jinja2.StrictUndefined)
    site_url = f"https://book.example/notes/{language}/" if language else "https://book.example/notes/"
    extra = {"language": language, "languages": LANGUAGES, "ran_with": {"Python": "3.12.1", "NumPy": "2.4.0"},
             "edition": {"version": "1.2.3", "date": "2026-01-02"}}
    config = SimpleNamespace(site_url=site_url, extra=SimpleNamespace(**extra), copyright="Code MIT",
                             nav=["index.md", "contributing.md"])
    env.filters["url"] = lambda path: f"../{path}"
    return env.get_template(template).render(config=config, **context)


def page(url: str, language: str) -> SimpleNamespace:
    base = f"https://book.example/notes/{language}/"
    home = url == "./"
    return SimpleNamespace(page=SimpleNamespace(url=url, is_homepage=home, canonical_url=base + ("" if home else url)))


def test_sitemap_of_the_root_names_those_of_both_languages():
    text = render("sitemap.xml", "", pages=[])
    assert "<sitemapindex" in text and re.findall("<loc>(.*?)</loc>", text) == [
        "https://book.example/notes/zh/sitemap.xml", "https://book.example/notes/en/sitemap.xml"]


def test_sitemap_pairs_each_page_with_its_twin():
    text = render("sitemap.xml", "zh", pages=[page("./", "zh"), page("loss/", "zh")])
    assert text.startswith("<?xml")
    assert re.findall("<loc>(.*?)</loc>", text) == [
        "https://book.example/notes/zh/", "https://book.example/notes/zh/loss/"]
    assert re.findall('hreflang="(.*?)" href="(.*?)"', text) == [
        ("zh", "https://book.example/notes/zh/"),
        ("en", "https://book.example/notes/en/"),
        ("x-default", "https://book.example/notes/"),
        ("zh", "https://book.example/notes/zh/loss/"),
        ("en", "https://book.example/notes/en/loss/"),
        ("x-default", "https://book.example/notes/en/loss/"),
    ]


@pytest.mark.parametrize(("language", "words"), [
    ("zh", "本站的代码运行于 Python 3.12.1、NumPy 2.4.0。"),
    ("en", "The code of this site ran with Python 3.12.1, NumPy 2.4.0."),
])
def test_footer_says_what_the_code_ran_with(language, words):
    assert words in " ".join(render("partials/copyright.html", language).split())


@pytest.mark.parametrize("language", LANGUAGES)
def test_footer_leads_to_the_licence(language):
    assert '<a href="../contributing/#licence">Code MIT</a> ·' in render("partials/copyright.html", language)


def test_both_languages_have_all_words():
    source = (ROOT / "docs/overrides/partials/words.html").read_text("utf-8")
    zh, en = (re.findall(r'^    "([\w.]+)":', part, re.M) for part in source.split('"en": {'))
    assert zh == en
