"""A chapter's code meets pytest's own process only after it has run in a process of its own, with limits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from book_engine import pytest_plugin
from book_engine.run.results import failure_of


@pytest.fixture(scope="module", autouse=True)
def contained(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Runs the chapter as the build does: what ends, hangs or leaves its folder fails there. Then the tests of this
    module may load the code; what it writes lands in an empty folder."""
    english = pytest_plugin.RESULTS.book.root / "docs" / "en"
    name = pytest_plugin.chapter_of(Path(request.module.__file__))
    for page in (english / f"{name}.md", english / "labs" / f"{name}.md"):
        if page.is_file() and (failure := failure_of(*pytest_plugin.RESULTS.of(page))):
            raise failure
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("empty"))
        yield
