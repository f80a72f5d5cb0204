"""Which chapters run, which come from the cache, and what a change re-runs: all that it touches, nothing else."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import pytest

from book_engine.run import cache, versions
from book_engine.run.cache import Cache
from book_engine.run.output import Output
from book_engine.run.pool import Tell
from book_engine.run.results import Failure, Result, Setting, failure_of, results_for, run_key
from book_engine.source.page import read_page

ONE = '```python\n--8<-- "a.py:one"\n```\n'
TWO = '```python\n--8<-- "a.py:two"\n```\n'
SHARED = '```python\n--8<-- "shared.py:f"\n```\n'
PAGE = f"`{{python}} 1`\n{ONE}`{{python}} x`\n{TWO}"


class CountingPool:
    """Answers at once; keeps what it was asked."""

    def __init__(self, failure: dict | None = None) -> None:
        self.jobs: list[dict] = []
        self.failure = failure

    def run(self, jobs: list[dict], tell: Tell) -> None:
        self.jobs += jobs
        count = len(self.jobs)
        for number, job in enumerate(jobs):
            results = [f"value {count}" if step["kind"] == "value" else vars(Output(f"run {count}", seconds=0.1))
                       for step in job["steps"]][: self.failure and self.failure["step"]]
            tell(number, None)
            tell(number, {"results": results, "failure": self.failure})

    @property
    def ran(self) -> int:
        """Chapters since last asked."""
        count, self.jobs = len(self.jobs), []
        return count


@dataclasses.dataclass
class Bench:
    folder: object
    cache: Cache
    setting: Setting
    pool: CountingPool

    def write(self, file: str, **sections: str) -> None:
        text = "".join(f"# --8<-- [start:{name}]\n{code}\n# --8<-- [end:{name}]\n" for name, code in sections.items())
        (self.folder / file).write_text(text, "utf-8")

    def page(self, text: str, path: str = "docs/en/a.md"):
        return read_page(text, self.folder, path)

    def run(self, *texts: str, **setting) -> dict[str, Result]:
        """Results of pages in zh, en, and others after them."""
        names = ["docs/zh/a.md", "docs/en/a.md", *(f"docs/en/{n}.md" for n in range(9))]
        pages = [self.page(text, path) for text, path in zip(texts, names, strict=False)]
        return results_for(pages, dataclasses.replace(self.setting, **setting), self.cache, self.pool)


@pytest.fixture
def bench(tmp_path, monkeypatch):
    monkeypatch.setattr(versions, "top_level_modules", lambda packages: [])
    style = tmp_path / "figures.mplstyle"
    style.write_text("lines.linewidth: 2\n")
    bench = Bench(tmp_path, Cache(tmp_path / "cache"), Setting(style, {"numpy": "2.0"}), CountingPool())
    bench.write("a.py", one="x = 1", two="x = 2", three="x = 3")
    bench.write("shared.py", f="def f(): pass")
    return bench


def test_first_runs_second_does_not(bench):
    first, = bench.run(PAGE).values()
    assert (bench.pool.ran, first.cached) == (1, False)
    second, = bench.run(PAGE).values()
    assert (bench.pool.ran, second.cached) == (0, True)
    assert (second.blocks, second.values) == (first.blocks, first.values)


def test_twins_share_a_run(bench):
    results = bench.run(PAGE, "text\n\n" + PAGE)
    assert bench.pool.ran == 1
    assert results["docs/zh/a.md"] is results["docs/en/a.md"]


def test_steps_of_a_run(bench):
    """Blocks in page order, expressions at their places, each once."""
    bench.run(PAGE, PAGE + "`{python} y`\n")
    job, = bench.pool.jobs
    assert [(step["kind"], step["code"].strip(), step["before"]) for step in job["steps"]] == [
        ("value", "1", 0), ("block", "x = 1", 0), ("value", "x", 1), ("block", "x = 2", 1), ("value", "y", 2)]


def test_a_page_without_code_needs_no_run(bench):
    results = bench.run("only text\n")
    assert bench.pool.ran == 0
    assert results["docs/zh/a.md"].blocks == []


def test_expressions_without_blocks_run(bench):
    bench.run("`{python} 1 + 1`\n")
    assert bench.pool.ran == 1


@pytest.mark.parametrize(("change", "again"), [
    (lambda bench: bench.write("a.py", one="x = 1", two="x = 22", three="x = 3"), 1),
    (lambda bench: bench.write("a.py", one="x = 1  # comment", two="x = 2"), 1),
    (lambda bench: bench.write("a.py", one="x = 1", two="x = 2", three="x = 33"), 0),
    (lambda bench: (bench.folder / "a.py").write_text("\n" + (bench.folder / "a.py").read_text()), 1),
    (lambda bench: bench.write("shared.py", f="def f(): return 1"), 0),
    (lambda bench: (bench.folder / "other.py").write_text("x"), 0),
    (lambda bench: bench.setting.style.write_text("lines.linewidth: 3\n"), 1),
])
def test_what_a_change_re_runs(bench, change, again):
    bench.run(PAGE)
    bench.pool.jobs.clear()
    change(bench)
    bench.run(PAGE)
    assert bench.pool.ran == again


def test_a_shared_definition_re_runs_every_chapter_that_includes_it(bench):
    pages = [f"{SHARED}{ONE}", "text", f"{SHARED}{TWO}", ONE]
    bench.run(*pages)
    assert bench.pool.ran == 3
    bench.write("shared.py", f="def f(): return 1")
    bench.run(*pages)
    assert bench.pool.ran == 2


@pytest.mark.parametrize(("text", "again"), [
    (f"other words\n\n{PAGE}", 0),
    (PAGE.replace("`{python} x`", ""), 0),
    (PAGE.replace("```python\n", '```{.python alt="a" timeout=3 varies}\n'), 0),
    (PAGE + ONE, 1),
    (f"{TWO}{ONE}", 1),
    (ONE, 1),
    (PAGE.replace("```python\n", "```{.python raises=TypeError}\n"), 1),
    (PAGE.replace("`{python} x`", "`{python} x + 1`"), 1),
    (f"`{{python}} x`\n{ONE}{TWO}", 1),
], ids=range(9))
def test_what_an_edit_of_the_page_re_runs(bench, text, again):
    bench.run(PAGE)
    bench.pool.jobs.clear()
    bench.run(text)
    assert bench.pool.ran == again


def test_same_code_in_another_place_of_the_page_is_another_value(bench):
    """`x` before and `x` after a block are two expressions."""
    page = bench.page(f"{ONE}`{{python}} x`\n{TWO}`{{python}} x`\n")
    assert [(before, found.code) for before, found in page.expressions] == [(1, "x"), (2, "x")]


def test_package_versions_are_in_the_key(bench):
    bench.run(PAGE)
    bench.run(PAGE, packages={"numpy": "2.1"})
    bench.run(PAGE, packages={"numpy": "2.0", "scipy": "1.0"})
    assert bench.pool.ran == 3
    bench.run(PAGE, packages={"numpy": "2.0"})
    assert bench.pool.ran == 0


def test_python_is_in_the_key(bench, monkeypatch):
    bench.run(PAGE)
    monkeypatch.setattr(versions, "python_build", lambda: ["CPython", "3.99.0", "Linux", "x86_64"])
    bench.run(PAGE)
    assert bench.pool.ran == 2


@pytest.mark.parametrize("file", ["run/capture.py", "source/expressions.py", "source/new.py"])
def test_the_engine_is_in_the_key(bench, file, monkeypatch, tmp_path):
    """A copy of the engine with one file of these rooms changed, or one more, runs anew."""
    before = bench.setting.digest
    engine = shutil.copytree(Path(cache.__file__).parents[1], tmp_path / "engine")
    monkeypatch.setattr(cache, "__file__", str(engine / "run" / "cache.py"))
    cache.engine_digest.cache_clear()
    assert bench.setting.digest == before
    with (engine / file).open("a") as changed:
        changed.write("# changed\n")
    cache.engine_digest.cache_clear()
    assert bench.setting.digest != before
    cache.engine_digest.cache_clear()


def test_the_folder_is_not_in_the_key(bench, tmp_path):
    """Another checkout, another machine with the same versions: the same names."""
    elsewhere = tmp_path / "deeper" / "elsewhere"
    elsewhere.mkdir(parents=True)
    for name in ("a.py", "shared.py", "figures.mplstyle"):
        (elsewhere / name).write_text((bench.folder / name).read_text())
    there = Setting(elsewhere / "figures.mplstyle", bench.setting.packages)
    assert there.digest == bench.setting.digest
    assert run_key(read_page(PAGE, elsewhere, "x.md"), there.digest) == run_key(bench.page(PAGE), bench.setting.digest)


def test_no_block_meets_a_namespace_with_holes(bench):
    """A new expression runs the chapter from its first block on, cached or not."""
    bench.run(PAGE)
    bench.pool.jobs.clear()
    bench.run(PAGE + "`{python} x + 1`\n")
    job, = bench.pool.jobs
    assert [step["code"].strip() for step in job["steps"] if step["kind"] == "block"] == ["x = 1", "x = 2"]


def test_expressions_that_overlap_between_twins(bench):
    """Each page has its values, whichever of the twins gained or lost an expression; the run is shared all the same."""
    zh, en = PAGE + "`{python} x`\n", PAGE + "`{python} x * 2`\n"
    results = bench.run(zh, en)
    assert bench.pool.ran == 1
    for path, text in {"docs/zh/a.md": zh, "docs/en/a.md": en}.items():
        wanted = {(before, found.code) for before, found in bench.page(text).expressions}
        assert wanted <= set(results[path].values)
    bench.run(zh, zh)
    bench.run(en)
    assert bench.pool.ran == 0
    bench.run(zh, en.replace("* 2", "* 3"))
    assert bench.pool.ran == 1


def test_failures_are_not_kept(bench):
    bench.pool.failure = {"step": 1, "message": "went wrong", "place": None}
    result, = bench.run(ONE + TWO).values()
    assert result.failure is not None
    bench.run(ONE + TWO)
    assert bench.pool.ran == 2


def test_one_failure_loses_no_other_result(bench):
    class HalfFailing(CountingPool):
        def run(self, jobs, tell):
            failed = {"results": [], "failure": {"step": 0, "message": "bad", "place": None}}
            super().run(jobs, lambda number, reply: tell(number, failed if reply and number == 0 else reply))

    bench.pool = HalfFailing()
    results = bench.run(ONE, TWO)
    assert [result.failure is None for result in results.values()] == [False, True]
    bench.pool = CountingPool()
    bench.run(TWO)
    assert bench.pool.ran == 0


@pytest.mark.parametrize(("step", "line", "said"), [
    (0, 1, "inline expression `1`: went wrong"),
    (1, 2, "block 1 (snippets/a.py:2, section 'one'): went wrong"),
    (3, 6, "block 2 (snippets/a.py:5, section 'two'): went wrong"),
])
def test_failure_names_page_and_snippet(bench, step, line, said):
    bench.pool.failure = {"step": step, "message": "went wrong", "place": None}
    result, = bench.run(PAGE).values()
    error = failure_of(bench.page(PAGE, "docs/zh/a.md"), result)
    assert (error.path, error.line) == ("docs/zh/a.md", line)
    assert said in error.message


def test_failure_with_a_place(bench):
    bench.pool.failure = {"step": 1, "message": "went wrong", "place": "snippets/b.py:7"}
    result, = bench.run(PAGE).values()
    assert "snippets/b.py:7" in failure_of(bench.page(PAGE), result).message


def test_failing_expression_of_one_twin(bench):
    """The page that holds it is named with its line; the other is not blamed for it."""
    bench.pool.failure = {"step": 2, "message": "went wrong", "place": None}
    zh, en = ONE + "\n`{python} 1/0`\n", ONE + "\n`{python} 2`\n"
    results = bench.run(zh, en)
    bench.pool.failure = None
    index = [step["code"] for step in bench.pool.jobs[0]["steps"]].index("1/0")
    for result in results.values():
        result.failure = Failure(1, "1/0", "went wrong", None)
    assert index > 0
    assert failure_of(bench.page(zh, "docs/zh/a.md"), results["docs/zh/a.md"]).line == 5
    assert failure_of(bench.page(en), results["docs/en/a.md"]).line is None


@pytest.mark.parametrize("content", [
    {}, [], "text", 1, {"blocks": []}, {"blocks": None, "values": None},
    {"blocks": [{"stdout": "1"}] * 2, "values": [[0, "1", "1"], [1, "x", "1"]]}])
def test_a_whole_entry_with_strange_content(bench, content):
    """Such as another program, or an older engine under the same version, would leave: it counts as missing."""
    key = run_key(bench.page(PAGE), bench.setting.digest)
    bench.cache.put(key, content)
    bench.run(PAGE)
    assert bench.pool.ran == 1


def test_real_pool(bench, pool, real_setting, monkeypatch):
    """With processes, then from the cache."""
    monkeypatch.undo()
    bench.setting, bench.pool = real_setting[0], pool
    bench.write("a.py", one="import numpy as np\nx = np.arange(3)", two="x.sum()")
    results = bench.run(PAGE)["docs/zh/a.md"]
    assert results.blocks[1].value == "np.int64(3)"
    assert results.values == {(0, "1"): "1", (1, "x"): "[0 1 2]"}
    assert bench.run(PAGE)["docs/zh/a.md"].cached
