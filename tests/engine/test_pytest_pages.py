"""pytest on pages: `docs/conftest.py` with pytest-markdown-docs reads and runs them as the build does."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from outside import mark

ROOT = Path(__file__).resolve().parents[2]
PYTEST = [sys.executable, "-m", "pytest", "-n0", "-p", "no:cacheprovider"]

HEAD = "---\ndescription: A page.\n---\n# Page {{#{0}}}\n\n"
GOOD = HEAD.format("good") + """
```python
--8<-- "good.py:first"
```

Now `{python} x` is known, and `{python} f"{x:.2f}"` too.

/// details | Solution
    type: solution

```python
--8<-- "good.py:second"
```

///

- In a list:

    ```{.python raises=TypeError}
    --8<-- "good.py:wrong"
    ```

~~~{.python alt="A line" timeout=30 varies}
--8<-- "good.py:figure"
~~~

````text
```python
shown, not run
```
````
"""
GOOD_SNIPPET = """# --8<-- [start:first]
import matplotlib.pyplot as plt

x = 1
{mark}# --8<-- [end:first]

# --8<-- [start:second]
x += 1
x
# --8<-- [end:second]

# --8<-- [start:wrong]
x += 1
"text" + x
# --8<-- [end:wrong]

# --8<-- [start:figure]
assert x == 3
fig, ax = plt.subplots()
# --8<-- [end:figure]
"""
BAD = HEAD.format("bad") + """
```python
--8<-- "bad.py:first"
```

`{python} x` and `{python} y`

```python
--8<-- "bad.py:second"
```

```python
--8<-- "bad.py:third"
```
"""
BAD_SNIPPET = """# --8<-- [start:first]
x = 1
# --8<-- [end:first]

# --8<-- [start:second]
def f():
    return x + "text"


f()
# --8<-- [end:second]

# --8<-- [start:third]
z = 3
# --8<-- [end:third]
"""
ONE = HEAD + '```{{.python {1}}}\n--8<-- "{0}.py:one"\n```\n'
SINGLE = {  # page -> (options, code, what is said)
    "warns": ("timeout=9", "import warnings\nwarnings.warn('old')", "UserWarning: old"),
    "endless": ("timeout=0.3", "while True:\n    pass", "longer than its limit of 0.3 s"),
    "calm": ("raises=TypeError", "x = 1", "ran to its end; expected it to raise TypeError"),
    "other": ("raises=TypeError", "1 / 0", "ZeroDivisionError"),
    "undescribed": ("varies", "import matplotlib.pyplot as plt\nfig = plt.figure()",
                    "draws 1 figure(s), its alt= describes 0"),
    "dies": ("timeout=9", "import os\nos._exit(1)", "died"),
}


class Pages:
    """A site whose pages pytest runs; `lines` of `good` and `bad` are those of their fences."""

    def __init__(self, site) -> None:
        self.site, self.log = site, site.root / "runs.txt"
        for page in (site.root / "docs").rglob("*.md"):
            page.unlink()
        self.add("good", GOOD, GOOD_SNIPPET.format(mark=mark(self.log, "'ran\\n'")))

    def add(self, name: str, page: str, snippet: str) -> None:
        for language in ("zh", "en"):
            self.site.write(f"docs/{language}/{name}.md", page)
        self.site.write(f"snippets/{name}.py", snippet)

    def pytest(self, *arguments: str) -> tuple[dict[str, str], str]:
        """Outcome by node id, and all that was said."""
        done = subprocess.run([*PYTEST, "-rA", *arguments], cwd=self.site.root, text=True, encoding="utf-8",
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=os.environ | {"NO_COLOR": "1"},
                              timeout=180)
        found = re.findall(r"^(PASSED|FAILED|ERROR) (docs/\S+?\.md(?:::\S+)?)", done.stdout, re.M)
        return {node: outcome for outcome, node in found}, done.stdout


def fence_lines(page: str) -> list[int]:
    """Lines of a page's python fences, found without the engine; the last fence of GOOD is text."""
    text = page.split("````")[0].split("\n")
    return [number for number, line in enumerate(text, 1) if re.match(r" *(```|~~~)(python|\{\.python)", line)]


@pytest.fixture(scope="module")
def pages(tmp_path_factory, make_site) -> Pages:
    return Pages(make_site(tmp_path_factory.mktemp("pages") / "book"))


@pytest.fixture(scope="module")
def bad(tmp_path_factory, make_site):
    """One run of pytest over a site where most goes wrong."""
    pages = Pages(make_site(tmp_path_factory.mktemp("bad") / "book"))
    pages.add("bad", BAD, BAD_SNIPPET)
    for name, (options, code, _) in SINGLE.items():
        pages.add(name, ONE.format(name, options), f"# --8<-- [start:one]\n{code}\n# --8<-- [end:one]\n")
    pages.add("unreadable", ONE.format("unreadable", "unknown"), "")
    return pages.pytest("docs", "--continue-on-collection-errors")


def test_every_block_and_expression_in_order(pages):
    """Both languages; in notes, lists and with tildes; includes expanded; one namespace; `raises` honoured."""
    pages.log.unlink(missing_ok=True)
    outcomes, said = pages.pytest("docs")
    lines = fence_lines(GOOD)
    assert len(lines) == 4
    for language in ("zh", "en"):
        fences = [f"docs/{language}/good.md::[CodeFence#{number}][line:{line}]" for number, line in enumerate(lines, 1)]
        assert [outcomes.get(node) for node in fences] == ["PASSED"] * 4, said
    assert sum("Expression" in node for node in outcomes) == 4
    assert len(outcomes) == 12 and set(outcomes.values()) == {"PASSED"}
    assert pages.log.read_text() == "ran\n", "one run for both twins, and none a second time because of a TypeError"


def test_one_block_by_node_id(pages):
    """Its predecessors run first, although they are not selected."""
    node = f"docs/en/good.md::[CodeFence#4][line:{fence_lines(GOOD)[3]}]"
    outcomes, said = pages.pytest(node)
    assert outcomes == {node: "PASSED"}, said


def test_one_block_by_expression(pages):
    outcomes, said = pages.pytest("docs/zh/good.md", "-k", f"line:{fence_lines(GOOD)[2]}")
    assert list(outcomes.values()) == ["PASSED"] and "deselected" in said


def test_from_another_folder(pages):
    """As an editor runs it: a page by its path, from outside. The code runs, whatever a build or a test has kept."""
    pages.log.unlink(missing_ok=True)
    for count in (1, 2):
        done = subprocess.run([*PYTEST, "-q", str(pages.site.root / "docs/en/good.md")], cwd=pages.site.root.parent,
                              text=True, capture_output=True, timeout=180)
        assert done.returncode == 0 and "6 passed" in done.stdout, done.stdout + done.stderr
        assert pages.log.read_text() == "ran\n" * count
    assert not (pages.site.root / ".cache").exists()


def outcome(outcomes: dict[str, str], page: str) -> list[str]:
    return [outcomes[node] for node in sorted(outcomes) if f"/{page}.md" in node and "Fence" in node]


def test_failing_block(bad):
    """The block before passes, the block fails, the one below says that it did not run; expressions likewise."""
    outcomes, said = bad
    assert outcome(outcomes, "bad") == ["PASSED", "FAILED", "FAILED"] * 2
    assert "did not run" in said


def test_failing_expression_is_named(bad):
    outcomes, said = bad
    expressions = {node: found for node, found in outcomes.items() if "en/bad.md" in node and "Expression" in node}
    assert list(expressions.values()) == ["PASSED", "FAILED"]
    assert re.search(r"docs/en/bad\.md:11: inline expression `y`: NameError: name 'y' is not defined", said)


@pytest.mark.parametrize("page", SINGLE)
def test_single_faults(bad, page):
    outcomes, said = bad
    assert outcome(outcomes, page) == ["FAILED", "FAILED"]
    for language in ("zh", "en"):
        assert re.search(rf"docs/{language}/{page}\.md:6: .*{re.escape(SINGLE[page][2])}", said), said


def test_unreadable_page(bad):
    """Collection says which page, which line, and what is wrong."""
    outcomes, said = bad
    assert {node: found for node, found in outcomes.items() if "unreadable" in node} == {
        f"docs/{language}/unreadable.md": "ERROR" for language in ("zh", "en")}
    assert re.search(r"docs/en/unreadable\.md:6: unknown option 'unknown'", said)


def test_the_good_page_passes_beside_them(bad):
    assert outcome(bad[0], "good") == ["PASSED"] * 8


def test_no_traceback_of_the_engine(bad):
    """What a contributor reads is about the page, not about the tool."""
    assert "hooks/" not in bad[1] and "conftest.py" not in bad[1]


def test_a_type_error_that_nobody_expects(tmp_path, make_site):
    """pytest-markdown-docs gives a TypeError a second try; here it fails once, with place and message."""
    pages = Pages(make_site(tmp_path / "book"))
    log = tmp_path / "log.txt"
    code = mark(log, "'ran\\n'") + "'text' + 1"
    pages.add("wrong", ONE.format("wrong", "timeout=9"), f"# --8<-- [start:one]\n{code}\n# --8<-- [end:one]\n")
    outcomes, said = pages.pytest("docs/en/wrong.md")
    assert list(outcomes.values()) == ["FAILED"]
    assert "docs/en/wrong.md:6: block 1 (snippets/wrong.py:7, section 'one'): TypeError: can only concatenate" in said
    assert log.read_text() == "ran\n"


# Build and pytest see the same blocks, on the real pages.

COLLECT = """
import json, os
def pytest_collection_finish(session):
    found = [{"page": item.path.as_posix(), "line": item.start_line, "code": item.test_definition.source.strip()}
             for item in session.items if hasattr(item, "test_definition")]
    expressions = [item.path.as_posix() for item in session.items if item.name.startswith("[Expression")]
    with open(os.environ["COLLECTED"], "w", encoding="utf-8") as file:
        json.dump({"blocks": found, "expressions": expressions}, file)
"""


@pytest.fixture(scope="module")
def collected(tmp_path_factory) -> dict:
    """What pytest finds in the real pages."""
    folder = tmp_path_factory.mktemp("collected")
    (folder / "collecting.py").write_text(COLLECT)
    path = os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run([*PYTEST, "-p", "collecting", "--collect-only", "-q", "docs"], cwd=ROOT, text=True,
                          capture_output=True, timeout=180,
                          env=os.environ | {"PYTHONPATH": path, "COLLECTED": str(folder / "items.json")})
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads((folder / "items.json").read_text("utf-8"))


def real_pages() -> list[str]:
    return sorted(page.relative_to(ROOT / "docs").as_posix() for language in ("zh", "en")
                  for page in (ROOT / "docs" / language).rglob("*.md"))


def mask_fences(source: str) -> str:
    """The source without its fenced code, in which an inline expression is shown, not evaluated."""
    return re.sub(r"^(`{3,}).*?^\1 *$", "", source, flags=re.M | re.S)


def test_each_file_of_tests_stays_on_one_worker():
    """What a file's tests share is made once. (A pytest that pytest-xdist does not know loses the groups unseen.)"""
    files = ["tests/engine/source/test_snippets.py", "tests/engine/source/test_page.py"]
    done = subprocess.run([sys.executable, "-m", "pytest", "-v", "-n2", *files], cwd=ROOT, text=True, timeout=180,
                          encoding="utf-8", stdout=subprocess.PIPE, env=os.environ | {"PYTEST_ADDOPTS": ""})
    ran = set(re.findall(r"\[(gw\d)\].* PASSED (\S+\.py)::", done.stdout))
    assert sorted(file for _, file in ran) == sorted(files), done.stdout


@pytest.mark.parametrize("page", real_pages())
def test_build_and_pytest_see_the_same_blocks(page, collected, built_site):
    """Number, order and code of the blocks, number of expressions: on the built page, in pytest, in the source."""
    folder = page.removesuffix(".md").removesuffix("index").strip("/")
    article = BeautifulSoup((built_site / folder / "index.html").read_text("utf-8"), "html.parser")
    built = [cell.get_text().strip() for cell in article.select("div.cell .cell-code")]
    tested = [block for block in collected["blocks"] if block["page"] == (ROOT / "docs" / page).as_posix()]
    assert built == [block["code"] for block in tested]
    source = (ROOT / "docs" / page).read_text("utf-8")
    assert [block["line"] for block in tested] == fence_lines(source)
    expressions = collected["expressions"].count((ROOT / "docs" / page).as_posix())
    # The choices of a question show no value.
    shown = article.select("span.value, li[data-value]:not(:has(span.value))")
    assert len(shown) == expressions == mask_fences(source).count("`{python} ")


def test_build_json_counts_the_same_blocks(collected, built_site):
    said = json.loads((built_site / "build.json").read_text("utf-8"))
    for language in ("zh", "en"):
        counts: dict[str, int] = {}
        for block in collected["blocks"]:
            if block["page"].startswith((ROOT / "docs" / language).as_posix()):
                name = Path(block["page"]).relative_to(ROOT / "docs" / language).with_suffix("").as_posix()
                counts[name] = counts.get(name, 0) + 1
        assert {name: chapter["blocks"] for name, chapter in said["chapters"].items()} == counts
        assert said["blocks"] == sum(counts.values())


ASKS = HEAD.format("asks") + """/// question | How many?
- `{python} x` | Right.
- `{python} MISTAKE` | Another.
///

```{.python move="x: x=1,2" alt="A line, {x}"}
--8<-- "asks.py:one"
```
"""
DRAWS = """# --8<-- [start:one]
import matplotlib.pyplot as plt
x = 1
assert x < BELOW
fig, ax = plt.subplots()
# --8<-- [end:one]
"""


@pytest.mark.parametrize(("mistake", "below", "failed", "expected"), [
    ("x + 1", 3, [], ""),
    ("x + 0", 3, ["Question"], "docs/en/asks.md:6: `x + 0` gives 1, `x` gives 1: nobody could tell"),
    ("x + 1", 2, ["CodeFence", "Question", "Expression", "Expression"], "state 2: AssertionError"),
])
def test_questions_and_every_state_of_a_figure(tmp_path, make_site, mistake, below, failed, expected):
    """A mistake that is the answer fails, and so does a state that the page does not show."""
    pages = Pages(make_site(tmp_path / "book"))
    pages.add("asks", ASKS.replace("MISTAKE", mistake), DRAWS.replace("BELOW", str(below)))
    outcomes, said = pages.pytest("docs/en/asks.md")
    found = [node for node, outcome in outcomes.items() if outcome == "FAILED"]
    assert len(outcomes) == 4 and sorted(re.findall(r"\[([A-Z]\w+)", " ".join(found))) == sorted(failed), said
    assert expected in said
