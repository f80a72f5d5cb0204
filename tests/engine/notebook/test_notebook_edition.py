"""The style of the figures as code: matplotlib reads from it what it reads from the style file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import matplotlib

from book_engine.notebook.edition import ON_WHITE, edition, style_code

STYLE = Path(__file__).resolve().parents[3] / "docs" / "assets" / "figures.mplstyle"


def test_code_sets_what_the_style_file_sets():
    """In a process of its own, from matplotlib's defaults."""
    code = style_code(STYLE.read_text("utf-8"))
    compare = f"""
expected = matplotlib.rc_params_from_file({str(STYLE)!r}, use_default_template=False)
for key, value in {{**expected, **{ON_WHITE!r}}}.items():
    if not key.startswith("svg."):
        assert matplotlib.rcParams[key] == value, (key, matplotlib.rcParams[key], value)
print(len(expected))
"""
    done = subprocess.run([sys.executable, "-c", code + compare], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 30


def test_comments_and_blank_lines_are_no_settings():
    code = style_code("# font.size: 1\n\nfont.size: 9  # a comment\n  \nsvg.hashsalt: x\n")
    assert [line for line in code.split("\n") if line.startswith("    ")][0] == "    'font.size': '9',"
    assert "svg" not in code and "'1'" not in code


def test_without_a_style_file_figures_are_on_white():
    namespace: dict = {}
    with matplotlib.rc_context({"figure.facecolor": "none"}):
        exec(style_code(""), namespace)
        assert matplotlib.rcParams["figure.facecolor"] == "white"


def test_edition():
    words = {"site_name": "Book", "copyright": "MIT", "figure_prefix": "Figure {}", "name": "English"}
    made = edition("en", words, {"numpy": "2.0"}, "")
    assert (made.book, made.licence, made.figure_prefix) == ("Book", "MIT", "Figure {}")
    assert made.packages == {"numpy": "2.0"}
    assert made.python == "{}.{}.{}".format(*sys.version_info)
