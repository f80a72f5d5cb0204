"""Chapters in processes of their own: limits, deaths, order, overlap, and nothing left behind."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from outside import mark

from book_engine.run import pool as runner
from book_engine.run.pool import Pool

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals and processes")

SWALLOWS_EVERYTHING = """
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
"""


def test_no_jobs_no_process():
    pool = Pool()
    assert pool.run([]) == [] and not pool.started


def test_results_in_the_order_of_the_jobs(workbench):
    jobs = [workbench.job("import time\ntime.sleep(0.2)\n0"), *[workbench.job(str(n)) for n in range(1, 6)]]
    assert [reply["results"][0]["value"] for reply in workbench.pool.run(jobs)] == list("012345")


@posix
def test_what_blocks_import_from_declared_packages_is_loaded_once_for_all(workbench):
    seen = "import sys\n'sklearn.datasets' in sys.modules, 'sklearn.cluster' in sys.modules"
    later = "if 0:\n    import sklearn.datasets, no_such_package"
    replies = workbench.pool.run([workbench.job(seen, later), workbench.job("import sys\n'sklearn' in dir()")])
    assert [reply["results"][0]["value"] for reply in replies] == ["(True, False)", "False"]


@pytest.mark.parametrize("code", [
    "while True:\n    pass",
    SWALLOWS_EVERYTHING,
    "import time\ntime.sleep(1000)",
    "import signal\n[signal.signal(s, signal.SIG_IGN) for s in (signal.SIGINT, signal.SIGTERM)]\nwhile True:\n    pass",
    "import re\nre.match(r'(a+)+$', 'a' * 60 + 'b')",
    "import threading\nthreading.Event().wait()",
], ids=["loop", "swallows", "sleeps", "ignores signals", "holds the lock", "waits"])
def test_time_limit(workbench, code):
    """An endless block ends at its limit, whatever it does about it."""
    failure = workbench.failure("1", {"code": code, "timeout": 0.3})
    assert failure["step"] == 1
    assert "longer than its limit of 0.3 s" in failure["message"] and "timeout=" in failure["message"]


def test_time_limit_is_per_step(workbench):
    """Together longer than the limit, each below it."""
    steps = [{"code": "import time\ntime.sleep(0.25)", "timeout": 0.6}] * 4
    assert len(workbench.results(*steps)) == 4


def test_time_limit_holds_one_chapter_only(workbench):
    slow, good = workbench.pool.run([workbench.job({"code": SWALLOWS_EVERYTHING, "timeout": 0.3}), workbench.job("1")])
    assert slow["failure"] is not None
    assert good["results"][0]["value"] == "1"


@pytest.mark.parametrize(("code", "said"), [
    pytest.param("import os\nos.kill(os.getpid(), 9)", "SIGKILL", marks=posix),
    pytest.param("import os\nos.abort()", "SIGABRT", marks=posix),
    pytest.param("import ctypes\nctypes.string_at(0)", "SIGSEGV", marks=posix),
    ("import os\nos._exit(3)", "exit status 3"),
    ("import os\nos._exit(0)", "exit status 0"),
])
def test_a_dying_process(workbench, code, said):
    """A death is a failure of the step that ran, with what came before it kept."""
    reply = workbench.reply("1", code, "2")
    assert reply["failure"]["step"] == 1
    assert "died" in reply["failure"]["message"] and said in reply["failure"]["message"]
    assert [block["value"] for block in reply["results"]] == ["1"]


def test_empty_working_directory(workbench):
    first = workbench.results("import os\nprint(os.listdir())\nwith open('left.txt', 'w') as f:\n    f.write('x');",
                              "os.listdir()", "os.getcwd()")
    second = workbench.results("import os\nos.listdir()")
    assert (first[0]["stdout"], first[1]["value"], second[0]["value"]) == ("[]\n", "['left.txt']", "[]")
    assert not Path(eval(first[2]["value"])).exists()


def rendezvous(folder: Path, mine: str, other: str) -> str:
    """Code that ends only if the other chapter runs at the same time."""
    return (f"{mark(folder / mine)}import pathlib, time\nfolder = pathlib.Path({str(folder)!r})\n"
            f"end = time.monotonic() + 10\nwhile not (folder / {other!r}).exists():\n"
            "    assert time.monotonic() < end, 'nobody came'\n    time.sleep(0.005)")


def test_side_by_side(workbench, monkeypatch):
    monkeypatch.setattr(runner, "cores", lambda: 2)
    jobs = [workbench.job(rendezvous(workbench.root, *names)) for names in [("a", "b"), ("b", "a")]]
    assert [reply["failure"] for reply in workbench.pool.run(jobs)] == [None, None]


def test_no_more_than_the_cores(workbench, monkeypatch):
    """With one core, each chapter ends before the next begins."""
    monkeypatch.setattr(runner, "cores", lambda: 1)
    code = "import time\nbegin = time.monotonic()\ntime.sleep(0.02)\nbegin, time.monotonic()"
    spans = sorted(eval(reply["results"][0]["value"]) for reply in workbench.pool.run([workbench.job(code)] * 3))
    assert all(earlier[1] <= later[0] for earlier, later in itertools.pairwise(spans))


@posix
def test_close_ends_a_running_chapter(workbench, processes):
    """The build is interrupted while it waits: the pool and its chapter end, also one that swallows interrupts."""
    marker = workbench.root / "running"
    code = mark(marker) + SWALLOWS_EVERYTHING
    program = processes.start([sys.executable, "-c", RUN_ONE_JOB, json.dumps(workbench.job(code))])
    processes.wait_for(marker)
    program.send_signal(signal.SIGINT)
    assert program.wait(20) != 0
    processes.assert_none_left()


@posix
def test_killed_build_leaves_no_process(workbench, processes):
    marker = workbench.root / "running"
    code = mark(marker) + SWALLOWS_EVERYTHING
    program = processes.start([sys.executable, "-c", RUN_ONE_JOB, json.dumps(workbench.job(code))])
    processes.wait_for(marker)
    program.kill()
    program.wait(20)
    processes.assert_none_left()


@posix
def test_killed_build_leaves_no_idle_pool(workbench, processes):
    stay = "\nprint('idle', flush=True)\nimport time; time.sleep(1000)"
    program = processes.start([sys.executable, "-c", RUN_ONE_JOB + stay, json.dumps(workbench.job("1"))])
    processes.wait_for_line(program, "idle")
    program.kill()
    program.wait(20)
    processes.assert_none_left()


@posix
def test_killed_pool_is_an_error_that_says_so(workbench):
    """The pool itself dies (out of memory, say): a message, no chapter runs on, and the next run starts a new pool."""
    marker = workbench.root / "pids"
    code = "import os\n" + mark(marker, "f'{os.getppid()} {os.getpid()} '") + SWALLOWS_EVERYTHING

    def kill_pool() -> None:
        while not (marker.exists() and marker.read_text().endswith(" ")):
            threading.Event().wait(0.01)
        os.kill(int(marker.read_text().split()[0]), signal.SIGKILL)

    with Pool() as pool:
        killer = threading.Thread(target=kill_pool)
        killer.start()
        with pytest.raises(Exception, match="ended unexpectedly"):
            pool.run([workbench.job(code)])
        killer.join()
        wait_until_gone(int(marker.read_text().split()[1]))
        assert pool.run([workbench.job("1")])[0]["results"][0]["value"] == "1"


@pytest.mark.skipif(sys.platform != "linux", reason="calls the C library's fork")
@pytest.mark.parametrize("end", ["x = 1", "1 / 0", SWALLOWS_EVERYTHING], ids=["ends", "fails", "endless"])
def test_what_a_chapter_leaves_behind_ends_with_it(workbench, end):
    """A process that it started past Python's watch."""
    marker = workbench.root / "pid"
    code = ("import ctypes, time\nchild = ctypes.CDLL(None).fork()\nif child == 0:\n    time.sleep(1000)\n"
            f"{mark(marker, 'child')}{end}")
    workbench.reply({"code": code, "timeout": 0.3})
    wait_until_gone(int(marker.read_text()))


@posix
def test_interrupt_ends_the_pool(workbench):
    """Ctrl-C while the build waits for results passes on, and the pool is ended by then."""
    class Interrupted:
        def readline(self) -> str:
            raise KeyboardInterrupt

        def close(self) -> None: ...

    pool = Pool()
    pool.run([workbench.job("1")])
    process, process_stdout = pool._process, pool._process.stdout
    process.stdout = Interrupted()
    with pytest.raises(KeyboardInterrupt):
        pool.run([workbench.job("1")])
    process_stdout.close()
    assert process.poll() is not None


def wait_until_gone(pid: int, seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while running(pid):
        assert time.monotonic() < end, f"process {pid} runs on"
        time.sleep(0.01)


def running(pid: int) -> bool:
    """Whether there is such a process; one that has ended and is not yet taken notice of does not count."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:  # no /proc on this system, or just gone
        return not Path("/proc/self").exists()
    except ProcessLookupError:
        return False


RUN_ONE_JOB = """
import json, sys
from book_engine.run.pool import Pool
pool = Pool()
pool.run([json.loads(sys.argv[1])])
"""


# No process outlives the one that it works for ---------------------------------------------------------------------


PARENT_AND_CHILD = """
import os, subprocess, sys, threading
if len(sys.argv) == 1:
    child = subprocess.Popen([sys.executable, __file__, str(os.getpid())])
    print(child.pid, flush=True)
else:
    from book_engine.run.pool import end_with_parent
    end_with_parent(int(sys.argv[1]))
threading.Event().wait()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there a process does not learn that its parent has ended")
@pytest.mark.skipif(not Path("/proc/self").exists() and sys.platform == "linux", reason="needs /proc")
def test_ends_with_its_parent(tmp_path, processes):
    program = tmp_path / "program.py"
    program.write_text(PARENT_AND_CHILD)
    parent = processes.start([sys.executable, str(program)])
    child = int(parent.stdout.readline())
    os.kill(child, 0)
    parent.kill()
    parent.wait()
    processes.assert_none_left()


def test_a_parent_that_is_gone_already(processes):
    """The race of a parent that dies before its child looks: the child ends too."""
    code = ("import sys, threading\nfrom book_engine.run.pool import end_with_parent\n"
            "end_with_parent(2**22 + 1)\nthreading.Event().wait(30)\nsys.exit(0)")
    if sys.platform == "win32":
        pytest.skip("there a process does not learn that its parent has ended")
    done = subprocess.run([sys.executable, "-c", code], timeout=20)
    assert done.returncode == 1
