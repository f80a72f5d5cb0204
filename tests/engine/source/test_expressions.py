"""Inline expressions change nothing: each chapter run without them gives the same outputs."""

from __future__ import annotations

from pathlib import Path

import pytest

from book_engine.run.cache import Cache
from book_engine.run.output import Output
from book_engine.run.results import Result, failure_of, results_for
from book_engine.source.page import Page, read_page

ROOT = Path(__file__).resolve().parents[3]


def chapters() -> list[str]:
    """Pages by their path below a language; twins share their run, so one of them stands for both."""
    folder = ROOT / "docs" / "en"
    return sorted(page.relative_to(folder).as_posix() for page in folder.rglob("*.md"))


def run(pages: list[Page], setting, pool) -> dict[str, Result]:
    results = results_for(pages, setting, Cache(ROOT, enabled=False), pool)
    for page in pages:
        assert results[page.path].failure is None, failure_of(page, results[page.path])
    return results


def bare(page: Page) -> Page:
    return Page(page.path, page.blocks)


def outputs(page: Page, result: Result) -> list[Output | int]:
    """What a reader sees of each block; of one that measures times, how many figures there are."""
    return [len(output.figures) if block.options.varies else output
            for block, output in zip(page.blocks, result.blocks, strict=True)]


@pytest.fixture(scope="module")
def without(real_pages, real_setting, pool) -> dict[str, Result]:
    """Every chapter run without expressions, side by side."""
    return run([bare(real_pages[f"docs/en/{name}"]) for name in chapters()], real_setting[0], pool)


@pytest.mark.parametrize("name", chapters())
def test_same_outputs_without_expressions(name, real_pages, real_results, without):
    """With the expressions of both languages, and with none."""
    page = real_pages[f"docs/en/{name}"]
    assert outputs(page, real_results[page.path]) == outputs(page, without[page.path])


@pytest.mark.parametrize("code", ["numbers.append(1)", "rng.random()", "plt.figure()",
                                  "np.set_printoptions(precision=1)"])
def test_an_effect_would_be_seen(code, workbench):
    """The comparison above can fail."""
    setup = "import numpy as np, matplotlib.pyplot as plt\nnumbers, rng = [], np.random.default_rng(0)"
    folder = workbench.sections(one=setup, two="print(numbers, np.array([rng.random()]))")
    one, two = ('```python\n--8<-- "a.py:one"\n```\n', '```python\n--8<-- "a.py:two"\n```\n')
    text = f"{one}\n`{{python}} ({code}, 1)[1]`\n\n{two}"
    page = read_page(text, folder, "docs/en/a.md")
    assert len(page.steps) == 3 and len(bare(page).steps) == 2
    with_it, without_it = (run([version], workbench.setting, workbench.pool)[page.path]
                           for version in (page, bare(page)))
    assert outputs(page, with_it) != outputs(page, without_it)
