"""Options of a python fence: the few there are, and every way to get one wrong."""

from __future__ import annotations

import pytest

from book_engine.source.errors import BookError
from book_engine.source.fences import DEFAULT_TIMEOUT, Options, parse_info
from book_engine.source.page import Fence


def parse(info: str) -> Options | None:
    return parse_info(Fence(7, 9, "", info, ()), "docs/en/a.md")


@pytest.mark.parametrize(("info", "expected"), [
    ("python", Options()),
    ("{.python}", Options()),
    ("{ .python }", Options()),
    ("{.python varies}", Options(varies=True)),
    ("{.python folded}", Options(folded=True)),
    ("{.python raises=TypeError}", Options(raises="TypeError")),
    ("{.python timeout=90}", Options(timeout=90.0)),
    ("{.python timeout=0.5}", Options(timeout=0.5)),
    ('{.python alt="A line"}', Options(alt=("A line",))),
    ('{.python alt="左：直线 | 右：抛物线"}', Options(alt=("左：直线", "右：抛物线"))),
    (r'{.python alt="the \"true\" line {w = 1}"}', Options(alt=('the "true" line {w = 1}',))),
    ('{.python alt="a|b"}', Options(alt=("a|b",))),
    ('{.python raises=ValueError timeout=3 alt="x" varies}', Options(("x",), "ValueError", 3.0, True)),
])
def test_read(info, expected):
    assert parse(info) == expected


def test_default_timeout():
    assert parse("python").timeout == DEFAULT_TIMEOUT


@pytest.mark.parametrize("info", ["", "text", "console", "bash", "pycon", "python-repl", "{.text}", '{.text title="a"}',
                                  "{.pycon}", "json", "markdown"])
def test_other_languages(info):
    assert parse(info) is None


@pytest.mark.parametrize(("info", "said"), [
    ("{.python unknown}", "unknown option 'unknown'"),
    (r'{.python alt="The loss against $\\eta$"}', "aloud"),
    ("{.python raise=TypeError}", "Did you mean 'raises'?"),
    ("{.python hl_lines=1}", "unknown option 'hl_lines'"),
    ("{.python notest}", "unknown option 'notest'"),
    ("{.python .foo}", "['python', 'foo']"),
    ("{.python #id}", "'#id'"),
    ("{#id .python}", "cannot read"),
    ("{.python alt='single'}", "cannot read"),
    ('{.python alt="open}', "cannot read"),
    ("{.python alt=}", "cannot read"),
    ("{.python", "no end"),
    ("{.python alt}", "needs a value"),
    ('{.python alt=""}', "empty description"),
    ('{.python alt="one | "}', "empty description"),
    ("{.python raises}", "needs a value"),
    ('{.python raises=""}', "names an exception"),
    ('{.python raises="two words"}', "names an exception"),
    ("{.python timeout=soon}", "number of seconds"),
    ("{.python timeout=0}", "number of seconds"),
    ("{.python timeout=-1}", "number of seconds"),
    ("{.python timeout=601}", "number of seconds"),
    ("{.python timeout=nan}", "number of seconds"),
    ("{.python timeout=inf}", "number of seconds"),
    ("{.python varies=yes}", "takes no value"),
    ("{.python varies varies}", "twice"),
    ("{.python timeout=1 timeout=2}", "twice"),
    ('python title="a"', 'python title="a"'),
    ("python3", "write ```python"),
    ("py", "write ```python"),
    ("{.py}", "['py']"),
    # What looks like Python and would be shown without ever being run:
    ("{python}", "python"),
    ("Python", "Python"),
    ("{.Python}", "Python"),
    ("python, varies", "python"),
    ("{.python,varies}", "python"),
])
def test_refused(info, said):
    with pytest.raises(BookError) as caught:
        parse(info)
    assert said in caught.value.message
    assert (caught.value.path, caught.value.line) == ("docs/en/a.md", 7)
