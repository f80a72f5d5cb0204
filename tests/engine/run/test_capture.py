"""What a block may not do, how much it may print, and how its figures are taken."""

from __future__ import annotations

import io
import sys

import pytest

from book_engine.run.capture import OUTPUT_LIMIT, Refused, Text

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX system calls")


def test_limit_is_64_kib():
    assert OUTPUT_LIMIT == 64 * 1024
    stream = Text()
    stream.write("x" * OUTPUT_LIMIT)
    with pytest.raises(Refused, match="64 KiB"):
        stream.write("y")
    assert "y" not in stream.getvalue()


@pytest.mark.parametrize("change", [lambda stream: stream.truncate(0), lambda stream: stream.seek(0)])
def test_what_is_printed_cannot_be_taken_back(change):
    stream = Text()
    stream.write("printed")
    with pytest.raises(io.UnsupportedOperation):
        change(stream)
    assert stream.getvalue() == "printed"


def test_just_below_the_limit(workbench):
    assert len(workbench.results(f"print('x' * {OUTPUT_LIMIT - 1})")[0]["stdout"]) == OUTPUT_LIMIT


@pytest.mark.parametrize("code", [
    "print('x' * 50_000_000)",
    "while True:\n    print('x' * 1000)",
    "try:\n    while True:\n        print('x' * 1000)\nexcept BaseException:\n    pass",
    "try:\n    while True:\n        print('x' * 1000)\nfinally:\n    x = 1",
    "import sys\nsys.stderr.write('x' * 50_000_000)",
    "list(range(10**6))",
    "print('x' * 40_000)\n'y' * 40_000",
])
def test_too_much_output(workbench, code):
    failure = workbench.failure(code)
    assert "64 KiB" in failure["message"] and len(failure["message"]) < 1000
    assert failure["place"].startswith("snippets/a.py:")


@posix
@pytest.mark.parametrize("code", [
    "import os\nx = os.write(1, b'x')",
    "import os\nx = os.write(2, b'x')",
    "import os\nx = os.write(1, b'x' * 50_000_000)",
    "import sys\nx = sys.__stderr__.write('x')",
])
def test_output_below_python(workbench, code):
    assert "past Python's print" in workbench.failure(code)["message"]


NETWORK = [
    "import socket\nsocket.create_connection(('127.0.0.1', 9))",
    "import socket\nsocket.create_connection(('example.org', 80))",
    "import socket\nsocket.gethostbyname('localhost')",
    "import urllib.request\nurllib.request.urlopen('http://127.0.0.1:9')",
    "import http.client\nhttp.client.HTTPConnection('127.0.0.1', 9).request('GET', '/')",
    "import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\ns.sendto(b'x', ('127.0.0.1', 9))",
    "import socket\ns = socket.socket()\ns.bind(('127.0.0.1', 0))",
    "import asyncio\nasyncio.run(asyncio.open_connection('127.0.0.1', 9))",
]


@pytest.mark.parametrize("code", NETWORK, ids=range(len(NETWORK)))
def test_no_network(workbench, code):
    failure = workbench.failure(code)
    assert "network" in failure["message"] and failure["place"].startswith("snippets/a.py:")


def test_network_swallowed(workbench):
    """A refusal is an error even if the block catches everything."""
    code = "import socket\ntry:\n    socket.create_connection(('127.0.0.1', 9))\nexcept BaseException:\n    pass"
    assert "network" in workbench.failure(code)["message"]


def test_network_expected(workbench):
    code = "import socket\nsocket.create_connection(('127.0.0.1', 9))"
    assert "network" in workbench.failure((code, "BaseException"))["message"]
    assert "network" in workbench.failure((code, "Refused"))["message"]


PROCESSES = [
    "import subprocess, sys\nsubprocess.run([sys.executable, '-c', ''])",
    "import os\nx = os.system('true')",
    "import os\nx = os.popen('true')",
    "import multiprocessing\nmultiprocessing.Process(target=print).start()",
    pytest.param("import os\nx = os.fork()", marks=posix),
    pytest.param("import os, sys\nos.execv(sys.executable, [sys.executable, '-c', ''])", marks=posix),
    pytest.param("import os, sys\nx = os.posix_spawn(sys.executable, [sys.executable, '-c', ''], {})", marks=posix),
    pytest.param("import os\nos.kill(os.getppid(), 9)", marks=posix),
    pytest.param("import os\nos.killpg(os.getpgid(os.getppid()), 9)", marks=posix),
    pytest.param("import multiprocessing as m\nm.process.current_process()._config['daemon'] = False\n"
                 "m.get_context('spawn').Process(target=print).start()", marks=posix),
]


@pytest.mark.parametrize("code", PROCESSES, ids=range(len(PROCESSES)))
def test_no_other_processes(workbench, code):
    failure = workbench.failure(code)
    assert "process" in failure["message"] and "died" not in failure["message"]


def test_the_pool_lives_on(workbench):
    """After all that, the same pool runs the next chapter."""
    workbench.failure("import os\nos._exit(3)")
    assert workbench.results("1")[0]["value"] == "1"


@pytest.mark.parametrize("code", [
    "object()",
    "print(object())",
    "lambda: 0",
    "import matplotlib.pyplot as plt\nplt.plot([1, 2])",
])
def test_memory_address(workbench, code):
    assert "memory address" in workbench.failure(code)["message"]


def test_what_only_looks_like_an_address(workbench):
    assert workbench.results("print('meet at 0x7', hex(2**40))")[0]["stdout"] == "meet at 0x7 0x10000000000\n"


@pytest.mark.parametrize("code", ["print('\\ud800')", "print('\\x00')", "print('\\x02wzxhzdk:0\\x03')"])
def test_what_no_page_can_hold(workbench, code):
    """Half a surrogate pair, or a control character, stands in no HTML page."""
    workbench.failure(code)


def test_a_thread_left_behind(workbench):
    code = "import threading\nevent = threading.Event()\nthreading.Thread(target=event.wait, daemon=True).start()"
    assert "thread" in workbench.failure(code)["message"]


def test_a_thread_that_ends_a_moment_later(workbench):
    """As those of a pool that was closed do, on a busy machine."""
    code = "import threading, time\nthreading.Thread(target=time.sleep, args=(0.2,)).start()\nprint('done')"
    assert workbench.results(code)[0]["stdout"] == "done\n"


def test_threads_that_end(workbench):
    code = ("from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor(4) as threads:\n"
            "    print(sum(threads.map(abs, range(-3, 0))))")
    assert workbench.results(code)[0]["stdout"] == "6\n"


@pytest.mark.parametrize("name", ["pytest", "markdown", "yaml", "book_engine", "book_engine.run.cache", "conftest"])
def test_undeclared_import(workbench, name):
    """The standard library and the declared packages: nothing else is in the cache key or on a reader's machine."""
    message = workbench.failure(f"import {name}")["message"]
    assert repr(name.partition(".")[0]) in message


@pytest.mark.parametrize("code", ["__import__('book_engine.run.cache')",
                                  "import importlib\nimportlib.import_module('book_engine')"])
def test_the_engine_is_out_of_reach(workbench, code):
    """Also by other ways than an import statement."""
    assert "ModuleNotFoundError" in workbench.failure(code)["message"]


@pytest.mark.parametrize("name", ["json", "sqlite3", "numpy.fft", "mpl_toolkits.mplot3d", "PIL.Image", "dateutil"])
def test_declared_import(workbench, name):
    workbench.results(f"import {name}")


def test_figures(workbench):
    """Several figures per block, in the order in which they were opened; closed afterwards."""
    code = ("import matplotlib.pyplot as plt\nfor title in ['first', 'second']:\n    fig, ax = plt.subplots()\n"
            "    ax.set_title(title)\n")
    block, after = workbench.results(code, "ax.set_title('later')\nplt.get_fignums()")
    assert [svg.count(f">{title}<") for svg, title in zip(block["figures"], ["first", "second"], strict=True)] == [1, 1]
    assert (after["value"], after["figures"]) == ("[]", [])


def test_figures_are_the_same_in_every_run(workbench):
    code = "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot([1, 2], label='a')\nax.legend();"
    assert workbench.results(code)[0]["figures"] == workbench.results(code)[0]["figures"]


def test_figures_have_no_date(workbench):
    svg, = workbench.results("import matplotlib.pyplot as plt\nfig = plt.figure()")[0]["figures"]
    assert "<dc:date>" not in svg and "Matplotlib v" not in svg


def test_a_figure_that_cannot_be_drawn(workbench):
    code = "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.set_title('$\\\\nosuchcommand$');"
    assert "nosuchcommand" in workbench.failure(code)["message"]


def test_the_style_file_holds(workbench):
    code = ("import matplotlib.pyplot as plt\n"
            "plt.rcParams['svg.fonttype'], plt.rcParams['svg.hashsalt'], plt.get_backend()")
    fonttype, salt, backend = eval(workbench.results(code)[0]["value"])
    assert (fonttype, backend.lower()) == ("none", "agg") and salt


def test_without_a_style_file(workbench):
    """A page without style file still gives the same figure twice."""
    job = workbench.job("import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot([1]);") | {"style": None}
    first, second = (workbench.pool.run([job])[0]["results"][0]["figures"] for _ in range(2))
    assert first == second


@posix
@pytest.mark.parametrize("code", [
    "open('../planted.txt', 'w')", "import os\nos.mkdir('../planted')", "import os\nos.remove('/etc/hostname')",
    "from pathlib import Path\nPath('/tmp/planted').touch()",
    "import os\nopen('a', 'w').close()\nos.rename('a', '../b')"])
def test_a_block_changes_nothing_outside_its_folder(workbench, code):
    assert "writes nothing outside its own, empty folder" in workbench.failure(code)["message"]


def test_a_block_may_write_in_its_folder(workbench):
    code = ("import tempfile\nfrom pathlib import Path\nPath('a.txt').write_text('x')\n"
            "with tempfile.TemporaryFile() as file:\n    file.write(b'y')\nPath('a.txt').read_text()")
    assert workbench.results(code)[0]["value"] == "'x'"


@pytest.mark.parametrize(("code", "said"), [
    ("import numpy as np\nnp.random.rand(2)", "a.py:2"), ("import views", "included in the page"),
    ("input()", "no keyboard"),
    ("import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.set(xlabel='x')", "assign it: _ = …")])
def test_a_remedy_is_named(workbench, code, said):
    failure = workbench.failure(code)
    assert said in failure["message"] + str(failure["place"])
