"""A chapter's code meets pytest's own process only after it has run in a process of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from book_engine.pytest_plugin import run_first


@pytest.fixture(scope="module", autouse=True)
def contained(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What the tests of this module write lands in an empty folder."""
    run_first(request.path)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("empty"))
        yield
