"""What a chapter's process does with its steps, seen through the pool: namespace, outputs, errors, their places."""

from __future__ import annotations

import subprocess
import sys

import pytest

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX processes")


def value(code: str, before: int = 0) -> dict:
    return {"kind": "value", "code": code, "before": before}


def test_one_namespace_in_order(workbench):
    first, second = workbench.results("x = 2\ndef f(): return x", "x = 5\nf()")
    assert (first["value"], second["value"]) == (None, "5")


def test_chapters_share_nothing(workbench):
    replies = workbench.pool.run([workbench.job("x = 1\nimport numpy as np\nnp.leaked = 1"),
                                  workbench.job("'x' in globals(), hasattr(__import__('numpy'), 'leaked')")])
    assert replies[1]["results"][0]["value"] == "(False, False)"


@pytest.mark.parametrize(("code", "expected"), [
    ("1 + 1", "2"),
    ("'text'", "'text'"),
    ("None", None),
    ("x = 1", None),
    ("print('a')", None),
    ("1\nif True:\n    2", None),
    ("import numpy as np\nnp.arange(3.0)", "array([0., 1., 2.])"),
    ("[1,\n 2]", "[1, 2]"),
    ("1 + 1  # a comment", "2"),
    ("1 + 1;", None),
    ("1 + 1 ;  # silenced", None),
    ("'ends in ;'", "'ends in ;'"),
    ("__name__", "'__main__'"),
])
def test_last_value(workbench, code, expected):
    assert workbench.results(code)[0]["value"] == expected


def test_stdout_before_value(workbench):
    block, = workbench.results("print('a', end='')\nprint('b')\n3")
    assert (block["stdout"], block["value"], block["error"], block["figures"]) == ("ab\n", "3", None, [])
    assert block["seconds"] >= 0


def test_expressions_see_their_place(workbench):
    """Each is evaluated after the blocks above it and before those below."""
    results = workbench.results(value("1 + 1"), "x = 1", value("x", 1), "x = 2", value("f'{x:.2f}'", 2))
    assert [results[index] for index in (0, 2, 4)] == ["2", "1", "2.00"]


def test_expression_binds_nothing(workbench):
    results = workbench.results("x = 1", value("(y := x)", 1), "sorted(set(globals()) & {'x', 'y'})")
    assert results[2]["value"] == "['x']"


def test_expression_sees_names_inside_comprehensions(workbench):
    assert workbench.results("x = 2", value("[x * i for i in range(2)]", 1))[1] == "[0, 2]"


@pytest.mark.parametrize(("code", "said"), [
    ("nothing", "NameError: name 'nothing' is not defined"),
    ("1 / 0", "ZeroDivisionError: division by zero"),
    ("print(1)", "does not print"),
    ("__import__('warnings').warn('w')", "UserWarning: w"),
    ("__import__('sys').stderr.write('e')", "standard error"),
    ("object()", "memory address"),
    ("'x' * 100_000", "64 KiB"),
    ("'\\ud800'", "not Unicode"),
    ("__import__('sys').exit()", "SystemExit"),
])
def test_expression_fails(workbench, code, said):
    failure = workbench.failure("x = 1", value(code, 1))
    assert failure["step"] == 1
    assert said in failure["message"]


@pytest.mark.parametrize(("code", "said", "line"), [
    ("x = 1\ny = 0\nx / y", "ZeroDivisionError: division by zero", 3),
    ("x = 1\nif x\n    y = 2", "SyntaxError", 2),
    ("x = 1\nreturn x", "SyntaxError: 'return' outside function", 2),
    ("x = (1,\n", "SyntaxError", 1),
    ("raise SystemExit(3)", "SystemExit: 3", 1),
    ("raise KeyboardInterrupt", "KeyboardInterrupt", 1),
    ("raise GeneratorExit", "GeneratorExit", 1),
    ("def f():\n    f()\nf()", "RecursionError", 2),
    ("import no_such_module", "ModuleNotFoundError", 1),
    ("\ninput()", "EOFError", 2),
    ("class A:\n    def __repr__(self):\n        raise ValueError('in repr')\nA()", "ValueError: in repr", 3),
    ("e = ValueError('boom')\ne.add_note('a note')\nraise e", "ValueError: boom", 3),
])
def test_failure_names_the_line(workbench, code, said, line):
    failure = workbench.failure({"code": code, "first_line": 1})
    assert said in failure["message"]
    assert failure["place"] == f"snippets/a.py:{line}"


def test_failure_inside_an_earlier_section(workbench):
    """The innermost line of a snippet is the place: where the function stands, not where it was called."""
    failure = workbench.failure("def f(x):\n    return 1 / x", {"code": "f(0)", "first_line": 40, "before": 1})
    assert (failure["step"], failure["place"]) == (1, "snippets/a.py:2")


def test_failure_in_another_file(workbench):
    failure = workbench.failure({"code": "def g():\n    raise ValueError", "file": "deep/b.py", "first_line": 7}, "g()")
    assert failure["place"] == "snippets/deep/b.py:8"


def test_failure_keeps_what_came_before(workbench):
    reply = workbench.reply("1", "2", "1 / 0", "4")
    assert [block["value"] for block in reply["results"]] == ["1", "2"]
    assert reply["failure"]["step"] == 2


def test_failure_message_is_bounded(workbench):
    assert len(workbench.failure("raise ValueError('x' * 10**6)")["message"]) < 10_000


@pytest.mark.parametrize(("code", "said"), [
    ("import warnings\nwarnings.warn('old', DeprecationWarning)", "DeprecationWarning: old"),
    ("import warnings\nwarnings.warn('soon', PendingDeprecationWarning)", "PendingDeprecationWarning"),
    ("import numpy as np\nnp.log(0.0)", "RuntimeWarning: divide by zero"),
    ("import numpy as np\nnp.array([1e308]) * 10", "RuntimeWarning: overflow"),
    ("open(__import__('os').devnull).read()", "ResourceWarning"),
    ("'\\d'", "invalid escape sequence"),
    ("import logging\nlogging.warning('careful')", "WARNING:root:careful"),
    ("import sys\nprint('oops', file=sys.stderr)", "oops"),
    ("class A:\n    def __del__(self):\n        1 / 0\na = A()\ndel a", "ZeroDivisionError"),
    ("import threading\nt = threading.Thread(target=lambda: 1 / 0)\nt.start()\nt.join()", "ZeroDivisionError"),
])
def test_warnings_and_stderr_are_errors(workbench, code, said):
    assert said in workbench.failure(code)["message"]


def test_a_block_may_silence_a_warning_itself(workbench):
    code = ("import warnings\nwith warnings.catch_warnings():\n    warnings.simplefilter('ignore')\n"
            "    warnings.warn('x')\n1")
    assert workbench.results(code)[0]["value"] == "1"


@pytest.mark.parametrize(("code", "raises", "shown"), [
    ("1 + ''", "TypeError", "TypeError: unsupported operand type(s) for +: 'int' and 'str'"),
    ("{}['k']", "LookupError", "KeyError: 'k'"),
    ("x = = 1", "SyntaxError", "SyntaxError: invalid syntax"),
    ("raise SystemExit(2)", "SystemExit", "SystemExit: 2"),
    ("import numpy as np\nnp.linalg.inv(np.zeros((2, 2)))", "LinAlgError", "numpy.linalg.LinAlgError: Singular matrix"),
    ("import numpy as np\nnp.sqrt(-1.0)", "RuntimeWarning", "RuntimeWarning: invalid value encountered in sqrt"),
    ("class Own(Exception): pass\nraise Own('x')", "Own", "Own: x"),
    ("e = ValueError('boom')\ne.add_note('a note')\nraise e", "ValueError", "ValueError: boom"),
])
def test_raises(workbench, code, raises, shown):
    block, after = workbench.results((code, raises), "'goes on'")
    assert block["error"].removeprefix("__main__.") == shown
    assert after["value"] == "'goes on'"


def test_raises_keeps_what_was_printed_and_drops_figures(workbench):
    code = "import matplotlib.pyplot as plt\nprint('before')\nplt.plot([1, 2])\n1 / 0"
    block, after = workbench.results((code, "ZeroDivisionError"), "plt.get_fignums()")
    assert (block["stdout"], block["figures"], after["value"]) == ("before\n", [], "[]")


def test_raises_does_not_come(workbench):
    failure = workbench.failure(("x = 1", "TypeError"))
    assert "ran to its end; expected it to raise TypeError" in failure["message"]
    assert failure["place"] == "snippets/a.py:1"


def test_raises_something_else(workbench):
    failure = workbench.failure(("\n1 / 0", "TypeError"))
    assert "ZeroDivisionError: division by zero; expected it to raise TypeError" in failure["message"]
    assert failure["place"] == "snippets/a.py:2"


def test_raises_with_an_address_in_its_message(workbench):
    assert "memory address" in workbench.failure(("raise ValueError(object())", "ValueError"))["message"]


def test_a_fault_is_not_an_expected_error(workbench):
    """Whatever `raises` says: an output over the limit or a refused connection is no result."""
    assert "64 KiB" in workbench.failure(("print('x' * 100_000)", "BaseException"))["message"]


def test_traceback_of_a_block_shows_its_own_lines(workbench):
    code = ("import traceback, io\nout = io.StringIO()\ndef f():\n    raise ValueError('here')\n"
            "try:\n    f()\nexcept ValueError:\n    traceback.print_exc(file=out)\nprint(out.getvalue())")
    shown = workbench.results({"code": code, "first_line": 40})[0]["stdout"]
    assert 'File "snippets/a.py", line 43, in f\n    raise ValueError(\'here\')' in shown


def test_future_imports_stay_in_their_block(workbench):
    assert "NameError" in workbench.failure("from __future__ import annotations", "def f(x: Nope): pass")["message"]


def test_bytes_to_stdout(workbench):
    assert "TypeError" in workbench.failure("import sys\nx = sys.stdout.write(b'x')")["message"]


def test_values_that_are_no_plain_text(workbench):
    """A kind of text that only the chapter knows arrives as text, and harms no other chapter."""
    own = "class Own(str): pass\nclass A:\n    def __repr__(self): return Own('x')\n"
    reply, other = workbench.pool.run([workbench.job(own + "A()", value("Own('y')", 1)), workbench.job("1")])
    assert (reply["results"][0]["value"], reply["results"][1]) == ("x", "y")
    assert other["results"][0]["value"] == "1"


@pytest.mark.parametrize("code", [
    "import builtins\nbuiltins.compile = None",
    "import sys\nsys.modules.clear()",
    "import sys\nsys.stdout.close()",
    "import os\nfor number in range(3, 64):\n    try:\n        os.close(number)\n    except OSError:\n        pass",
])
def test_a_chapter_that_breaks_its_own_process(workbench, code):
    """Whatever becomes of it, the next chapter is sound."""
    workbench.reply(code, "1")
    assert workbench.results("1")[0]["value"] == "1"


def test_hash_seed_is_fixed(workbench):
    """The order of a set of strings is the same in every run."""
    assert workbench.results("import sys\nsys.flags.hash_randomization")[0]["value"] == "0"


def test_one_blas_thread(workbench):
    assert workbench.results("import os\nos.environ['OMP_NUM_THREADS'], os.environ['OPENBLAS_NUM_THREADS']")[0][
        "value"] == "('1', '1')"


def test_assertions_hold_under_python_o():
    """`python -O` drops assertions; the chapters' claims are assertions."""
    code = ("from book_engine.run.session import Session\n"
            "try:\n    Session().execute('assert False', 'snippets/a.py', 1)\n"
            "except AssertionError:\n    print('held', __debug__)")
    command = [sys.executable, "-O", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.stdout.strip(), done.stderr) == ("held False", "")


@posix
def test_unbuffered_or_not_nothing_is_lost(workbench):
    """Output that passes by sys.stdout is an error even while it sits in a buffer."""
    assert "past Python's print" in workbench.failure("import sys\nx = sys.__stdout__.write('hidden')")["message"]


# -- what authors try, and what they are told -------------------------------------------------------------------------


PLOT = "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()"


@pytest.mark.parametrize(("code", "words"), [
    (f"{PLOT}\nax.set_xlabel('学习率');", ["Glyph", "both languages", "alt="]),
    (f"{PLOT}\nax.set_xlabel('$学$');", ["glyph", "both languages"]),
    ("import matplotlib.pyplot as plt\nplt.subplots()[0].subplots_adjust(left=0.3)", ['layout="none"']),
    ("import logging\nlogging.basicConfig(level=logging.INFO)\nlogging.info('epoch 1')", ["stream=sys.stdout"]),
    ("import logging\nlogging.warning('late')", ["stream=sys.stdout"]),
    ("import sys\nfor i in range(3): print(f'\\r{i}/3', end='', file=sys.stderr)", ["progress bar"]),
    ("import sys\nprint(' 40%|####      | 4/10 [00:01, 3.2it/s]', file=sys.stderr)", ["progress bar", "disable=True"]),
    ("display(3)", ["display()", "last expression"]),
    ("class HTML: __module__ = 'IPython.core.display'\n"
     "HTML.__repr__ = lambda self: '<IPython.core.display.HTML object>'\nHTML()", ["running notebook", "animation"]),
])
def test_a_common_fault_comes_with_its_remedy(workbench, code, words):
    message = workbench.failure(code)["message"]
    assert all(word in message for word in words), message


@pytest.mark.parametrize("code", [
    f"{PLOT}\nax.plot([0, 1])\nplt.tight_layout()",
    "import matplotlib.pyplot as plt\nfig, ax = plt.subplots(layout='none')\nfig.subplots_adjust(left=0.3)",
    "import logging, sys\nlogging.basicConfig(level=logging.INFO, stream=sys.stdout, force=True)\n"
    "logging.info('epoch 1')",
    "import numpy as np\nfrom sklearn.ensemble import RandomForestClassifier\n"
    "RandomForestClassifier(4, n_jobs=2, random_state=0).fit(np.eye(9), np.arange(9) % 2);",
    "import numpy as np\nfrom sklearn.model_selection import cross_val_score\nfrom sklearn.linear_model import Ridge\n"
    "cross_val_score(Ridge(), np.eye(9), np.arange(9.0), cv=2, n_jobs=2);",
])
def test_what_works(workbench, code):
    workbench.results(code)
