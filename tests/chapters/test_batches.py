"""Chapter `batches`: every number and every claim of the page, by a second way where there is one."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import itertools
import re
from pathlib import Path
from types import SimpleNamespace

import matplotlib
import numpy as np
import pytest
from mlp import backward, cross_entropy, forward
from numerical_gradient import numerical_gradient
from sklearn.datasets import load_digits
from threadpoolctl import threadpool_limits

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

ROOT = Path(__file__).parents[2]
SIZES = (1, 10, 50, 300)
RUNS, N = 20, 300


@pytest.fixture(scope="module")
def chapter():
    """The chapter, run from top to bottom: its names, what it printed, its figures in order."""
    plt.close("all")
    spec = importlib.util.spec_from_file_location("batches_chapter", ROOT / "snippets" / "batches.py")
    module = importlib.util.module_from_spec(spec)
    with threadpool_limits(1), contextlib.redirect_stdout(io.StringIO()) as out:  # as the book runs it
        spec.loader.exec_module(module)
    figures = [plt.figure(number) for number in plt.get_fignums()]
    yield SimpleNamespace(names=module, out=out.getvalue().splitlines(), figures=figures)
    plt.close("all")


@pytest.fixture(scope="module")
def bt(chapter):
    return chapter.names


def printed(chapter, start: str) -> list[str]:
    """What follows `start` in each line that begins with it."""
    return [line[len(start):].strip() for line in chapter.out if line.startswith(start)]


def data(line) -> np.ndarray:
    return np.array([line.get_xdata(), line.get_ydata()], dtype=float)


def band(ax, index: int) -> np.ndarray:
    """Corners of the index-th filled band."""
    return ax.collections[index].get_paths()[0].vertices


def holds(band: np.ndarray, x: float, y: float) -> bool:
    return bool(np.isclose(band, [x, y], rtol=1e-6, atol=1e-9).all(axis=1).any())


def layers(params, run: int):
    """One of the runs as the book's one-run network holds it."""
    W1, b1, W2, b2 = (p[run].copy() for p in params)
    return [(W1, b1[0]), (W2, b2[0])]


def one_gradient(net, X, y):
    scores, cache = forward(net, X, "relu")
    loss, dZ = cross_entropy(scores, np.eye(10)[y])
    return loss, backward(net, cache, dZ)


def flat(grads) -> np.ndarray:
    return np.concatenate([part.ravel() for pair in grads for part in pair])


def test_every_check_that_the_page_prints_holds(chapter):
    text = "\n".join(chapter.out)
    assert "False" not in text
    assert text.count("True") == 1 + 2 + 2 + 2 + 1  # net, noise, time, equal_time, exercise_1


def test_there_are_five_figures(chapter):
    assert len(chapter.figures) == 5


# counting


def test_updates_per_epoch(chapter):
    """E15, E82: an epoch is ceil(N / B) updates."""
    rows = [(10_000, 10, 1000, 10), (1000, 100, 10, 100), (60_000, 1, 60_000, 1),
            (60_000, 1000, 60, 1000), (1000, 300, 4, 100)]
    for row, (n, size, updates, last) in zip(chapter.out, rows, strict=False):
        assert row == f"N = {n}, B = {size}: {updates} updates in one epoch, the last with {last}"
        assert updates == int(np.ceil(n / size))


def test_batches_share_out_all_examples_in_random_order(bt):
    found = bt.batches(10, 4, np.random.default_rng(0))
    assert [len(batch) for batch in found] == [4, 4, 2]
    order = np.concatenate(found)
    assert sorted(order) == list(range(10)) and order.tolist() != list(range(10))
    assert np.concatenate(bt.batches(10, 4, np.random.default_rng(1))).tolist() != order.tolist()


# many rough steps


@pytest.fixture
def line(bt, monkeypatch):
    """The 20 examples, made again; under x and y the script holds others by its end."""
    rng = np.random.default_rng(5)
    x = rng.normal(size=20)
    x = (x - x.mean()) / x.std()
    y = 0.5 + x + rng.normal(0, 0.6, 20)
    monkeypatch.setattr(bt, "x", x)
    monkeypatch.setattr(bt, "y", y)
    return x, y


def mse(p, x, y) -> float:
    return sum((p[0] * a + p[1] - b) ** 2 for a, b in zip(x, y, strict=True)) / len(x)


@pytest.mark.parametrize("size", [1, 5, 20])
def test_descend_follows_the_gradient_of_each_batch(bt, line, size):
    x, y = line
    path, rng, p = bt.descend(size, 3), np.random.default_rng(0), np.zeros(2)
    assert path.shape == (3 * 20 // size + 1, 20, 2)
    t = 0
    for _ in range(3):
        order = rng.permuted(np.tile(np.arange(20), (20, 1)), axis=1)[7]
        for i in range(0, 20, size):
            k = order[i:i + size]
            p = p - 0.1 * numerical_gradient(lambda q, k=k: mse(q, x[k], y[k]), p)
            t += 1
            np.testing.assert_allclose(path[t, 7], p, atol=1e-8)


def test_the_bowl_is_round(chapter, bt, line):
    x, y = line
    best = np.linalg.lstsq(np.column_stack([x, np.ones(20)]), y, rcond=None)[0]
    np.testing.assert_allclose(bt.best, best)
    for size in (1, 5, 20):
        path = bt.descend(size, 30)[:: 20 // size]
        assert bt.excess[size].shape == (31, 20)
        for epoch, run in ((0, 0), (1, 3), (30, 19)):
            above = mse(path[epoch, run], x, y) - mse(best, x, y)
            assert bt.excess[size][epoch, run] == pytest.approx(above, abs=1e-12)


def test_small_batches_are_ahead_first_and_behind_later(chapter, bt, line):
    median = {size: np.median(bt.excess[size], axis=1) for size in (1, 5, 20)}
    assert median[1][1] < 0.1 * median[20][1] and median[1][1] < median[5][1] < median[20][1]
    assert median[20][30] < 0.1 * median[5][30] < 0.01 * median[1][30] * 10
    assert 0.003 < median[1][10] < 0.1 and 0.003 < median[1][30] < 0.1  # the floor
    for size in (1, 5, 20):
        row = (f"{20 // size} updates per epoch; loss above the minimum: {median[size][1]:.3f} after 1 epoch, "
               f"{median[size][-1]:.1g} after 30")
        assert row in printed(chapter, f"B = {size}:")
    ways = {size: np.array([sum(np.linalg.norm(b - a) for a, b in itertools.pairwise(bt.descend(size, 30)[:, run]))
                            for run in range(20)]) for size in (1, 20)}
    assert printed(chapter, "path of B = 1:") == [f"{np.mean(ways[1] / ways[20]):.0f} times as long"]
    np.testing.assert_allclose(bt.length[1], ways[1])
    assert np.mean(ways[1] / ways[20]) > 20


def test_figure_of_the_two_paths(chapter, bt, line):
    left, right = chapter.figures[0].axes
    for line_, size in zip(left.lines[:2], (1, 20), strict=True):
        np.testing.assert_allclose(data(line_), bt.descend(size, 5)[:, 0].T)
    np.testing.assert_allclose(data(left.lines[2]).ravel(), bt.best)
    (contours,) = left.collections
    for level, segments in zip(contours.levels, contours.allsegs, strict=True):
        for points in segments:
            np.testing.assert_allclose(np.sum((points - bt.best) ** 2, axis=1), level, rtol=0.1)
    assert sum(len(s) > 0 for s in contours.allsegs) == 5
    for i, size in enumerate((1, 5, 20)):
        np.testing.assert_allclose(data(right.lines[i])[1], np.median(bt.excess[size], axis=1))
        for epoch, level in ((3, 0.1), (30, 0.9)):
            assert holds(band(right, i), epoch, np.quantile(bt.excess[size][epoch], level))


# the law


def test_all_pairs(chapter):
    g = (1, 2, 3, 6)
    pairs = np.array([sum(pair) / 2 for pair in itertools.combinations(g, 2)])
    assert printed(chapter, "without replacement:") == ["[1.5 2.  2.5 3.5 4.  4.5]"]
    assert sorted(pairs) == [1.5, 2, 2.5, 3.5, 4, 4.5]
    assert printed(chapter, "mean 3.0000,") == [f"variance {pairs.var():.4f}, law {3.5 / 2 * 2 / 3:.4f}"]
    assert pairs.var() == pytest.approx(7 / 6) and pairs.mean() == 3
    both = np.array([sum(pair) / 2 for pair in itertools.product(g, g)])
    assert printed(chapter, "with replacement:") == [f"mean 3.0000, variance {both.var():.4f}, law {3.5 / 2:.4f}"]


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5])
def test_the_law_is_exact_for_vectors(size):
    """Formula bt-variance and bt-pair over all batches of 5 random vectors."""
    g = np.random.default_rng(1).normal(size=(5, 3))
    d = g - g.mean(axis=0)
    sigma2 = np.sum(d**2, axis=1).mean()
    means = np.array([g[list(k)].mean(axis=0) for k in itertools.combinations(range(5), size)])
    np.testing.assert_allclose(means.mean(axis=0), g.mean(axis=0))
    off = np.sum((means - g.mean(axis=0)) ** 2, axis=1).mean()
    assert off == pytest.approx(sigma2 / size * (5 - size) / 4, abs=1e-12)
    pairs = [d[i] @ d[j] for i, j in itertools.permutations(range(5), 2)]
    assert np.mean(pairs) == pytest.approx(-sigma2 / 4)


# the networks


def test_each_run_has_its_own_split(bt):
    X, y = load_digits(return_X_y=True)
    assert bt.X_train.shape == (RUNS, N, 64) and bt.X_test.shape == (RUNS, 1497, 64)
    order = np.lexsort((X / 16).T)
    for run in (0, 3, 19):
        both = np.concatenate([bt.X_train[run], bt.X_test[run]])
        labels = np.concatenate([bt.y_train[run], bt.y_test[run]])
        again = np.lexsort(both.T)
        np.testing.assert_array_equal(both[again], (X / 16)[order])
        assert sorted(labels) == sorted(y)
    assert (bt.X_train.min(), bt.X_train.max()) == (0, 1)
    assert not np.array_equal(bt.X_train[0], bt.X_train[1])
    for image, label in zip(bt.X_train[2, :20], bt.y_train[2, :20], strict=True):
        assert y[np.argmax((image * 16 == X).all(axis=1))] == label
    for image, label in zip(bt.X_test[2, :20], bt.y_test[2, :20], strict=True):
        assert y[np.argmax((image * 16 == X).all(axis=1))] == label


def test_start(bt):
    W1, b1, W2, b2 = bt.start(np.random.default_rng(0))
    assert (W1.shape, b1.shape, W2.shape, b2.shape) == ((20, 64, 32), (20, 1, 32), (20, 32, 10), (20, 1, 10))
    assert sum(p[0].size for p in (W1, b1, W2, b2)) == 2410
    assert not b1.any() and not b2.any()
    for W, variance in ((W1, 2 / 64), (W2, 1 / 32)):
        assert W.var() == pytest.approx(variance, rel=0.05) and abs(W.mean()) < 0.01


def test_gradients_of_all_runs_equal_the_one_run_network(bt):
    params = bt.start(np.random.default_rng(8))
    params[1] += 0.1
    found = bt.gradients(params, bt.X_train[:, :7], bt.y_train[:, :7])
    hidden, P = bt.probabilities(params, bt.X_train[:, :7])
    for run in range(RUNS):
        net = layers(params, run)
        _, grads = one_gradient(net, bt.X_train[run, :7], bt.y_train[run, :7])
        np.testing.assert_allclose(np.concatenate([d[run].ravel() for d in found]), flat(grads), atol=1e-12)
        scores, _ = forward(net, bt.X_train[run, :7], "relu")
        np.testing.assert_allclose(P[run], np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True))
        np.testing.assert_allclose(hidden[run], forward(net[:1], bt.X_train[run, :7], output="relu")[0])


def test_large_scores_do_not_overflow(bt):
    params = bt.start(np.random.default_rng(8))
    params[3][:, 0, 4] = 1e4
    assert np.array_equal(bt.probabilities(params, bt.X_train[:, :1])[1].argmax(axis=2), np.full((20, 1), 4))


def test_printed_initial_loss(chapter, bt):
    net = layers(bt.start(np.random.default_rng(2)), 3)
    loss, _ = one_gradient(net, bt.X_train[3], bt.y_train[3])
    assert printed(chapter, "initial loss") == [f"{loss:.2f}, ln 10 = {np.log(10):.2f}; run 3 equals mlp: True"]


# the noise


def test_rows_of_G_are_gradients_of_single_examples(chapter, bt):
    net = layers(bt.start(np.random.default_rng(2)), 0)
    assert bt.G.shape == (300, 2410)
    for n in (0, 17, 299):
        _, grads = one_gradient(net, bt.X_train[0, n:n + 1], bt.y_train[0, n:n + 1])
        np.testing.assert_allclose(bt.G[n], flat(grads), atol=1e-12)
    g = flat(one_gradient(net, bt.X_train[0], bt.y_train[0])[1])
    assert bt.variance == pytest.approx(np.mean([np.sum((row - g) ** 2) for row in bt.G]))
    assert printed(chapter, "G: (300, 2410)") == ["mean equals the gradient: True"]
    assert printed(chapter, "so does the mean of the 30 batches of an epoch:") == ["True"]


def test_draw(bt):
    """Batches of one are single examples; a batch of all, without replacement, is the full gradient."""
    K = np.sum((bt.draw(1, False)[:, None, -40:] - bt.G[None, :, -40:]) ** 2, axis=2)
    assert K.min(axis=1).max() < 1e-20 and len(set(K.argmin(axis=1))) > 150
    np.testing.assert_allclose(bt.draw(300, False), np.tile(bt.G.mean(axis=0), (400, 1)), atol=1e-12)
    assert np.sum((bt.draw(300, True) - bt.G.mean(axis=0)) ** 2, axis=1).min() > 1e-3


def test_measured_variance_follows_the_laws(chapter, bt):
    sizes = np.array([1, 2, 5, 10, 30, 100, 200, 270, 299, 300])
    np.testing.assert_array_equal(bt.sizes, sizes)
    with_, without = bt.variance / sizes, bt.variance / sizes * (300 - sizes) / 299
    np.testing.assert_allclose(bt.measured[True], with_, rtol=0.15)
    np.testing.assert_allclose(bt.measured[False][:-1], without[:-1], rtol=0.15)
    assert np.median(abs(bt.measured[False][:-1] / without[:-1] - 1)) < 0.05  # "within a few percent"
    assert np.median(abs(bt.measured[True] / with_ - 1)) < 0.05
    assert bt.measured[False][-1] < 1e-25 and without[-1] == 0
    for size in (10, 100, 300):
        i = sizes.tolist().index(size)
        row = (f"with {bt.measured[True][i]:.4f}, law {with_[i]:.4f}; "
               f"without {bt.measured[False][i]:.4f}, law {without[i]:.4f}")
        assert row in printed(chapter, f"B = {size}:")


@pytest.mark.parametrize("replace", [True, False])
def test_the_batch_gradient_is_unbiased(bt, replace):
    g = bt.G.mean(axis=0)
    for size in (5, 50):
        law = bt.variance / size * (1 if replace else (300 - size) / 299)
        off = np.sum((bt.draw(size, replace).mean(axis=0) - g) ** 2)
        assert off < 4 * law / 400


def test_figure_of_the_noise(chapter, bt):
    (ax,) = chapter.figures[1].axes
    dots, law, without, curve = ax.lines
    np.testing.assert_allclose(data(dots), [bt.sizes, bt.measured[True]])
    np.testing.assert_allclose(data(without), [bt.sizes[:-1], bt.measured[False][:-1]])
    x, y = data(law)
    np.testing.assert_allclose(x * y, bt.variance)
    x, y = data(curve)
    np.testing.assert_allclose(y, bt.variance / x * (300 - x) / 299)
    assert (x[0], x[-1]) == (1, 299.5) and (np.diff(x) > 0).all() and len(x) == 300
    assert (law.get_label(), curve.get_label()) == ("with replacement", "without")
    assert {ax.get_xscale(), ax.get_yscale()} == {"log"}


# time


def test_times(chapter, bt):
    """S1-14, E91, with wide margins: an update costs more with B, an epoch less."""
    assert list(bt.t) == [1, 10, 100, 1000]
    assert bt.t[1000] < 200 * bt.t[1]
    assert bt.t[1] * 60_000 > 5 * bt.t[1000] * 60
    for size in (1, 10, 100, 1000):
        update, epoch = bt.t[size] / bt.t[1], bt.t[size] * (60_000 // size) / (bt.t[1] * 60_000)
        assert f"update {update:.1f} times B = 1, epoch {epoch:.4f} times" in printed(chapter, f"B = {size}:")


def test_seconds_is_the_best_time_of_one_update_of_one_network(bt, monkeypatch):
    clock = iter(np.cumsum(np.concatenate([[0, step] for step in (3.0, 1, 9, 2, 5)])))
    seen = []

    def record(params, X, y, lr):
        seen.append((params[0].shape, X.shape, y.shape, lr))

    monkeypatch.setattr(bt, "update", record)
    monkeypatch.setattr(bt, "time", SimpleNamespace(perf_counter=lambda: next(clock)))
    monkeypatch.setattr(bt, "X", load_digits().data / 16)
    monkeypatch.setattr(bt, "y", load_digits().target)
    assert bt.seconds(6, repeats=5) == 1
    assert seen == [((1, 64, 32), (1, 6, 64), (1, 6), 0.1)] * 5


def test_update_is_one_step_in_place(bt):
    params = bt.start(np.random.default_rng(4))
    before = [p.copy() for p in params]
    grads = bt.gradients(params, bt.X_train[:, :5], bt.y_train[:, :5])
    bt.update(params, bt.X_train[:, :5], bt.y_train[:, :5], 0.3)
    for p, old, d in zip(params, before, grads, strict=True):
        np.testing.assert_allclose(p, old - 0.3 * d)


# training


def test_evaluate(bt):
    params = bt.start(np.random.default_rng(4))
    loss, accuracy = bt.evaluate(params, bt.X_test, bt.y_test)
    for run in (0, 11):
        scores, _ = forward(layers(params, run), bt.X_test[run], "relu")
        assert loss[run] == pytest.approx(cross_entropy(scores, np.eye(10)[bt.y_test[run]])[0])
        assert accuracy[run] == np.mean(scores.argmax(axis=1) == bt.y_test[run])
    assert loss.shape == accuracy.shape == (RUNS,)


@pytest.mark.parametrize("size", [70, 300])
def test_train_equals_one_run_trained_alone(bt, size):
    marks = [2, 5, 12]
    history = bt.train(size, 0.2, marks)
    assert list(history) == marks
    rng = np.random.default_rng(3)
    net, done = layers(bt.start(rng), 4), 0
    while done < 12:
        order = rng.permuted(np.tile(np.arange(N), (RUNS, 1)), axis=1)[4]
        for i in range(0, N, size):
            k = order[i:i + size]
            _, grads = one_gradient(net, bt.X_train[4][k], bt.y_train[4][k])
            net = [(W - 0.2 * dW, b - 0.2 * db) for (W, b), (dW, db) in zip(net, grads, strict=True)]
            done += 1
            if done in marks:
                expected = []
                for X, y in ((bt.X_train[4], bt.y_train[4]), (bt.X_test[4], bt.y_test[4])):
                    scores, _ = forward(net, X, "relu")
                    expected += [cross_entropy(scores, np.eye(10)[y])[0], np.mean(scores.argmax(axis=1) == y)]
                np.testing.assert_allclose(history[done][:, 4], expected, rtol=1e-6)
            if done == 12:
                break


# the three budgets


def test_equal_epochs_and_equal_updates(chapter, bt):
    """Q26: the advantage of the small batch belongs to equal epochs; at equal updates it is gone."""
    assert list(bt.history) == list(SIZES)
    for size in SIZES:
        np.testing.assert_array_equal(bt.same_epochs[size], bt.history[size][5 * 300 // size])
        np.testing.assert_array_equal(bt.same_updates[size], bt.history[size][500])
    again = bt.train(50, 0.1, [30])[30]
    np.testing.assert_allclose(bt.same_epochs[50], again, rtol=1e-6)
    epochs = {size: bt.same_epochs[size].mean(axis=1) for size in SIZES}
    updates = {size: bt.same_updates[size].mean(axis=1) for size in SIZES}
    assert epochs[1][0] < 0.7 * epochs[10][0] and epochs[10][0] < 0.5 * epochs[50][0] < epochs[300][0]
    assert epochs[1][3] > epochs[10][3] > epochs[50][3] + 0.2 > epochs[300][3] + 0.4
    assert epochs[300][0] > 2.1 and epochs[300][3] < 0.25  # it still guesses
    same = [updates[size][0] for size in (10, 50, 300)]
    assert max(same) - min(same) < 0.02 and updates[1][0] > 2 * max(same)
    assert np.ptp([updates[size][3] for size in (10, 50, 300)]) < 0.01 and updates[1][3] < 0.88
    for rows in (bt.same_epochs, bt.same_updates):
        for size, (loss, _, _, accuracy) in rows.items():
            row = (f"training loss {loss.mean():.3f} ± {loss.std():.3f}, "
                   f"test accuracy {accuracy.mean():.3f} ± {accuracy.std():.3f}")
            assert row in printed(chapter, f"  B = {size}:")
    start = chapter.out.index("5 epochs")
    assert chapter.out[start + 5] == "500 updates"


def test_figure_of_the_budgets(chapter, bt):
    left, right = chapter.figures[2].axes
    for i, size in enumerate(SIZES):
        updates = np.array(list(bt.history[size]))
        losses = np.array([scores[0] for scores in bt.history[size].values()])
        for ax, at in ((left, updates * size / 300), (right, updates)):
            np.testing.assert_allclose(data(ax.lines[i]), [at, np.median(losses, axis=1)])
            assert {ax.get_xscale(), ax.get_yscale()} == {"log"}
            for mark, level in ((0, 0.1), (-1, 0.9)):
                assert holds(band(ax, i), at[mark], np.quantile(losses[mark], level))
    assert left.get_xlim() == pytest.approx((0.1, 500))
    assert (left.get_xlabel(), right.get_xlabel()) == ("epochs", "updates")


def test_equal_time(chapter, bt):
    """Q42: per second the winner is neither end."""
    for size in SIZES:
        done = 300 * bt.cost[10] / bt.cost[size]
        marks = np.array(list(bt.history[size]))
        loss = np.interp(done, marks, [scores[0].mean() for scores in bt.history[size].values()])
        assert bt.same_time[size] == pytest.approx(loss)
        assert f"{done:.0f} updates, training loss {loss:.2f}" in printed(chapter, f"B = {size}:")
    assert bt.same_time[1] > 1.5 * bt.same_time[10] and bt.same_time[300] > 1.5 * bt.same_time[10]
    assert printed(chapter, "1.5 times the loss of B = 10, or more:") == ["{1: True, 300: True}"]


# the saddle


TILTS = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]]) / 4


def test_the_tilts_cancel_exactly_and_the_saddle_is_one(bt):
    assert np.array_equal(bt.tilts, TILTS) and not TILTS.mean(axis=0).any()
    loss = lambda w: (1 - w[0] * w[1]) ** 2  # noqa: E731
    assert not numerical_gradient(loss, np.zeros(2)).any()
    assert loss([0.1, 0.1]) < 1 < loss([0.1, -0.1])


@pytest.mark.parametrize(("size", "begin"), [(1, 0.0), (2, 0.1), (4, 1e-6)])
def test_leave_follows_the_gradient(bt, size, begin):
    path, rng, w, t = bt.leave(size, begin), np.random.default_rng(0), np.full(2, begin), 0
    assert path.shape == (401, 20, 2) and np.array_equal(path[0], np.full((20, 2), begin))
    while t < 60:
        order = rng.permuted(np.tile(np.arange(4), (20, 1)), axis=1)[5]
        for i in range(0, 4, size):
            c = TILTS[order[i:i + size]].mean(axis=0)
            w = w - 0.05 * numerical_gradient(lambda v, c=c: (1 - v[0] * v[1]) ** 2 + c @ v, w)
            t += 1
            np.testing.assert_allclose(path[t, 5], w, rtol=1e-4, atol=1e-7)


def test_noise_leaves_the_saddle_and_the_full_batch_stays(chapter, bt):
    """Q26, S1-16."""
    assert np.array_equal(bt.stuck["B = 4"], np.ones((401, 20)))
    assert bt.stuck["B = 1"][-1].max() < 0.001 and bt.stuck["B = 4, 1e-6 off"][-1].max() < 1e-9
    for (name, path), run in zip(bt.paths.items(), ((4,), (1,), (4, 1e-6)), strict=True):
        np.testing.assert_array_equal(path, bt.leave(*run))
        loss = (1 - path[..., 0] * path[..., 1]) ** 2
        np.testing.assert_array_equal(bt.stuck[name], loss)
        assert printed(chapter, f"{name}:")[-1 if "off" in name else 0:]  # the row is there
        low, high = loss[-1].min(), loss[-1].max()
        assert f"loss after 400 updates from {low:.4f} to {high:.4f}" in printed(chapter, f"{name}:")
    ends = bt.paths["B = 1"][-1]
    right = (np.linalg.norm(ends - 1, axis=1) < 0.5).sum()
    assert right + (np.linalg.norm(ends + 1, axis=1) < 0.5).sum() == 20
    assert bt.side == right and 3 < right < 17
    assert printed(chapter, f"{right} of 20 runs near (1, 1),") == [f"{20 - right} near (-1, -1)"]


def test_figure_of_the_saddle(chapter, bt):
    left, right = chapter.figures[3].axes
    for run in range(6):
        np.testing.assert_array_equal(data(left.lines[run]), bt.paths["B = 1"][:, run].T)
    assert {np.sign(bt.paths["B = 1"][-1, run, 0]) for run in range(6)} == {-1, 1}  # both sides are seen
    assert data(left.lines[6]).ravel().tolist() == [0, 0]
    for level, segments in zip(left.collections[0].levels, left.collections[0].allsegs, strict=True):
        points = np.concatenate([s for s in segments if len(s)])
        np.testing.assert_allclose((1 - points[:, 0] * points[:, 1]) ** 2, level, rtol=0.1, atol=0.02)
    for i, (name, loss) in enumerate(bt.stuck.items()):
        np.testing.assert_array_equal(data(right.lines[i])[1], np.median(loss, axis=1))
        assert right.lines[i].get_label().replace("$", "") == name
        for t in (70, 400):
            assert holds(band(right, i), t, loss[t].min()) and holds(band(right, i), t, loss[t].max())
    fell = np.argmax(bt.stuck["B = 1"] < 0.1, axis=0)
    assert 40 < fell.min() < fell.max() < 120 < np.argmax(bt.stuck["B = 4, 1e-6 off"][:, 0] < 0.95)


# the wells


def test_wells(bt):
    x = np.array([-1.6, -1.2, -1, -0.8, 0, 0.7, 1, 1.2, 2])
    expected = [min(20 * (v + 1) ** 2, 0.5 * (v - 1) ** 2) for v in x]
    np.testing.assert_allclose(bt.wells(x), expected)
    np.testing.assert_allclose(bt.d_wells(x), numerical_gradient(lambda v: bt.wells(v).sum(), x), atol=1e-8)
    rim = (1 - np.sqrt(40)) / (1 + np.sqrt(40))  # where the two parabolas meet
    assert 20 * (rim + 1) ** 2 == pytest.approx(0.5 * (rim - 1) ** 2)
    assert (rim + 1, 1 - rim) == pytest.approx((0.27, 1.73), abs=0.005)
    np.testing.assert_allclose(bt.slopes, [11 * i / 99 - 5.5 for i in range(100)], atol=1e-12)
    assert abs(bt.slopes.sum()) < 1e-9


@pytest.mark.parametrize(("begin", "size", "lr"), [(-1.0, 2, 0.04), (1.0, 16, 0.04), (-0.999, 100, 0.06)])
def test_shake_follows_the_gradient_of_random_batches(bt, begin, size, lr):
    found, rng = bt.shake(begin, size, lr), np.random.default_rng(0)
    x = [begin] * 3
    for _ in range(300):
        order = rng.permuted(np.tile(bt.slopes, (400, 1)), axis=1) if size < 100 else None
        for run in range(3):
            sharp = 20 * (x[run] + 1) ** 2 < 0.5 * (x[run] - 1) ** 2
            slope = 40 * (x[run] + 1) if sharp else x[run] - 1
            x[run] -= lr * (slope + (order[run, :size].mean() if size < 100 else 0))
    np.testing.assert_allclose(found[:3], x, atol=1e-9)
    assert found.shape == (400,)


def test_noise_leaves_the_sharp_well(chapter, bt):
    """S1-17: the shift, the ejected share against B, the spread."""
    assert printed(chapter, "shifted by 0.2:") == ["sharp 0.80, flat 0.02"]
    sizes = (1, 2, 4, 8, 16, 100)
    assert tuple(bt.out) == sizes
    rim = (1 - np.sqrt(40)) / (1 + np.sqrt(40))  # not 0: a run between the rim and 0 is still in the flat well
    for size in sizes:
        sharp, flat_ = bt.shake(-1.0, size), bt.shake(1.0, size)
        assert bt.out[size] == [np.mean(sharp > rim), np.mean(flat_ < rim)]
        law = 0.04 * np.mean(bt.slopes**2) / size * (100 - size) / 99 / (1 * (2 - 0.04 * 1))
        row = (f"left the sharp well {bt.out[size][0]:.3f}, the flat one {bt.out[size][1]:.3f}; "
               f"spread in the flat one {flat_.var():.4f}, law {law:.4f}")
        assert row in printed(chapter, f"B = {size}:")
        assert bt.expected[size] == pytest.approx(law)
        assert bt.spread[size] == pytest.approx(law, rel=0.15, abs=1e-30)
    assert bt.out[1][0] > 0.9 and 0.4 < bt.out[2][0] < 0.9 and 0 < bt.out[4][0] < 0.1
    assert all(bt.out[size][1] == 0 for size in sizes)
    assert all(bt.out[size] == [0, 0] for size in (8, 16, 100))


def test_the_rate_alone_throws_a_run_out(chapter, bt):
    assert printed(chapter, "lr 0.06, no noise:") == ["from -0.999 to 1.000"]
    assert abs(bt.shake(-0.999, 100, 0.049) + 1).max() < 1e-3  # below 2 / 40


def test_figure_of_the_wells(chapter, bt):
    left, right = chapter.figures[4].axes
    x, y = data(left.lines[0])
    np.testing.assert_array_equal(y, bt.wells(x))
    x, y = data(left.lines[1])
    np.testing.assert_array_equal(y, bt.wells(x - 0.2))
    np.testing.assert_allclose(data(left.lines[2]), [[-1, 1], [0.8, 0.02]])
    for i in (0, 1):
        np.testing.assert_array_equal(data(right.lines[i]), [range(6), [share[i] for share in bt.out.values()]])
    assert [line_.get_label() for line_ in right.lines] == ["sharp", "flat"]
    assert [label.get_text() for label in right.get_xticklabels()] == ["1", "2", "4", "8", "16", "100"]


# linear scaling


def test_linear_scaling_and_where_it_breaks(chapter, bt):
    """Q28."""
    pairs = [(10, 0.1), (20, 0.2), (50, 0.5), (100, 1.0), (300, 3.0)]
    assert set(bt.finals) == set(pairs) | {(size, 0.1) for size, _ in pairs}
    for size, lr in ((10, 0.1), (50, 0.5), (100, 0.1)):
        last = 6000 // size
        np.testing.assert_allclose(bt.finals[size, lr], bt.train(size, lr, [last])[last][0], rtol=1e-6)
    for size, lr in pairs:
        fixed, scaled = bt.finals[size, 0.1], bt.finals[size, lr]
        row = f"training loss with lr 0.1 {fixed.mean():.3f}, with lr {lr} {scaled.mean():.3f} ± {scaled.std():.3f}"
        assert row in printed(chapter, f"B = {size}:")
    fixed = [bt.finals[size, 0.1].mean() for size, _ in pairs]
    assert all(b > 1.3 * a for a, b in itertools.pairwise(fixed))
    scaled = {size: bt.finals[size, lr].mean() for size, lr in pairs}
    assert abs(scaled[20] - scaled[10]) < 0.01 and abs(scaled[50] - scaled[10]) < 0.03
    assert scaled[100] > 1.2 * scaled[10] and scaled[300] > 2  # frays, then guesses


def test_one_large_step_changes_the_gradient(chapter, bt):
    """What formula bt-scaling supposes, measured with the one-run network."""
    params = bt.start(np.random.default_rng(3))
    for lr in (0.1, 0.5, 1.0, 3.0):
        ratios = []
        for run in range(RUNS):
            net = layers(params, run)
            _, before = one_gradient(net, bt.X_train[run], bt.y_train[run])
            moved = [(W - lr * dW, b - lr * db) for (W, b), (dW, db) in zip(net, before, strict=True)]
            _, after = one_gradient(moved, bt.X_train[run], bt.y_train[run])
            ratios.append(np.linalg.norm(flat(after) - flat(before)) / np.linalg.norm(flat(before)))
        assert bt.turned[lr] == pytest.approx(np.mean(ratios), rel=1e-9)
        row = f"changes the gradient by {100 * np.mean(ratios):.0f}%"
        assert printed(chapter, f"one full step with lr {lr}") == [row]
    assert bt.turned[0.1] < 0.3 and bt.turned[3.0] > 1.2


# the gap


def test_no_generalisation_gap_on_the_digits(chapter, bt):
    """Q27, E33: a null result, by paired differences of 20 runs."""
    assert not np.array_equal(bt.small, bt.large)
    for name, scores in (("B = 10", bt.small), ("B = 300", bt.large)):
        assert np.array_equal(scores[1], np.ones(RUNS))  # all training images are right
        assert 0.92 < scores[3].mean() < 0.96
        tested = 100 * scores[3]
        row = f"training accuracy 100.00 ± 0.00, test {tested.mean():.2f} ± {tested.std():.2f}"
        assert row in printed(chapter, f"{name}:")
    difference = 100 * (bt.small[3] - bt.large[3])
    assert bt.gap == pytest.approx(difference.mean())
    spread = np.sqrt(np.sum((difference - difference.mean()) ** 2) / 19)
    assert bt.margin == pytest.approx(2 * spread / np.sqrt(20))
    assert bt.gap - bt.margin < 0.1 and abs(bt.gap) + bt.margin < 0.5  # no advantage of the small batch
    assert printed(chapter, "test gap") == [f"{bt.gap:+.2f} ± {bt.margin:.2f} points"]


def test_both_languages_print_the_same_table_of_keskar_et_al():
    rows = [re.findall(r"^\| (F1|F2|C1|C2|C3|C4)\D*?((?:, |，)[A-Z0-9-]+) \| (.*) \|$",
                       (ROOT / "docs" / language / "batches.md").read_text("utf-8"), re.M) for language in ("zh", "en")]
    assert [(name, cells) for name, _, cells in rows[0]] == [(name, cells) for name, _, cells in rows[1]]
    assert len(rows[0]) == 6
    gaps = []
    for _, _, cells in rows[0]:
        small, large = (float(cell.split(" ± ")[0]) for cell in cells.split(" | ")[2:])
        gaps.append(round(small - large, 2))
    assert gaps == [0.22, 4.57, 2.78, 1.98, 3.13, 5.27]


# exercises


def test_exercise_1(chapter, bt):
    assert "20 updates in 5 epochs" in chapter.out
    means = np.array(bt.plain)
    assert len(means) == 4000
    lowest = (np.mean([10, 9, 8, 7]) + np.mean([6, 5, 4, 3]) + 1.5) / 3
    assert means.min() == pytest.approx(lowest) and means.max() == pytest.approx(11 - lowest)
    assert abs(means.mean() - 5.5) < 4 * means.std() / np.sqrt(4000) < 0.05
    row = f"5.5; plain means between {means.min():.2f} and {means.max():.2f}, on average {means.mean():.2f}"
    assert printed(chapter, "mean of g:") == [row]
    np.testing.assert_allclose(bt.weighted, 5.5)


def test_exercise_2(chapter):
    triples = [np.mean(k) for k in itertools.combinations((1, 2, 3, 6), 3)]
    assert f"[3.6667 3.3333 3.     2.    ] variance {np.var(triples):.4f}" in printed(chapter, "means:")
    assert np.var(triples) == pytest.approx(3.5 / 3 / 3)
    assert printed(chapter, "law 0.3889;") == ["without the factor 1.1667"]


def test_exercise_3(chapter):
    assert printed(chapter, "after 2000 noisy updates:") == ["[0. 0.]"]
    rng = np.random.default_rng(0)
    x = rng.normal(size=100)
    y = x + rng.normal(size=100)
    for n in (0, 50):
        assert not numerical_gradient(lambda w, n=n: (y[n] - w[0] * w[1] * x[n]) ** 2, np.zeros(2)).any()
    root = np.sqrt(np.sum(x * y) / np.sum(x**2))  # least squares for the product, both factors equal
    assert printed(chapter, "full batch from 1e-6 beside it:") == [f"[{root:.3f} {root:.3f}]"]


def test_exercise_4(chapter, bt):
    for lr, size in ((0.01, 1), (0.04, 4), (0.16, 16), (1.6, 160)):
        law = lr**2 / size / (1 - (1 - lr) ** 2)
        assert bt.bowl[size] == pytest.approx(law, rel=0.1)
        row = f"variance {bt.bowl[size]:.5f}, law {law:.5f}, for small lr 0.00500"
        assert printed(chapter, f"lr {lr}, B = {size}:") == [row]
    assert bt.bowl[160] > 4 * bt.bowl[16]
