"""The book on paper: both PDFs, read back."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pikepdf
import pypdfium2
import pytest
from browsing import LANGUAGES, Browser
from parsed import parsed

from book_engine.book.nav import pages_of
from book_engine.markdown.render import code_html
from book_engine.publish import paper
from book_engine.source.errors import BookError

ROOT = Path(__file__).resolve().parents[3]
HEAVIEST = 15_000_000
A_THIRD = 1 / 3


@dataclass
class Printed:
    language: str
    file: Path
    texts: list[str]  # by page
    outline: list[tuple[str, int]]  # titles of the first level with their pages, from 1


    colours: list[int]  # by page, its coloured pixels

    def of_chapters(self, whole: list) -> list[list]:
        """What belongs to pages, by the page of the nav."""
        ends = [number - 1 for _, number in self.outline[1:]] + [len(whole)]
        return [whole[number - 1 : end] for (_, number), end in zip(self.outline, ends, strict=True)]


@pytest.fixture(scope="module")
def both(built_site: Path, tmp_path_factory, browser: Browser) -> dict[str, Printed]:
    """`browser`: these tests are skipped, or fail in CI, where no Chromium is. The page that is printed is written into
    a copy of the site, at which no other test looks."""
    site = tmp_path_factory.mktemp("paper") / "site"
    shutil.copytree(built_site, site, ignore=shutil.ignore_patterns("runtime"))
    made = {}
    for language in LANGUAGES:
        file = site.parent / f"{language}.pdf"
        count = paper.make_pdf(ROOT, site, language, file)
        document = pypdfium2.PdfDocument(file)
        texts = [page.get_textpage().get_text_bounded() for page in document]
        assert len(texts) == count
        outline = [(mark.get_title(), mark.get_dest().get_index() + 1) for mark in document.get_toc()
                   if mark.level == 0]
        made[language] = Printed(language, file, texts, outline, [coloured(page) for page in document])
        document.close()
    return made


@pytest.fixture(params=LANGUAGES)
def printed(request, both: dict[str, Printed]) -> Printed:
    return both[request.param]


def titles(site: Path, language: str) -> list[str]:
    config = (ROOT / "mkdocs.yml").read_text("utf-8")
    pages = [page for section in paper.SECTIONS for page in pages_of(config, section)]
    return [heading_of(site / language / page / "index.html") for page in pages]


def heading_of(file: Path) -> str:
    heading = parsed(file.read_text("utf-8")).article.h1
    heading.select_one(".headerlink").decompose()
    return " ".join(heading.get_text(" ").split())


def solid(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_every_page_of_the_nav_stands_in_the_outline_and_begins_where_it_says(printed: Printed, built_site: Path):
    expected = titles(built_site, printed.language)
    assert [solid(title) for title, _ in printed.outline] == [solid(title) for title in expected]
    for title, number in printed.outline:
        assert solid(title) in solid(printed.texts[number - 1])
        assert printed.texts[number - 1].rstrip().endswith(str(number)) or str(number) in printed.texts[number - 1]


def test_the_contents_say_the_pages_of_the_outline(printed: Printed):
    contents = "".join(printed.texts[1 : printed.outline[0][1] - 1])
    for title, number in printed.outline:
        assert f"{solid(title)}{number}" in solid(contents)
        assert re.search(rf"(?<!\d){number}(?!\d)", contents), f"{number} is broken into two lines"


def test_fonts_are_embedded_links_lead_somewhere_and_readers_of_tags_find_tags(printed: Printed):
    assert printed.file.stat().st_size < HEAVIEST
    with pikepdf.open(printed.file) as pdf:
        assert pdf.Root.MarkInfo.Marked and pdf.Root.Lang == printed.language
        places = set(pdf.Root.Dests.keys())
        links = [link for page in pdf.pages for link in page.get("/Annots", []) if "/Dest" in link]
        assert len(links) > 1000 and {str(link.Dest) for link in links} <= places
        for page in pdf.pages:
            for font in page.Resources.get("/Font", {}).values():
                kinds = font.get("/DescendantFonts", [font])
                assert font.Subtype == "/Type3" or all(
                    any(key.startswith("/FontFile") for key in kind.FontDescriptor) for kind in kinds)


def test_no_sign_is_missing(printed: Printed):
    text = "".join(printed.texts)
    assert "\ufffd" not in text and not re.search("[\ue000-\uf8ff]", text)
    for sign in ("𝑥", "𝜂", "𝜕", "∑", "→"):
        assert sign in text


def test_each_numbered_formula_stands_beside_its_number(printed: Printed, built_site: Path):
    count = 0
    for file in sorted((built_site / printed.language).glob("*/index.html")):
        for equation in parsed(file.read_text("utf-8")).select(".equation:has(.equation-number)"):
            number, words = equation.select_one(".equation-number").get_text(strip=True), words_before(equation)
            places = [page for page, text in enumerate(printed.texts) if number in text]
            near = ["".join(map(solid, printed.texts[max(page - 1, 0) : page + 1])) for page in places]
            ends = words[:6], words[-6:]  # between them may be the end of the page
            assert any(end in text for end in ends for text in near), f"{file.parent.name}: {number} far from {words}"
            count += 1
    assert count > 50


def words_before(equation) -> str:
    """The last words without formulas, code and links in the paragraph above."""
    texts = [solid(text) for text in equation.find_previous("p").find_all(string=True, recursive=False)]
    return max(texts, key=len)[-12:]


def test_both_languages_print_the_same_book(both: dict[str, Printed]):
    """As many figures and formulas in each chapter, the same ink of their colours, about as many pages."""
    zh, en = both["zh"], both["en"]
    assert len(zh.outline) == len(en.outline)
    chapters = zip(*(sides for one in (zh, en) for sides in (one.of_chapters(one.texts), one.of_chapters(one.colours))))
    for (title, _), (zh_texts, zh_colours, en_texts, en_colours) in zip(en.outline, chapters, strict=True):
        assert numbers_of(zh_texts) == numbers_of(en_texts), title
        assert 0.6 < len(zh_texts) / len(en_texts) < 1.4, title
        assert abs(sum(zh_colours) - sum(en_colours)) <= 0.25 * max(sum(zh_colours), 400), title


def numbers_of(texts: list[str]) -> tuple[set[str], set[str]]:
    """Those of figures and those of formulas."""
    text = "\n".join(texts)
    return set(re.findall(r"^(?:Figure|图)\s*(\d+)", text, re.MULTILINE)), set(re.findall(r"\(\d+\.\d+\)", text))


def coloured(page: pypdfium2.PdfPage) -> int:
    pixels = page.render(scale=0.4).to_numpy()[..., :3].astype(int)
    return int((pixels.max(axis=-1) - pixels.min(axis=-1) > 110).sum())


def test_no_page_stays_nearly_empty(printed: Printed):
    """But for the last of a chapter, and the cover."""
    ends = {number - 1 for _, number in printed.outline} | {1, len(printed.texts)}
    document = pypdfium2.PdfDocument(printed.file)
    empty = [number for number, page in enumerate(document, 1) if number not in ends and filled(page) < A_THIRD]
    document.close()
    assert empty == []


def filled(page: pypdfium2.PdfPage) -> float:
    """How far down the page, between its margins, something is printed."""
    pixels = page.render(scale=0.4, grayscale=True).to_numpy().squeeze()
    margin = round(len(pixels) * 0.09)
    inked = np.flatnonzero(pixels[margin:-margin].min(axis=1) < 200)
    return (inked.max() + 1) / (len(pixels) - 2 * margin) if inked.size else 0.0


CODE = '''import a


def f(x):
    """One.

    Two.
    """
    y = 1

    return y


f(2)
'''


def test_code_comes_apart_at_empty_lines_but_not_in_a_docstring():
    code = parsed(code_html(CODE)).select_one("pre > code")
    paper._in_pieces(code)
    assert code.get_text() == CODE
    pieces = [piece.get_text() for piece in code.select(".paper-piece")]
    assert [piece.split("\n")[0] for piece in pieces] == ["import a", "def f(x):", "    return y", "f(2)"]
    assert not code.select(".paper-long")
    long = parsed(code_html("a = 1\n" * 40)).select_one("pre > code")
    paper._in_pieces(long)
    assert len(long.select(".paper-long")) == 1, "it may break, as a text does"


def test_without_a_browser_it_says_what_to_install(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(paper, "BROWSERS", ("no-such-browser",))
    with pytest.raises(BookError, match="apt-get install chromium"):
        paper.make_pdf(ROOT, tmp_path, "en", tmp_path / "a.pdf")
