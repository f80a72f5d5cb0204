"""What a block imports, and what it draws without a seed, read from its code."""

from __future__ import annotations

import pytest

from book_engine.run.chapter_process import undeclared_import, unseeded

PACKAGES = ["numpy", "matplotlib", "mpl_toolkits"]


@pytest.mark.parametrize(("code", "expected"), [
    ("import numpy as np", None),
    ("import numpy.linalg, os.path\nfrom collections import abc", None),
    ("from mpl_toolkits.mplot3d import Axes3D", None),
    ("import numpy\n\nimport pytest", ("pytest", 3)),
    ("import os, pytest", ("pytest", 1)),
    ("from pytest.mark import x", ("pytest", 1)),
    ("def f():\n    from markdown import Markdown", ("markdown", 2)),
    ("try:\n    import yaml\nexcept ImportError:\n    pass", ("yaml", 2)),
    ("import no_such_module_anywhere", None),
    ("x = 'import pytest'", None),
    ("import", None),
    ("", None),
])
def test_undeclared_import(code, expected):
    """Installed, and neither declared nor of the standard library. What is not installed fails by itself."""
    assert undeclared_import(code, PACKAGES) == expected


def test_relative_import():
    """A section is no package; there is nothing beside it."""
    assert undeclared_import("from . import views", PACKAGES) is not None


@pytest.mark.parametrize(("code", "expected"), [
    ("import numpy as np\nnp.random.rand(2)", ("np.random.rand", 2)),
    ("numpy.random.seed(1)", ("numpy.random.seed", 1)),
    ("rng = np.random.default_rng()", ("np.random.default_rng()", 1)),
    ("rng = np.random.default_rng(0)\nrng.random(2)", None),
    ("np.random.Generator(np.random.PCG64(1))", None),
    ("x = (", None),
])
def test_unseeded(code, expected):
    assert unseeded(code) == expected
