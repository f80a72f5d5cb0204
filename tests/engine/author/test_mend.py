"""`book mend`: one planted difference each; what a machine can mend is mended, what it cannot is left and said."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from book_engine.author import commands
from book_engine.author.edits import Edit, apply_edits
from book_engine.author.mend import Mended, leading_language, mend
from book_engine.author.mend_headings import slug
from book_engine.author.parity import compare
from book_engine.source.errors import BookError

ZH_PATH, EN_PATH = "docs/zh/loss.md", "docs/en/loss.md"
SNIPPETS = "".join(f"# --8<-- [start:{name}]\npass\n# --8<-- [end:{name}]\n" for name in ("draw", "fail", "more"))

ZH = r"""---
description: 一页。
---
# 损失 {#loss}

平均 `{python} total / 3`，见 \eqref{mae}。

## 公式 {#formula}

先看公式。

$$
L = \lvert y - \hat{y} \rvert \quad \text{若 } y > 0 \label{mae}
$$

再看图。

```{.python alt="一条上升的线"}
--8<-- "loss.py:draw"
```

/// figure-caption
一条线。
///

## 检验 {#check}

两者一致。

## 练习 {#exercises}

### 第一题 {#exercise-1}

/// details | 解答
    type: solution

```{.python raises=TypeError}
--8<-- "loss.py:fail"
```
///
"""

EN = r"""---
description: A page.
---
# Loss {#loss}

The mean is `{python} total / 3` by \eqref{mae}.

## Formula {#formula}

First the formula.

$$L = \lvert y-\hat{y}\rvert\quad\text{if } y>0 \label{mae}$$

Then the figure.

```{.python alt="A rising line"}
--8<-- "loss.py:draw"
```

/// figure-caption
A line.
///

## A check {#check}

The two agree.

## Exercises {#exercises}

### First {#exercise-1}

/// details | Solution
    type: solution

```{.python raises=TypeError}
--8<-- "loss.py:fail"
```
///
"""

CHECK = "## A check {#check}\n\nThe two agree.\n\n"
FIGURE = '```{.python alt="A rising line"}\n--8<-- "loss.py:draw"\n```\n'
FORMULA = r"$$L = \lvert y-\hat{y}\rvert\quad\text{if } y>0 \label{mae}$$" + "\n"


@pytest.fixture(scope="module")
def snippets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("snippets")
    (folder / "loss.py").write_text(SNIPPETS, "utf-8")
    return folder


def mended(zh: str, en: str, snippets: Path) -> Mended:
    """The Chinese page leads."""
    return mend((ZH_PATH, zh), (EN_PATH, en), snippets)


def left(done: Mended, snippets: Path) -> list[BookError]:
    return compare(done.texts[ZH_PATH], done.texts[EN_PATH], ZH_PATH, EN_PATH, snippets)


def test_sound_twins_stay_as_they_are(snippets: Path) -> None:
    assert compare(ZH, EN, ZH_PATH, EN_PATH, snippets) == []
    assert mended(ZH, EN, snippets) == Mended({ZH_PATH: ZH, EN_PATH: EN}, [])


# name: (text of the English page, what stands there instead, words of the note)
WHOLE = {
    "heading id differs": ("{#formula}", "{#formulae}", "the id {#formula} instead of {#formulae}"),
    "heading without id": ("## Formula {#formula}", "## Formula", "'Formula' has the id {#formula}"),
    "heading with a Chinese id": ("{#formula}", "{#公式}", "the id {#formula} instead of {#公式}"),
    "first heading named otherwise": ("{#loss}", "{#losses}", "the id {#loss} instead of {#losses}"),
    "sections in another order": (CHECK + "## Exercises", "## Exercises", "the sections {#check}"),
    "block shows other code": ("loss.py:draw", "loss.py:more", "made the block loss.py:more the block loss.py:draw"),
    "block with another option": ("{.python raises=TypeError}", "{.python raises=ValueError}", "the twin's details"),
    "block with another limit": ("raises=TypeError", "raises=TypeError timeout=5", "the twin's details"),
    "formula differs": (r"y-\hat{y}", r"\hat{y}-y", "made the formula"),
    "label differs": (r"\label{mae}$$", r"\label{mse}$$", "the twin's details"),
}


@pytest.mark.parametrize("name", WHOLE)
def test_what_a_machine_can_mend_is_mended(name: str, snippets: Path) -> None:
    """And the words of the page that follows are kept: it is as it was before the fault."""
    old, new, words = WHOLE[name]
    assert old in EN
    broken = EN.replace(old, new, 1) + ("\n" + CHECK.rstrip("\n") + "\n" if old.startswith(CHECK) else "")
    assert compare(ZH, broken, ZH_PATH, EN_PATH, snippets) != []
    done = mended(ZH, broken, snippets)
    assert left(done, snippets) == []
    assert len(done.notes) == 1 and words in done.notes[0] and done.notes[0].startswith(EN_PATH)
    assert done.texts[ZH_PATH] == ZH
    for kept in ("First the formula.", "The two agree.", 'alt="A rising line"', r"\text{if }"):
        assert kept in done.texts[EN_PATH]


# name: (text of the English page, what stands there instead, words of the note, words of what is left to a person)
PARTLY = {
    "block missing": (FIGURE + "\n", "", "took over the block loss.py:draw; describe its figures", ["same alt text"]),
    "formula missing": (FORMULA + "\n", "", "took over the formula", []),
    "inline expression missing": ("`{python} total / 3`", "2", None, ["no such inline expression"]),
    "reference missing": (r"\eqref{mae}", "it", None, ["no such reference"]),
    "section missing": (CHECK, "", None, ["expected the heading ## {#check}"]),
    "caption missing": ("/// figure-caption\nA line.\n///\n\n", "", None, ["/// figure-caption"]),
    "block too many": (CHECK, CHECK + '```python\n--8<-- "loss.py:more"\n```\n\n', None, ["block loss.py:more"]),
}


@pytest.mark.parametrize("name", PARTLY)
def test_what_a_person_must_mend_is_left_and_said(name: str, snippets: Path) -> None:
    old, new, words, remains = PARTLY[name]
    assert old in EN
    done = mended(ZH, EN.replace(old, new), snippets)
    assert (words is None and done.notes == []) or words in done.notes[0]
    errors = left(done, snippets)
    assert len(errors) == len(remains) and all(word in str(error) for word, error in zip(remains, errors, strict=True))


def test_what_is_inserted_stands_at_its_place(snippets: Path) -> None:
    done = mended(ZH, EN.replace(FIGURE + "\n", ""), snippets)
    text = done.texts[EN_PATH]
    figure = FIGURE.replace("A rising line", "一条上升的线")
    assert f"Then the figure.\n\n{figure}\n/// figure-caption" in text
    line = text[: text.index("```{.python alt")].count("\n") + 1
    assert done.notes[0].startswith(f"{EN_PATH}:{line}: ")


def test_new_parts_of_a_page_go_to_its_twin(snippets: Path) -> None:
    """What a contributor does: a formula and a block are added to one page at two places."""
    block = '```python\n--8<-- "loss.py:more"\n```\n'
    zh = ZH.replace("再看图。\n", "$$\nz = 1\n$$\n\n再看图。\n").replace("两者一致。\n", f"{block}\n两者一致。\n")
    done = mended(zh, EN, snippets)
    assert left(done, snippets) == []
    assert [note.partition(": ")[2].split(";")[0] for note in done.notes] == [
        "took over the formula z = 1", "took over the block loss.py:more"]


def test_blocks_change_places(snippets: Path) -> None:
    block = '```python\n--8<-- "loss.py:more"\n```\n'
    zh, en = ZH.replace("两者一致。\n", f"{block}\n甲。\n\n$$\nz\n$$\n"), EN.replace(
        "The two agree.\n", f"$$\nz\n$$\n\nA.\n\n{block}")
    done = mended(zh, en, snippets)
    assert left(done, snippets) == []
    assert f"{block}\nA.\n\n$$\nz\n$$" in done.texts[EN_PATH]
    assert all("read the sentences around it" in note for note in done.notes)


def test_headings_without_ids_in_both_get_one_from_the_english(snippets: Path) -> None:
    zh, en = (text.replace(" {#check}", "") for text in (ZH, EN))
    done = mended(zh, en, snippets)
    assert left(done, snippets) == []
    assert "## 检验 {#a-check}" in done.texts[ZH_PATH] and "## A check {#a-check}" in done.texts[EN_PATH]
    assert {note.split(":")[0] for note in done.notes} == {ZH_PATH, EN_PATH}


def test_an_id_made_of_a_heading() -> None:
    assert slug("The derivative σ′(z) isn't a number by $x$ then") == "the-derivative-z-isnt"
    assert slug("公式") == "section"


def test_edits_count_lines_in_the_new_text() -> None:
    text, notes = apply_edits("a\nb\nc\n", [Edit(3, 4, ("C", "D"), "two"), Edit(2, 2, ("new",), "one")], "p")
    assert text == "a\n\nnew\n\nb\nC\nD\n"
    assert notes == ["p:3: one", "p:6: two"]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A book of one committed page in both languages."""
    if not shutil.which("git"):
        pytest.skip("git is not installed")
    for path, text in {ZH_PATH: ZH, EN_PATH: EN, "snippets/loss.py": SNIPPETS,
                       "mkdocs.yml": "nav:\n  - chapters:\n      - loss.md\n"}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, "utf-8", newline="\n")
    for command in (["init", "-q"], ["add", "."],
                    ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "A book"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    return tmp_path


def edit(root: Path, path: str, old: str, new: str) -> None:
    text = (root / path).read_text("utf-8")
    assert old in text
    (root / path).write_text(text.replace(old, new), "utf-8", newline="\n")


def test_the_page_that_has_changed_leads(repository: Path) -> None:
    paths = {"zh": ZH_PATH, "en": EN_PATH}
    with pytest.raises(BookError, match="neither page has changed.*--from zh or --from en"):
        leading_language(repository, paths)
    edit(repository, EN_PATH, "The two agree.", "Both agree.")
    assert leading_language(repository, paths) == "en"
    edit(repository, ZH_PATH, "两者一致。", "两者相同。")
    with pytest.raises(BookError, match="both pages have changed"):
        leading_language(repository, paths)


def test_the_command(repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(repository / "docs")
    assert commands.main(["mend"]) == 0 and capsys.readouterr().out == ""
    edit(repository, EN_PATH, "loss.py:draw", "loss.py:more")
    edit(repository, EN_PATH, "{#check}", "{#test}")
    assert commands.main(["mend", "loss"]) == 0  # from English, which has changed
    said = capsys.readouterr().out
    assert "docs/zh/loss.md:18: made the block loss.py:draw the block loss.py:more" in said
    assert "{#test} instead of {#check}" in said
    assert '```{.python alt="一条上升的线"}\n--8<-- "loss.py:more"' in (repository / ZH_PATH).read_text("utf-8")
    edit(repository, EN_PATH, r"\eqref{mae}", "it")
    assert commands.main(["mend", "loss.md", "--from", "en"]) == 1
    assert "For you to mend:\ndocs/en/loss.md:4" in capsys.readouterr().out
    assert commands.main(["mend", "los"]) == 1
    assert "docs/zh/los.md: is not there" in capsys.readouterr().out
