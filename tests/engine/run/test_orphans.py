"""No process outlives the one that it works for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

CODE = """
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
    program.write_text(CODE)
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
