"""A chapter's code meets pytest's own process only after it has run in a process of its own."""

from __future__ import annotations

import contextlib
import importlib.util
import io
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace

import matplotlib
import pytest
from threadpoolctl import threadpool_limits

from book_engine.pytest_plugin import run_first

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

SNIPPETS = Path(__file__).parents[2] / "snippets"


@pytest.fixture(scope="module", autouse=True)
def contained(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What the tests of this module write lands in an empty folder."""
    run_first(request.path)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("empty"))
        yield


@pytest.fixture(scope="module")
def chapter(request: pytest.FixtureRequest) -> Iterator[SimpleNamespace]:
    """The chapter that the test's file is named after, run from top to bottom: its names, what it printed by lines, its
    figures in order."""
    name = request.path.stem.removeprefix("test_")
    plt.close("all")
    spec = importlib.util.spec_from_file_location(f"{name}_chapter", SNIPPETS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    with threadpool_limits(1), contextlib.redirect_stdout(io.StringIO()) as out:  # as the book runs it
        spec.loader.exec_module(module)
    figures = [plt.figure(number) for number in plt.get_fignums()]
    yield SimpleNamespace(names=module, out=out.getvalue().splitlines(), figures=figures)
    plt.close("all")


@pytest.fixture(scope="module")
def names(chapter: SimpleNamespace) -> ModuleType:
    return chapter.names


@pytest.fixture(scope="module")
def out(chapter: SimpleNamespace) -> list[str]:
    return chapter.out
