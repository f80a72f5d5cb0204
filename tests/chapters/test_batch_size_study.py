"""The lab's checks and what its page claims of the given run."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest

LAB = "batch-size-study"


@pytest.fixture(scope="module")
def lab(run_lab) -> dict:
    return run_lab(LAB)


def solutions(lab: dict) -> dict[str, tuple[str, object, list[str]]]:
    """What a learner may write, made of what is right: (check, function, words of the answer)."""
    rate, band, difference = lab["learning_rate"], lab["band"], lab["difference"]
    def rule(**powers):
        return lambda B, name: 0.1 * (B / 10) ** ({"constant": 0, "linear": 1, "root": 0.5} | powers)[name]

    def unpaired(a, b):
        return np.mean(a - b), 2 * np.hypot(a.std(ddof=1), b.std(ddof=1)) / np.sqrt(len(a))

    return {
        "rate: empty": ("rate_faults", lambda B, rule: None, ["not written yet"]),
        "rate: linear as root": ("rate_faults", rule(linear=0.5), ["linear", "is 0.2, expected 0.4", "square root"]),
        "rate: root as linear": ("rate_faults", rule(root=1), ["root", "is 0.4, expected 0.2", "the linear rule"]),
        "rate: linear as constant": ("rate_faults", rule(linear=0), ["is 0.1, expected 0.4", "that is constant"]),
        "rate: inverse": ("rate_faults", rule(linear=-1), ["0.025", "larger rate, not a smaller"]),
        "rate: from B = 1": ("rate_faults", lambda B, name: 0.1 * B if name == "linear" else rate(B, name),
                             ["is 4, expected 0.4", "not to B = 1"]),
        "rate: constant forgotten": ("rate_faults", lambda B, name: rate(B, name) if name != "constant" else 0.4,
                                     ["constant", "expected 0.1"]),
        "rate: array": ("rate_faults", lambda B, name: np.array([0.1]), ["expected one number"]),
        "rate: factor missing": ("rate_faults", lambda B, name: 10 * rate(B, name), ["factor 0.1 is missing"]),
        "rate: linear, factor missing": ("rate_faults", lambda B, name: B / 10 if name == "linear" else rate(B, name),
                                         ["is 4, expected 0.4", "the factor 0.1 is missing"]),
        "rate: root from B = 1": ("rate_faults", lambda B, name: 0.1 * B**0.5 if name == "root" else rate(B, name),
                                  ["is 0.6325, expected 0.2", "not to B = 1"]),
        "rate: square": ("rate_faults", rule(linear=2), ["the square of B / 10"]),
        "rate: root squared": ("rate_faults", rule(root=2), ["root", "is 1.6", "the square of B / 10"]),
        "rate: root inverse": ("rate_faults", rule(root=-0.5), ["is 0.05", "a larger batch gets a larger rate"]),
        "rate: whole division": ("rate_faults", lambda B, name: 0.1 * (B // 10) if name == "linear" else rate(B, name),
                                 ["at B = 5 the rate is 0.0, expected 0.05"]),
        "rate: for 40 alone": ("rate_faults", lambda B, name: {"constant": 0.1, "linear": 0.4, "root": 0.2}[name],
                               ["right at B = 40, but at B = 10"]),
        "rate: capped": ("rate_faults", lambda B, name: min(rate(B, name), 1.0), ["B = 300 the rate is 1.0"]),
        "rate: text": ("rate_faults", lambda B, name: "0.1", ["is a str, expected one number"]),
        "rate: a rule unknown": ("rate_faults", lambda B, name: {"constant": 0.1}[name], ["stops with KeyError"]),
        "band: tuple": ("band_faults", lambda v: tuple(np.quantile(v, [0.1, 0.5, 0.9], axis=1)), ["tuple", "np.array"]),
        "band: list": ("band_faults", lambda v: [np.quantile(v, q, axis=1) for q in (0.1, 0.5, 0.9)],
                       ["is a list", "one array"]),
        "band: over everything": ("band_faults", lambda v: np.quantile(v, [0.1, 0.5, 0.9]), ["(3,), expected (3, 3)"]),
        "band: percent": ("band_faults", lambda v: np.quantile(v, [10, 50, 90], axis=1), ["stops with ValueError"]),
        "band: shares as percent": ("band_faults", lambda v: np.percentile(v, [0.1, 0.5, 0.9], axis=1),
                                    ["from 0.1% to 0.9%"]),
        "band: normal": ("band_faults", lambda v: np.array([v.mean(1) - v.std(1), v.mean(1), v.mean(1) + v.std(1)]),
                         ["mean and standard deviation"]),
        "band: normal about the median": ("band_faults", lambda v: np.array([
            v.mean(1) - v.std(1), np.median(v, 1), v.mean(1) + v.std(1)]), ["mean and standard deviation"]),
        "band: 5 to 95": ("band_faults", lambda v: np.quantile(v, [0.05, 0.5, 0.95], axis=1), ["from 5% to 95%"]),
        "band: median first": ("band_faults", lambda v: np.quantile(v, [0.5, 0.1, 0.9], axis=1), ["comes second"]),
        "band: middle of the ends": ("band_faults", lambda v: np.array([
            band(v)[0], (band(v)[0] + band(v)[2]) / 2, band(v)[2]]), ["is not the median"]),
        "band: low and high": ("band_faults", lambda v: band(v)[[0, 2]], ["(2, 3), expected (3, 3)"]),
        "band: axis": ("band_faults", lambda v: np.quantile(v, [0.1, 0.5, 0.9], axis=0), ["(3, 21)", "axis 1"]),
        "band: transposed": ("band_faults", lambda v: band(v).T, ["transposed"]),
        "band: mean": ("band_faults", lambda v: np.array([band(v)[0], v.mean(axis=1), band(v)[2]]), ["the median"]),
        "band: extremes": ("band_faults", lambda v: np.quantile(v, [0, 0.5, 1], axis=1), ["10% and 90%"]),
        "band: upside down": ("band_faults", lambda v: band(v)[::-1], ["low first"]),
        "band: median only": ("band_faults", lambda v: np.median(v, axis=1), ["(3,)", "(3, 3)"]),
        "band: quartiles": ("band_faults", lambda v: np.quantile(v, [0.25, 0.5, 0.75], axis=1), ["from 25% to 75%"]),
        "difference: sign": ("difference_faults", lambda a, b: difference(b, a), ["reversed", "a - b"]),
        "difference: median": ("difference_faults", lambda a, b: (np.max(a - b), 0.0), ["0.0200", "the mean of a - b"]),
        "difference: no root": ("difference_faults", lambda a, b: (np.mean(a - b), 2 * (a - b).std(ddof=1)),
                                ["square root of the number"]),
        "difference: by R": ("difference_faults", lambda a, b: (np.mean(a - b), 2 * (a - b).std(ddof=1) / len(a)),
                             ["not its root"]),
        "difference: one error": ("difference_faults",
                                  lambda a, b: (np.mean(a - b), (a - b).std(ddof=1) / np.sqrt(len(a))),
                                  ["one standard error, expected two"]),
        "difference: deviation": ("difference_faults", lambda a, b: (np.mean(a - b), (a - b).std(ddof=1)),
                                  ["standard deviation of one"]),
        "difference: ddof": ("difference_faults", lambda a, b: (np.mean(a - b), 2 * (a - b).std() / np.sqrt(len(a))),
                             ["ddof=1"]),
        "difference: unpaired": ("difference_faults", unpaired, ["pairs", "standard deviation of a - b"]),
        "difference: one number": ("difference_faults", lambda a, b: np.mean(a - b), ["expected mean, margin"]),
        "difference: not the mean": ("difference_faults", lambda a, b: (a - b, 0.1), ["the mean is an array", "(7,)"]),
        "difference: margin of each": ("difference_faults", lambda a, b: (np.mean(a - b), abs(a - b)),
                                       ["the margin is an array"]),
        "difference: variance": ("difference_faults",
                                 lambda a, b: (np.mean(a - b), 2 * (a - b).var(ddof=1) / np.sqrt(len(a))),
                                 ["made of the variance"]),
        "difference: root of R - 1": ("difference_faults",
                                      lambda a, b: (np.mean(a - b), 2 * (a - b).std(ddof=1) / np.sqrt(len(a) - 1)),
                                      ["root of R - 1"]),
        "right difference, by R - 1": ("difference_faults",
                                       lambda a, b: (np.mean(a - b), 2 * (a - b).std() / np.sqrt(len(a) - 1)),
                                       ["right"]),
        "difference: negative": ("difference_faults", lambda a, b: (np.mean(a - b), -difference(a, b)[1]),
                                 ["a margin is positive"]),
        "difference: 1.96": ("difference_faults", lambda a, b: (np.mean(a - b), 0.98 * difference(a, b)[1]), ["1.96"]),
        "difference: t": ("difference_faults", lambda a, b: (np.mean(a - b), 1.225 * difference(a, b)[1]), ["2.45"]),
        "difference: list": ("difference_faults", lambda a, b: list(difference(a, b)), ["returns a list"]),
        "difference: the ends": ("difference_faults", lambda a, b: (np.mean(a - b) - difference(a, b)[1],
                                                                    np.mean(a - b) + difference(a, b)[1]),
                                 ["that is the lower end"]),
        "difference: other way round": ("difference_faults", lambda a, b: difference(a, b)[::-1], ["mean 0.0062"]),
        "difference: in percent": ("difference_faults", lambda a, b: difference(100 * a, 100 * b), ["mean 1.0000"]),
        "right root by sqrt": ("rate_faults", lambda B, name: float(rate(B, name)), ["right"]),
        "right band, stacked": ("band_faults", lambda v: np.array([np.quantile(v, q, axis=1) for q in (0.1, 0.5, 0.9)]),
                                ["right"]),
    }


@pytest.mark.parametrize("name", solutions(defaultdict(lambda: None)))
def test_a_solution_is_answered(lab: dict, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    faults, solution, words = solutions(lab)[name]
    lab["report"]("task", lab[faults](solution))
    said = " ".join(capsys.readouterr().out.split()).removeprefix("task: ")
    assert (said == "right") is name.startswith("right"), said
    for word in words:
        assert word in said


TASKS = ("learning_rate", "band", "difference")


def test_every_task_is_empty_and_its_solution_right(run_lab, capsys: pytest.CaptureFixture[str]) -> None:
    run_lab(LAB)
    said = capsys.readouterr().out.splitlines()
    for task in TASKS:
        rows = [f"{task}: not written yet", f"{task}_solution: right", f"{task}: from here on the solution is used"]
        places = [said.index(row) for row in rows]
        assert places == sorted(places)


def run_all(page, changes: dict[str, str]) -> tuple[dict, list[str]]:
    """Names and printed lines of the lab, each text in its cells replaced as a learner would."""
    import matplotlib.pyplot as plt
    names, said = {}, []
    names["print"] = lambda *parts: said.append(" ".join(map(str, parts)))
    left = dict(changes)
    with plt.rc_context({"backend": "agg"}):
        for block in page.blocks:
            code = block.section.code
            for old in [old for old in left if old in code]:
                code = code.replace(old, left.pop(old))
            exec(compile(code, LAB, "exec"), names)
        plt.close("all")
    assert not left
    return names, said


QUICK = {"batch_sizes = [10, 50, 300]": "batch_sizes = [50, 300]", "epochs = 15": "epochs = 2"}


@pytest.mark.parametrize(("task", "argument", "body", "right"), [
    ("learning_rate", "batch_size, rule", "return 0.1 * (batch_size / 10) ** ('constant linear'.split().index(rule)"
     " if rule != 'root' else 0.5)", True),
    ("learning_rate", "batch_size, rule", "return 0.1", False),
    ("band", "values", "return np.percentile(values, [10, 50, 90], axis=1)", True),
    ("band", "values", "return np.quantile(values, [0, 0.5, 1], axis=1)", False),
    ("difference", "a, b", "return np.mean(a - b), 1.0", False)])
def test_run_all_keeps_what_the_learner_wrote(real_pages, task: str, argument: str, body: str, right: bool) -> None:
    head = f"def {task}({argument}):\n    \"\"\""
    page = real_pages[f"docs/en/labs/{LAB}.md"]
    cell = next(block.section.code for block in page.blocks
                if head in block.section.code and "# your" in block.section.code)
    function = cell[:cell.index("# your code") + len("# your code")]
    names, said = run_all(page, QUICK | {function: function.replace("# your code", body)})
    assert names[task] is not names[f"{task}_solution"] and names[task].__name__ == task
    used = f"{task}: from here on yours is used"
    assert [row.strip() for row in said if row.startswith(used)] == [used + " (it is not right yet)" * (not right)]


@pytest.mark.parametrize("settings", [
    {"batch_sizes = [10, 50, 300]": "batch_sizes = [5, 20, 100]"},
    {'rules = ["constant", "linear"]': 'rules = ["root"]'},
    {"batch_sizes = [10, 50, 300]": "batch_sizes = [30, 7]", 'rules = ["constant", "linear"]': 'rules = ["linear"]'},
    {"batch_sizes = [10, 50, 300]": "batch_sizes = (400, 400)", "seeds = range(5)": "seeds = [3, 7]"},
    {"batch_sizes = [10, 50, 300]": "batch_sizes = [10]", "epochs = 2": "epochs = 1"},
    {"seeds = range(5)": "seeds = [4]", 'rules = ["constant", "linear"]': 'rules = ["root", "linear", "constant"]'},
    {"seeds = range(5)": "seeds = range(9)",
     "batch_sizes = [10, 50, 300]": "batch_sizes = [40, 60, 80, 100, 150, 200, 300]"},
    {"seeds = range(5)": "seeds = np.arange(2)", 'rules = ["constant", "linear"]': 'rules = ("root",) * 2'},
    {"seeds = range(5)": "seeds = {8, 3}", "batch_sizes = [10, 50, 300]": "batch_sizes = np.array([299, 301])"},
])
def test_the_settings_can_be_changed(real_pages, settings: dict[str, str]) -> None:
    """To any batch sizes, rules, seeds and epochs; two epochs, so that it is quick."""
    changes = {"epochs = 15": settings.pop("epochs = 2", "epochs = 2")} | settings
    names, said = run_all(real_pages[f"docs/en/labs/{LAB}.md"], changes)
    rates = {(B, float(f"{names['learning_rate'](B, rule):.4g}"))
             for B in names["batch_sizes"] for rule in names["rules"]}
    assert set(names["results"]) == rates
    found = [row for row in said if row.startswith("difference ")]
    assert "settings: right" in said
    alone = "a difference takes two settings and two seeds or more"
    assert (alone in said) is (len(rates) < 2 or len(names["seeds"]) < 2)
    assert len(found) == (alone not in said)
    assert any(row.endswith(f"seeds {[int(seed) for seed in names['seeds']]}") for row in said)


@pytest.mark.parametrize(("settings", "words"), [
    ({"batch_sizes": 50}, "batch_sizes is 50, expected a list"),
    ({"batch_sizes": [10, 0]}, "batch_sizes: 0, expected whole numbers from 1 on"),
    ({"batch_sizes": [10, -5]}, "batch_sizes: -5, expected"), ({"batch_sizes": [32.0]}, "batch_sizes: 32.0, expected"),
    ({"batch_sizes": []}, "batch_sizes is empty"), ({"batch_sizes": [None]}, "batch_sizes: None, expected"),
    ({"rules": "linear"}, "rules is 'linear', expected a list"), ({"rules": ["sqrt"]}, "rules: 'sqrt', expected"),
    ({"rules": []}, "rules is empty"), ({"seeds": 5}, "seeds is 5, expected a list"),
    ({"seeds": [-1]}, "seeds: -1, expected whole numbers from 0 on"), ({"seeds": []}, "seeds is empty"),
    ({"seeds": ["a"]}, "seeds: 'a', expected"), ({"seeds": [4, 4]}, "seeds: one stands there twice"),
    ({"seeds": (k for k in range(3))}, "expected a list"), ({"epochs": 0}, "epochs: 0, expected whole numbers from 1"),
    ({"epochs": 1.5}, "epochs: 1.5, expected"), ({"epochs": [3]}, "epochs: [3], expected"), ({}, "settings: right")])
def test_settings_that_the_run_cannot_use_are_named(lab: dict, settings: dict, words: str,
                                                    capsys: pytest.CaptureFixture[str]) -> None:
    given = {"batch_sizes": [10, 400], "rules": ["root", "linear"], "seeds": range(2), "epochs": 1} | settings
    lab["report"]("settings", lab["settings_faults"](**given))
    assert words in " ".join(capsys.readouterr().out.split())


def test_the_text_s_other_base_rate(real_pages) -> None:
    """`0.2 * learning_rate(B, rule)`, as the section on what changes asks for."""
    changes = QUICK | {"learning_rate(B, rule):": "0.2 * learning_rate(B, rule):"}
    names, _ = run_all(real_pages[f"docs/en/labs/{LAB}.md"], changes)
    assert set(names["results"]) == {(50, 0.02), (50, 0.1), (300, 0.02), (300, 0.6)}


def test_gradients_against_differences(lab: dict) -> None:
    """Of all parameters of two networks, in float64."""
    rng = np.random.default_rng(0)
    params, X, y = lab["start"](2, rng), rng.random((2, 5, 64)), rng.integers(0, 10, (2, 5))
    for p, d in zip(params, lab["gradients"](params, X, y)):
        for run, place in ((0, 0), (1, p[1].size // 2), (1, p[1].size - 1)):
            index, losses = (run, *np.unravel_index(place, p[run].shape)), []
            for step in (1e-6, -1e-6):
                p[index] += step
                losses.append(lab["scores"](params, X, y)[0, run])
                p[index] -= step
            assert d[index] == pytest.approx((losses[0] - losses[1]) / 2e-6, abs=1e-7)


def test_a_seed_decides_everything(lab: dict) -> None:
    """A run is the same beside other runs; so runs of one seed are pairs."""
    _, alone = lab["study"](50, 0.1, 2, [3])
    updates, beside = lab["study"](50, 0.1, 2, [1, 3, 7])
    np.testing.assert_allclose(beside[:, :, 1:2], alone, rtol=1e-12)
    assert list(updates) == [6, 12] and beside.shape == (2, 4, 3)
    _, other = lab["study"](50, 0.1, 2, [4])
    assert not np.allclose(other, alone)


def test_a_last_batch_that_is_shorter(lab: dict) -> None:
    updates, _ = lab["study"](200, 0.1, 3, [0])
    assert list(updates) == [2, 4, 6]


def test_what_the_page_claims(lab: dict) -> None:
    last = {key: np.median(history[-1, 3]) for key, (_, history) in lab["results"].items()}
    assert last[10, 0.1] > last[50, 0.1] > last[300, 0.1], "at equal epochs the smaller batch is ahead"
    assert abs(last[50, 0.5] - last[10, 0.1]) < 0.02, "the linear rule keeps up"
    assert last[300, 3.0] < 0.15, "and fails for the full batch"
    updates = {key: moments[-1] for key, (moments, _) in lab["results"].items()}
    assert updates[10, 0.1] == 5 * updates[50, 0.5]
    assert (lab["one"], lab["other"]) == ((10, 0.1), (50, 0.5)), "the two that lead"
    assert 0 < lab["wide"] < lab["gap"], "a null result is reported as none"
    assert lab["wide"] == pytest.approx(lab["margin"] * 2.78 / 2)
    assert lab["unpaired"] > 5 * lab["margin"] and lab["unpaired"] > lab["gap"]


def test_how_uncertain_the_deviation_of_five_runs_is() -> None:
    """The forecast's 0.65 and 2.4: in 9 cases of 10 the true deviation lies between these multiples of s."""
    s = np.random.default_rng(0).normal(size=(200_000, 5)).std(axis=1, ddof=1)
    assert np.mean((s * 0.65 < 1) & (s * 2.4 > 1)) == pytest.approx(0.9, abs=0.01)


@pytest.mark.parametrize("R", [2, 3, 5, 10, 20])
def test_students_factors(lab: dict, R: int) -> None:
    """Of 95%: the mean of R normal numbers lies within that many standard errors of the truth."""
    x = np.random.default_rng(R).normal(size=(200_000, R))
    inside = np.abs(x.mean(axis=1)) < lab["STUDENT"][R] * x.std(axis=1, ddof=1) / np.sqrt(R)
    assert inside.mean() == pytest.approx(0.95, abs=0.003)


@pytest.mark.parametrize("rule", ["constant", "linear"])
def test_the_margin_shrinks_with_more_seeds_and_the_band_does_not(lab: dict, rule: str) -> None:
    """The claim of the section `more`, over 20 seeds."""
    runs = {B: 100 * lab["study"](B, lab["learning_rate"](B, rule), 4, range(20))[1][-1, 3] for B in (50, 100)}
    few, many = (lab["difference"](runs[50][:n], runs[100][:n])[1] for n in (5, 20))
    assert many < 0.8 * few
    low, _, high = lab["band"](runs[50][None])
    low5, _, high5 = lab["band"](runs[50][None, :5])
    assert high - low > 0.5 * (high5 - low5)
