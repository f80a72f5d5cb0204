"""The digits that the browser takes without scikit-learn are scikit-learn's."""

from __future__ import annotations

import zipfile
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np
import pytest
from sklearn import datasets

from book_engine.book.site_files import engine_archive

STYLE = Path(__file__).resolve().parents[3] / "docs/assets/figures.mplstyle"


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("engine")
    (folder / "engine.zip").write_bytes(engine_archive(STYLE))
    zipfile.ZipFile(folder / "engine.zip").extractall(folder)
    spec = spec_from_file_location("digits", folder / "sklearn/datasets/__init__.py")
    assert spec and spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("n_class", [10, 3])
def test_all_of_them_is_the_same(digits, n_class: int) -> None:
    ours, theirs = digits.load_digits(n_class=n_class), datasets.load_digits(n_class=n_class)
    assert list(ours) == list(theirs)
    for name, value in theirs.items():
        assert np.array_equal(ours[name], value) and type(ours[name]) is type(value), name
        assert getattr(ours[name], "dtype", None) == getattr(value, "dtype", None), name
        assert getattr(ours, name) is ours[name]
    for one, other in zip(digits.load_digits(n_class=n_class, return_X_y=True),
                          datasets.load_digits(n_class=n_class, return_X_y=True), strict=True):
        assert np.array_equal(one, other)


def test_a_table_of_pandas_is_refused_as_without_pandas(digits) -> None:
    with pytest.raises(ImportError, match="requires pandas"):
        digits.load_digits(as_frame=True)
