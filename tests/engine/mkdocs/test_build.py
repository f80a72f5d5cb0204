"""`mkdocs build` and `mkdocs serve` on small sites, end to end: what is written, what runs again, what is shown."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from bs4 import BeautifulSoup
from outside import mark
from serving import Server, alert

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
ROOT = Path(__file__).resolve().parents[3]
LOSS = "docs/en/loss.md"

# Runs in every Python process of a build, before its first line, and notes which programs it starts.
SITECUSTOMIZE = """
import os, sys
def note(event, arguments, log=os.environ["BOOK_TEST_LOG"]):
    if event == "subprocess.Popen":
        with open(log, "a") as file:
            file.write(" ".join(map(str, arguments[1])) + "\\n")
sys.addaudithook(note)
"""


def tree(folder: Path) -> dict[str, str]:
    """Digest of each file's bytes, build.json aside: it holds times."""
    return {file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
            for file in sorted(folder.rglob("*")) if file.is_file() and file.name != "build.json"}


def report(site) -> dict:
    return json.loads((site.root / "site" / "build.json").read_text("utf-8"))


def page(site, path: str) -> BeautifulSoup:
    return BeautifulSoup((site.root / "site" / path / "index.html").read_text("utf-8"), "html.parser")


def passed(done) -> str:
    assert done.returncode == 0, done.stdout
    assert "WARNING" not in done.stdout and "Traceback" not in done.stdout, done.stdout
    return done.stdout


def test_what_is_written(warm_site):
    site = warm_site.root / "site"
    for path in ["index.html", "build.json", "zh/index.html", "en/index.html", "zh/loss/index.html",
                 "en/gradient-descent/index.html", "zh/search/search_index.json", "en/search/sections.json",
                 "zh/404.html", "en/404.html", "zh/sitemap.xml", "en/sitemap.xml", "assets/fonts/stix-two-math.woff2"]:
        assert (site / path).is_file(), path
    for path in ["zh/zh", "hooks", "overrides", "conftest.py", "zh/hooks", "zh/build.json"]:
        assert not (site / path).exists(), path
    assert [page(warm_site, language).html["lang"][:2] for language in ("zh", "en")] == ["zh", "en"]
    assert not list(warm_site.root.glob(".site-*"))


def test_outputs_on_the_page(warm_site):
    for language in ("zh", "en"):
        article = page(warm_site, f"{language}/loss").article
        assert [value.get_text() for value in article.select(".value")] == ["2", "6.0"]
        assert len(article.select(".cell")) == 3
        assert article.select_one(".cell-stdout").get_text() == "drawn"
        assert article.select_one(".cell-value").get_text() == "array([0., 1., 2.])"
        assert article.select_one('.cell-figure[aria-label="A rising line"] svg')
        assert article.select_one("details.solution .cell")


def test_footer_says_what_it_ran_with(warm_site):
    said = report(warm_site)["versions"]
    text = page(warm_site, "en/loss").footer.get_text(" ", strip=True)
    assert all(f"{name} {said[name]}" in text for name in ("Python", "NumPy", "matplotlib")), text


def test_a_report_bears_page_and_versions_and_a_citation_what_was_read(warm_site):
    aside = page(warm_site, "en/loss").select_one(".book-page")
    asked = parse_qs(urlsplit(aside.select_one(".book-report")["href"]).query)
    assert asked["place"][0].endswith("/en/loss/") and "NumPy" in asked["versions"][0]
    form = yaml.safe_load((ROOT / ".github/ISSUE_TEMPLATE" / asked["template"][0]).read_text("utf-8"))
    assert {"place", "versions"} <= {part["id"] for part in form["body"]}
    cited = aside.select_one("pre").get_text()
    assert "title = {Page}," in cited and f"url = {{{asked['place'][0]}}}," in cited and "version = {" in cited


def test_a_mail_form_stands_where_an_address_is_named(warm_site):
    warm_site.edit("mkdocs.yml", 'feedback_mail: ""', "feedback_mail: book@example.org")
    assert warm_site.build().returncode == 0
    mail = page(warm_site, "zh/loss").select_one(".book-page a[href^=mailto]")["href"]
    assert mail.startswith("mailto:book@example.org?subject=Page&") and mail.endswith("zh%2Floss%2F")


def test_build_json(warm_site):
    said = report(warm_site)
    assert (said["blocks"], said["executed"], said["cached"]) == (6, 6, 0)
    assert set(said["chapters"]) == {"loss", "gradient-descent"}
    assert set(said["chapters"]["loss"]) == {"blocks", "executed", "cached", "seconds"}
    assert said["seconds"] > 0 and "Python" in said["versions"]


@pytest.fixture
def spied(tmp_path):
    """Environment for a build that notes every program it starts; `spied()` reads and clears the notes."""
    folder, log = tmp_path / "spy", tmp_path / "programs.txt"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(SITECUSTOMIZE)

    def programs() -> str:
        text = log.read_text() if log.exists() else ""
        log.unlink(missing_ok=True)
        return text

    programs.environment = {"PYTHONPATH": str(folder), "BOOK_TEST_LOG": str(log)}
    return programs


def test_second_build_runs_no_code(warm_site, spied):
    """The same bytes, no block, and no process that could run one; with one sentence changed likewise."""
    before = tree(warm_site.root / "site")
    passed(warm_site.build(**spied.environment))
    assert "book_engine.run.pool_process" not in spied()
    assert tree(warm_site.root / "site") == before
    assert (report(warm_site)["executed"], report(warm_site)["cached"]) == (0, 6)
    warm_site.edit(LOSS, "See ", "See also ")
    passed(warm_site.build(**spied.environment))
    assert "book_engine.run.pool_process" not in spied() and "See also" in page(warm_site, "en/loss").get_text()
    warm_site.edit("snippets/loss.py", "drawn", "painted")
    passed(warm_site.build(**spied.environment))
    assert "book_engine.run.pool_process" in spied(), "the spy sees nothing"
    assert page(warm_site, "zh/loss").select_one(".cell-stdout").get_text() == "painted"
    chapters = report(warm_site)["chapters"]
    assert (chapters["loss"]["executed"], chapters["gradient-descent"]["executed"]) == (3, 0)


def test_another_folder_uses_the_same_results(warm_site):
    """No path of this machine is in a key: CI may keep `.cache` between runs, wherever it checks out. What no page has
    used for 30 days goes, what is used stays."""
    month = 31 * 24 * 3600
    stale = warm_site.write(".cache/results/v1/" + "0" * 64, "x")
    results = [file for file in (warm_site.root / ".cache/results").rglob("*") if file.is_file()]
    for file in results:
        os.utime(file, (file.stat().st_mtime - month,) * 2)
    kept = next(file for file in results if file != stale)
    os.utime(kept)
    moved = warm_site.root.parent / "another place"
    shutil.rmtree(moved, ignore_errors=True)
    warm_site.root.rename(moved)
    site = type(warm_site)(moved)
    passed(site.build())
    assert not (moved / stale.relative_to(warm_site.root)).exists()
    assert (report(site)["executed"], report(site)["cached"]) == (3, 3), "one was pruned, one was kept"


def test_a_user_s_own_settings_change_nothing(warm_site):
    """Not matplotlibrc, not warnings, not the hash seed, not the locale, not the number of threads; and not the switch
    that keeps results out of the cache."""
    before = tree(warm_site.root / "site")
    shutil.rmtree(warm_site.root / ".cache")
    own = warm_site.write("matplotlibrc", "lines.linestyle: --\nfont.size: 30\n")
    passed(warm_site.build(BOOK_CACHE="off", MATPLOTLIBRC=str(own), PYTHONHASHSEED="77", PYTHONWARNINGS="ignore",
                           LC_ALL="C", TZ="Asia/Kathmandu", OMP_NUM_THREADS="7"))
    assert report(warm_site)["executed"] == 6
    assert not (warm_site.root / ".cache").exists()
    assert tree(warm_site.root / "site") == before


@posix
def test_ctrl_c_in_the_middle(warm_site, processes, tmp_path):
    """As a terminal sends it, to the whole group: a short word, no process, no scrap, and everything as it was."""
    before, cached = tree(warm_site.root / "site"), tree(warm_site.root / ".cache")
    marker, scratch = tmp_path / "running", tmp_path / "scratch"
    scratch.mkdir()
    loop = (mark(marker) + "while True:\n    try:\n        x = 1\n    except BaseException:\n        pass")
    old = (warm_site.root / "snippets/loss.py").read_text()
    warm_site.edit("snippets/loss.py", 'print("drawn")', loop)
    build = processes.start([sys.executable, "-m", "mkdocs", "build"], cwd=warm_site.root, env={"TMPDIR": str(scratch)})
    processes.wait_for(marker)
    os.killpg(build.pid, signal.SIGINT)
    said = build.communicate(timeout=30)[0]
    assert build.returncode != 0
    assert "Abort" in said and "Traceback" not in said
    processes.assert_none_left()
    assert tree(warm_site.root / "site") == before and tree(warm_site.root / ".cache") == cached
    assert not list(warm_site.root.glob(".site-*")) and not list(scratch.iterdir())
    warm_site.write("snippets/loss.py", old)
    passed(warm_site.build())
    assert tree(warm_site.root / "site") == before


@posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_while_pages_are_built(warm_site, processes, number):
    before = tree(warm_site.root / "site")
    build = processes.start([sys.executable, "-m", "mkdocs", "build"], cwd=warm_site.root)
    processes.wait_for_line(build, "Building documentation to directory")
    os.kill(build.pid, number)
    build.communicate(timeout=30)
    assert build.returncode != 0
    processes.assert_none_left()
    assert tree(warm_site.root / "site") == before


@posix
def test_killed_at_any_moment(warm_site, processes):
    """Killed once when it starts to run chapters, once when it builds pages, once right before the end; each time the
    site is whole or absent, no process is left, and the next build is right."""
    before = tree(warm_site.root / "site")
    shutil.rmtree(warm_site.root / ".cache")
    for moment in (None, "Ran ", "Building documentation to directory", "The site is in"):
        build = processes.start([sys.executable, "-m", "mkdocs", "build"], cwd=warm_site.root)
        if moment is None:
            processes.wait_for(warm_site.root / ".cache")
        else:
            processes.wait_for_line(build, moment)
        build.kill()
        build.wait()
        processes.assert_none_left()
        assert tree(warm_site.root / "site") in (before, {})
    passed(warm_site.build())
    assert tree(warm_site.root / "site") == before


def test_builds_at_once(warm_site, processes):
    """Two in one checkout, with nothing in the cache: each succeeds, and the site is right."""
    before = tree(warm_site.root / "site")
    shutil.rmtree(warm_site.root / ".cache")
    builds = [processes.start([sys.executable, "-m", "mkdocs", "build"], cwd=warm_site.root) for _ in range(2)]
    for build in builds:
        said = build.communicate(timeout=120)[0]
        assert build.returncode == 0, said
    assert tree(warm_site.root / "site") == before
    assert not list(warm_site.root.glob(".site-*"))
    passed(warm_site.build())
    assert report(warm_site)["executed"] == 0


def test_serve(warm_site, processes):
    """An edit of a page, a snippet, a shared definition or the style is live; a mistake is shown on its page, the other
    pages and the server live on, and the mend works."""
    for path in (f"docs/{language}/{name}.md" for language in ("zh", "en") for name in ("loss", "gradient-descent")):
        warm_site.edit(path, "## Second", '```python\n--8<-- "shared.py:shared"\n```\n\n## Second')
    warm_site.write("snippets/shared.py", "# --8<-- [start:shared]\nprint('shared one')\n# --8<-- [end:shared]\n")
    line = warm_site.edit("snippets/gradient_descent.py", 'print("drawn")', "1 / 0")

    server = Server(warm_site, processes)  # starts on a broken book
    for path in ("/", "/en/loss/"):  # live reload is an inline script, which the policy of the built site forbids
        assert "livereload" in server.fetch(path) and "Content-Security-Policy" not in server.fetch(path)
    for language in ("zh", "en"):
        said = alert(server, f"{language}/gradient-descent")
        assert f"docs/{language}/gradient-descent.md:" in said and f"snippets/gradient_descent.py:{line}" in said
        assert "ZeroDivisionError" in said and "drawn" in server.page(f"{language}/loss")
    server.edited("snippets/gradient_descent.py", "1 / 0", "print('mended')")
    assert "mended" in server.page("zh/gradient-descent") and not alert(server, "zh/gradient-descent")

    server.edited(LOSS, "See ", "See now ")
    assert "See now" in server.page("en/loss") and "See now" not in server.page("zh/loss")

    server.edited("snippets/shared.py", "one", "two")
    assert all("shared two" in server.page(f"{language}/{name}")
               for language in ("zh", "en") for name in ("loss", "gradient-descent"))

    server.edited("docs/assets/figures.mplstyle", "lines.linewidth: 1.8", "lines.linewidth: 7.7")
    assert 'stroke-width="7.7"' in server.page("en/loss")

    server.edited("snippets/loss.py", "drawn", "painted")
    assert "painted" in server.page("en/loss") and "painted" not in server.page("en/gradient-descent")

    server.edited("docs/zh/loss.md", "loss.py:last", "loss.py:lost")
    assert "no section 'lost'" in alert(server, "zh/loss") and "painted" in server.page("en/loss")
    server.edited("docs/zh/loss.md", "loss.py:lost", "loss.py:last")
    assert not alert(server, "zh/loss") and "painted" in server.page("zh/loss")

    server.edited(LOSS, "$x^2$", "$\\frac{x$")
    assert "formula" in alert(server, "en/loss") and not alert(server, "zh/loss")
    server.edited(LOSS, "$\\frac{x$", "$x^3$")
    assert not alert(server, "en/loss")
    server.edited(LOSS, "description:", "descripton:")
    assert "descripton" in alert(server, "en/loss") and not alert(server, "en/gradient-descent")
    server.edited(LOSS, "descripton:", "description:")
    assert not alert(server, "en/loss")

    server.program.send_signal(signal.SIGINT if sys.platform != "win32" else signal.CTRL_C_EVENT)
    server.program.communicate(timeout=30)
    processes.assert_none_left()


@posix
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_ended_server_leaves_no_process(warm_site, processes, number):
    server = Server(warm_site, processes)
    assert len(processes.left()) >= 3
    server.program.send_signal(number)
    server.program.communicate(timeout=30)
    processes.assert_none_left()
