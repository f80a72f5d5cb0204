"""Chapter `batches`: every number and every claim of the page, by a second way where there is one."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from asked import answers_of
from matplotlib.colors import same_color
from mlp import backward, cross_entropy, forward
from numerical_gradient import numerical_gradient
from shown import printed
from sklearn.datasets import load_digits
from states import states_of

ROOT = Path(__file__).parents[2]
SIZES = (1, 3, 10, 30, 100, 300)
RUNS, N = 8, 300


@pytest.fixture(scope="module")
def bt(names):
    return names


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
    assert "False" not in text.replace("replace=False", "")
    assert text.replace("replace=True", "").count("True") == 1 + 1 + 1 + 4 + 1  # net, noise, time, budgets, exercise_1


def test_there_are_eight_figures_and_lines_that_fit(chapter):
    assert len(chapter.figures) == 8
    assert max(map(len, chapter.out)) <= 62


# counting


def test_updates_per_epoch(chapter):
    """E15, E82: an epoch is ceil(N / B) updates."""
    rows = [(10_000, 10, 1000, 10), (1000, 100, 10, 100), (60_000, 1, 60_000, 1),
            (60_000, 1000, 60, 1000), (1000, 300, 4, 100)]
    for row, (n, size, updates, last) in zip(chapter.out, rows, strict=False):
        assert row == f"N = {n}, B = {size}: {updates} updates, last {last}"
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
    path, rng, p = bt.descend(size, 3), np.random.default_rng([0, size]), np.zeros(2)
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
        np.testing.assert_array_equal(bt.walks[size], bt.descend(size, 30))
        path = bt.walks[size][:: 20 // size]
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
        row = f"{median[size][1]:.3f} above the minimum after 1 epoch, {median[size][-1]:.1g} after 30"
        assert row in printed(chapter.out, f"B = {size}:")
    ways = [np.linalg.norm(np.diff(bt.descend(size, 30), axis=0), axis=2).sum(axis=0) for size in (1, 20)]
    assert np.mean(ways[0] / ways[1]) > 20  # it circles

def test_every_state_of_the_paths(bt, line):
    states = states_of("batches", "two_paths", vars(bt))
    assert list(states) == ["1", "2", "5", "20"]
    for value, state in states.items():
        (top, low), shown = state.figure.axes, int(value)
        path = bt.descend(shown, 30)
        np.testing.assert_allclose(data(top.lines[0]), path[: 5 * 20 // shown + 1, 0].T)
        assert top.get_xlim() == (-0.2, 1.9) and top.get_ylim() == (-0.3, 1.2)
        assert -0.2 < path[..., 0].min() and path[: 5 * 20 // shown + 1, 0, 0].max() < 1.9
        np.testing.assert_allclose(data(top.lines[1]).ravel(), bt.best)
        (contours,) = top.collections
        for level, segments in zip(contours.levels, contours.allsegs, strict=True):
            for points in segments:
                np.testing.assert_allclose(np.sum((points - bt.best) ** 2, axis=1), level, rtol=0.1)
        assert sum(len(s) > 0 for s in contours.allsegs) == 3
        for i, size in enumerate((1, 5, 20)):
            np.testing.assert_allclose(data(low.lines[i])[1], np.median(bt.excess[size], axis=1))
            for epoch, level in ((3, 0.1), (30, 0.9)):
                assert holds(band(low, i), epoch, np.quantile(bt.excess[size][epoch], level)), size
        own = np.median(np.sum((path - bt.best) ** 2, axis=2), axis=1)[:: 20 // shown]
        np.testing.assert_allclose(data(low.lines[3])[1], own)


# the law


def test_all_pairs(chapter):
    g = (1, 2, 3, 6)
    pairs = np.array([sum(pair) / 2 for pair in itertools.combinations(g, 2)])
    assert printed(chapter.out, "without replacement:") == ["[1.5 2.  2.5 3.5 4.  4.5]"]
    assert sorted(pairs) == [1.5, 2, 2.5, 3.5, 4, 4.5]
    assert printed(chapter.out, "mean 3.0000,") == [f"variance {pairs.var():.4f}, law {3.5 / 2 * 2 / 3:.4f}"]
    assert pairs.var() == pytest.approx(7 / 6) and pairs.mean() == 3
    both = np.array([sum(pair) / 2 for pair in itertools.product(g, g)])
    assert printed(chapter.out, "with replacement:") == ["mean 3.0000,"]
    assert printed(chapter.out, "variance") == [] and f"  variance {both.var():.4f}, law {3.5 / 2:.4f}" in chapter.out


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


def data_of(bt):
    """Training and test data, made again: the script ends with other values under y."""
    X, y = load_digits(return_X_y=True)
    rng = np.random.default_rng(1)
    order = np.array([rng.permutation(len(y)) for _ in range(RUNS)])
    return X[order[:, :N]] / 16, y[order[:, :N]], X[order[:, -500:]] / 16, y[order[:, -500:]]


@pytest.fixture
def labels(bt, monkeypatch):
    monkeypatch.setattr(bt, "y", data_of(bt)[1])


def test_each_run_has_its_own_split(bt):
    X, y, X_test, y_test = data_of(bt)
    for made, found in zip((X, X_test, y_test), (bt.X, bt.X_test, bt.y_test), strict=True):
        np.testing.assert_array_equal(made, found)
    assert X.shape == (RUNS, N, 64) and X_test.shape == (RUNS, 500, 64)
    for run in range(RUNS):
        assert not set(bt.train[run]) & set(bt.test[run])  # nobody is tested on what he was trained on
    assert (bt.X.min(), bt.X.max()) == (0, 1) and not np.array_equal(bt.train[0], bt.train[1])


def test_start(bt):
    W1, b1, W2, b2 = bt.start(np.random.default_rng(0))
    assert (W1.shape, b1.shape, W2.shape, b2.shape) == ((8, 64, 32), (8, 1, 32), (8, 32, 10), (8, 1, 10))
    assert sum(p[0].size for p in (W1, b1, W2, b2)) == 2410
    assert not b1.any() and not b2.any()
    for W, variance in ((W1, 2 / 64), (W2, 1 / 32)):
        assert W.var() == pytest.approx(variance, rel=0.05) and abs(W.mean()) < 0.01


def test_gradients_of_all_runs_equal_the_one_run_network(bt):
    X, y, _, _ = data_of(bt)
    params = bt.start(np.random.default_rng(8))
    params[1] += 0.1
    found = bt.gradients(params, X[:, :7], y[:, :7])
    hidden, P = bt.probabilities(params, X[:, :7])
    for run in range(RUNS):
        net = layers(params, run)
        _, grads = one_gradient(net, X[run, :7], y[run, :7])
        np.testing.assert_allclose(np.concatenate([d[run].ravel() for d in found]), flat(grads), atol=1e-12)
        scores, _ = forward(net, X[run, :7], "relu")
        np.testing.assert_allclose(P[run], np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True))
        np.testing.assert_allclose(hidden[run], forward(net[:1], X[run, :7], output="relu")[0])


def test_large_scores_do_not_overflow(bt):
    params = bt.start(np.random.default_rng(8))
    params[3][:, 0, 4] = 1e4
    assert np.array_equal(bt.probabilities(params, bt.X[:, :1])[1].argmax(axis=2), np.full((8, 1), 4))
    loss, accuracy = bt.evaluate(params, bt.X[:, :9], np.full((8, 9), 3))
    assert np.isfinite(loss).all() and (loss > 600).all() and not accuracy.any()


def test_evaluate(bt):
    X, y, _, _ = data_of(bt)
    params = bt.start(np.random.default_rng(8))
    loss, accuracy = bt.evaluate(params, X[:, :50], y[:, :50])
    for run in (0, 5):
        scores, _ = forward(layers(params, run), X[run, :50], "relu")
        assert loss[run] == pytest.approx(cross_entropy(scores, np.eye(10)[y[run, :50]])[0])
        assert accuracy[run] == np.mean(scores.argmax(axis=1) == y[run, :50])


def test_printed_initial_loss(chapter, bt):
    X, y, _, _ = data_of(bt)
    params = bt.start(np.random.default_rng(2))
    loss = np.mean([one_gradient(layers(params, run), X[run], y[run])[0] for run in range(RUNS)])
    assert printed(chapter.out, "initial loss") == [f"{loss:.2f}, ln 10 = {np.log(10):.2f}"]
    assert printed(chapter.out, "gradients are the measured slopes:") == ["True"]


# the noise


def test_rows_of_G_are_gradients_of_single_examples(chapter, bt):
    X, y, _, _ = data_of(bt)
    params = bt.start(np.random.default_rng(2))
    net = layers(params, 0)
    G = bt.single_gradients([p[:1] for p in params], X[0], y[0])
    np.testing.assert_array_equal(G, bt.G)
    assert G.shape == (300, 2410)
    for n in (0, 17, 299):
        _, grads = one_gradient(net, X[0, n:n + 1], y[0, n:n + 1])
        np.testing.assert_allclose(G[n], flat(grads), atol=1e-12)
    g = flat(one_gradient(net, X[0], y[0])[1])
    assert bt.variance == pytest.approx(np.mean([np.sum((row - g) ** 2) for row in G]))
    assert printed(chapter.out, "G: (300, 2410) mean over an epoch's batches = g:") == ["True"]


def test_measured_variance_follows_the_laws(chapter, bt):
    sizes = np.array([1, 3, 10, 30, 100, 200, 270, 299])
    np.testing.assert_array_equal(bt.sizes, sizes)
    for replace, law in ((True, bt.variance / sizes), (False, bt.variance / sizes * (300 - sizes) / 299)):
        ratio = np.array(bt.measured[replace]) / law
        assert np.abs(ratio - 1).max() < 0.15 and abs(np.median(ratio) - 1) < 0.05  # "a few percent"
        row = f"measured / law {ratio.min():.2f} to {ratio.max():.2f}"
        assert printed(chapter.out, f"replace={replace}:") == [row]


def test_figure_of_the_noise(chapter, bt):
    (ax,) = chapter.figures[1].axes
    law, curve, dots, without = ax.lines
    np.testing.assert_allclose(data(dots), [bt.sizes, bt.measured[True]])
    np.testing.assert_allclose(data(without), [bt.sizes, bt.measured[False]])
    x, y = data(law)
    np.testing.assert_allclose(x * y, bt.variance)
    x, y = data(curve)
    np.testing.assert_allclose(y, bt.variance / x * (300 - x) / 299)
    assert (x[0], x[-1]) == (1, 299.5) and (np.diff(x) > 0).all()


# the noise scale


def test_noise_scale():
    """Formula bt-best-rate: the best rate and gain of a step in a round bowl, by a search over rates."""
    rng, curvature = np.random.default_rng(0), 2.5
    g_n = rng.normal(0.3, 1, (50, 4))
    g = g_n.mean(axis=0)
    scale = np.sum((g_n - g) ** 2) / 50 / (g @ g)
    rates = np.linspace(0, 0.6, 6001)
    for size in (1, 7, 40):
        square = (g @ g) + np.sum((g_n - g) ** 2) / 50 / size  # of a batch drawn with replacement
        gain = rates * (g @ g) - curvature / 2 * rates**2 * square
        assert rates[gain.argmax()] == pytest.approx(1 / curvature / (1 + scale / size), abs=1e-4)
        assert gain.max() == pytest.approx((g @ g) / 2 / curvature / (1 + scale / size), rel=1e-5)


def test_noise_scale_by_hand_and_on_the_way(chapter, bt):
    assert bt.noise_scale(np.array([[1.0], [2], [3], [6]])) == pytest.approx(3.5 / 9)
    assert 10 < bt.scale[10, 1] < 100 and 10 < bt.scale[300, 1] < 100  # some tens
    assert bt.scale[300, 100] > 10 * bt.scale[300, 1] and bt.scale[300, 100] > 3 * bt.scale[10, 300]
    assert bt.scale[10, 300] > 1.5 * bt.scale[10, 50]  # grows, but more slowly
    for (size, done), value in bt.scale.items():
        rows = printed(chapter.out, f"B = {size}, update {done}:")
        assert any(row.endswith(f"noise scale {value:.0f}") for row in rows)


# time


def test_time_is_a_fixed_part_and_a_part_per_example(chapter, bt):
    assert list(bt.t) == [1, 3, 6, 10, 20, 30, 60, 100, 200, 300]
    assert bt.t[300] < 60 * bt.t[1] and bt.fixed > 0 and bt.each > 0
    assert 10 < bt.fixed / bt.each < 1000  # the knee
    off = [abs(seconds / (bt.fixed + bt.each * size) - 1) for size, seconds in bt.t.items()]
    assert np.median(off) < 0.3  # of ten sizes; a busy machine may spoil one or two
    assert printed(chapter.out, "update, 300 under 60 times 1:") == ["True"]


def test_seconds_is_the_best_time_of_one_update_of_one_network(bt, monkeypatch):
    seen, clock = [], iter([0.0, 5.0, 5.0, 7.0, 10.0, 19.0])
    kept = bt.gradients
    monkeypatch.setattr(bt, "gradients", lambda params, X, y: seen.append((params, X, y)) or kept(params, X, y))
    monkeypatch.setattr(bt, "time", SimpleNamespace(perf_counter=lambda: next(clock)))
    assert bt.seconds(4, repeats=3) == 0.4
    (params, X, y), *others = seen
    assert len(others) == 14 and X.shape == (1, 4, 64) and y.shape == (1, 4) and [len(p) for p in params] == [1] * 4


def test_figure_of_the_time(chapter, bt):
    top, low = chapter.figures[2].axes
    B = np.array(list(bt.t))
    np.testing.assert_allclose(data(top.lines[0]), [B, 1e6 * np.array(list(bt.t.values()))])
    np.testing.assert_allclose(data(top.lines[1])[1], 1e6 * (bt.fixed + bt.each * B))
    assert set(data(top.lines[2])[0]) == {bt.fixed / bt.each}
    np.testing.assert_allclose(data(low.lines[0])[1], [bt.t[b] * np.ceil(60_000 / b) for b in B])


# training


@pytest.mark.parametrize("size", [70, 300])
def test_training_equals_one_run_trained_alone(bt, size):
    X, y, _, _ = data_of(bt)
    rates, last = [0.1, 0.4], 7
    *_, (done, params) = bt.training(X, y, size, rates, last)
    assert done == last and len(params[0]) == 16
    j, rng = 11, np.random.default_rng([4, size])  # rate 0.4, run 3
    net = layers(bt.start(np.random.default_rng(3)), 3)
    shuffled = [rng.permuted(np.tile(np.arange(300), (16, 1)), axis=1)[j] for _ in range(2)]
    orders = shuffled if size == 70 else [np.arange(300)] * 7
    steps = [order[i:i + size] for order in orders for i in range(0, 300, size)][:7]
    assert size == 300 or [len(k) for k in steps[:5]] == [70, 70, 70, 70, 20]
    for k in steps:
        _, grads = one_gradient(net, X[3][k], y[3][k])
        net = [(W - 0.4 * dW, b - 0.4 * db) for (W, b), (dW, db) in zip(net, grads, strict=True)]
    np.testing.assert_allclose(np.concatenate([p[j].ravel() for p in params]), flat(net), atol=1e-10)


# the three budgets


def test_updates_to_counts_every_update(bt, labels):
    """Against the loss after each update of the one-run network, run by run; full batch, one rate."""
    found, rate = bt.updates_to(0.4, bt.y, 300, [0.8], 76)
    assert rate == 0.8 and np.isfinite(found).mean() >= 0.75
    for run in range(2):
        net, losses = layers(bt.start(np.random.default_rng(3)), run), []
        for _ in range(60):
            loss, grads = one_gradient(net, bt.X[run], bt.y[run])
            losses.append(loss)
            net = [(W - 0.8 * dW, b - 0.8 * db) for (W, b), (dW, db) in zip(net, grads, strict=True)]
        if np.isfinite(found[run]):
            assert found[run] == pytest.approx(np.argmax(np.array(losses) <= 0.4), abs=4)


def test_an_impossible_loss_is_refused(bt, labels):
    with pytest.raises(ValueError, match="not reached in 8 updates"):
        bt.updates_to(0.01, bt.y, 300, [0.1], 8)


def test_three_budgets_with_tuned_rates(chapter, bt):
    """Q26, Q42: what the page says of updates, epochs and time, and the law behind it."""
    assert tuple(bt.rates) == SIZES
    middle = [bt.own[name, size] == bt.rates[size][1] for name in ("right", "wrong") for size in SIZES]
    assert sum(middle) >= 9  # "nearly always the middle one"
    for name in ("right", "wrong"):
        S = {size: np.median(bt.steps[name, size]) for size in SIZES}
        for small, large in itertools.pairwise(SIZES[:-1]):
            assert large / small > S[small] / S[large] > 1.05  # never by more than its extra examples
            assert bt.own[name, large] > bt.own[name, small]
            if small > 1:
                assert S[large] * large > 1.1 * S[small] * small  # epochs
        assert S[3] * 3 < 1.6 * S[1] and S[1] < 1.6 * 3 * S[3]  # below the noise scale by little
        assert S[100] < 2 * S[300]  # beyond it by little
        assert S[1] / S[30] > 6 and S[30] / S[300] < 2.5
        scales = np.array(list(bt.critical[name].values()))
        assert 8 < np.median(scales) < 45 and np.ptp(scales[:4]) < 0.8 * np.median(scales)
        for size in SIZES[:-1]:
            assert bt.critical[name][size] == pytest.approx((S[size] / S[300] - 1) * size * 299 / (300 - size))
            row = (f"{S[size]:.0f} updates, {S[size] * size / 300:.1f} epochs, rate {bt.own[name, size]} "
                   f"B_c {bt.critical[name][size]:.0f}")
            assert row in printed(chapter.out, f"  B = {size}:")
        cost = {size: S[size] * bt.t[size] for size in SIZES}
        assert 10 <= min(cost, key=cost.get) <= 100
        assert min(cost.values()) * 1.2 < min(cost[1], cost[300])
    assert np.median(list(bt.critical["wrong"].values())) > 1.1 * np.median(list(bt.critical["right"].values()))
    # smaller than the noise scale of G, but of its order of magnitude
    assert 0.1 < np.median(list(bt.critical["right"].values())) / bt.scale[10, 1] < 1.2
    assert "  1.2 times its time or more: {1: True, 300: True}" in chapter.out


@pytest.mark.parametrize("seed", [11, 12])
def test_the_law_with_other_images_starts_and_orders(bt, monkeypatch, seed):
    """The order of the sizes and the best rates, at three sizes."""
    X, y = load_digits(return_X_y=True)
    rng = np.random.default_rng(seed)
    order = np.array([rng.permutation(len(y))[:300] for _ in range(RUNS)])
    kept = bt.start
    monkeypatch.setattr(bt, "start", lambda _: kept(np.random.default_rng(seed)))
    monkeypatch.setattr(bt, "X", X[order] / 16)
    S = {}
    for size in (3, 30, 300):
        found, rate = bt.updates_to(0.4, y[order], size, bt.rates[size], 2000 // size + 70)
        S[size] = np.median(found)
        assert rate == bt.rates[size][1]
    assert 1.1 * S[300] < S[30] < 2.2 * S[300] and 2.5 * S[30] < S[3] < 10 * S[30]


def test_figure_of_the_budgets(chapter, bt):
    axes = chapter.figures[3].axes
    assert [ax.get_title() for ax in axes] == ["updates", "epochs", "ms", "best rate"]
    b = np.array(SIZES)
    for i, name in enumerate(("right", "wrong")):
        S = np.quantile([bt.steps[name, size] for size in SIZES], 0.5, axis=1, method="lower")
        for ax, unit in zip(axes, (1, b / 300, 1e3 * np.array([bt.t[k] for k in SIZES])), strict=False):
            np.testing.assert_allclose(data(ax.containers[i].lines[0]), [b, S * unit])
        np.testing.assert_allclose(data(axes[3].lines[2 * i])[1], [bt.own[name, size] for size in SIZES])
        Bc = np.median(list(bt.critical[name].values()))
        x, y = data(axes[3].lines[2 * i + 1])
        np.testing.assert_allclose(y, 1.1 / (1 + Bc / x))
        law = np.median(bt.steps[name, 300]) * (1 + Bc * (300 - x) / 299 / x)
        for ax, unit in zip(axes, (1, x / 300, 1e3 * (bt.fixed + bt.each * x)), strict=False):
            np.testing.assert_allclose(data(ax.lines[2 * i + 1]), [x, law * unit])
        off = np.interp(b, x, y) / [bt.own[name, size] for size in SIZES]
        assert (np.abs(np.log2(off)) < 1.3).all()  # a factor of 2.5


def test_accuracy_after_three_epochs(chapter, bt):
    """The lecture's figure, and with tuned rates."""
    one, own = (np.array(bt.after[name]) for name in ("rate 0.1", "own rate"))
    assert one.shape == own.shape == (6, 2)
    assert one[2, 1] - one[5, 1] > 0.4 and (np.diff(one[2:], axis=0) < -0.1).all()  # training falls as well
    assert own[3, 1] > one[3, 1] + 0.15 and (own[3:] > one[3:] + 0.1).all()  # much of it was the rate
    assert own[:4, 1].min() > 0.65 and own[5, 1] < own[3, 1] - 0.15  # what remains
    for name, found in (("rate 0.1", one), ("own rate", own)):
        assert printed(chapter.out, f"{name}, test:") == [" ".join(f"{value:.2f}" for value in found[:, 1])]
    for ax, found in zip(chapter.figures[4].axes, (one, own), strict=True):
        np.testing.assert_allclose([data(line)[1] for line in ax.lines], found.T)


# the saddle


TILTS = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]]) / 4


def test_the_tilts_cancel_exactly_and_the_saddle_is_one(bt):
    assert np.array_equal(bt.tilts, TILTS) and not TILTS.mean(axis=0).any()
    loss = lambda w: (1 - w[0] * w[1]) ** 2  # noqa: E731
    assert not numerical_gradient(loss, np.zeros(2)).any()
    assert loss([0.1, 0.1]) < 1 < loss([0.1, -0.1])


@pytest.mark.parametrize(("size", "begin"), [(1, 0.0), (2, 0.1), (4, 1e-6)])
def test_leave_follows_the_gradient(bt, size, begin):
    path, rng, w, t = bt.leave(size, begin), np.random.default_rng([0, size]), np.full(2, begin), 0
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
        assert printed(chapter.out, f"{name}:")[-1 if "off" in name else 0:]  # the row is there
        low, high = loss[-1].min(), loss[-1].max()
        assert f"ends at {low:.4f} to {high:.4f}" in printed(chapter.out, f"{name}:")
    ends = bt.paths["B = 1"][-1]
    right = (np.linalg.norm(ends - 1, axis=1) < 0.5).sum()
    assert right + (np.linalg.norm(ends + 1, axis=1) < 0.5).sum() == 20
    assert bt.side == right and 3 < right < 17
    assert printed(chapter.out, f"{right} of 20 runs near (1, 1),") == [f"{20 - right} near (-1, -1)"]


def test_figure_of_the_saddle(chapter, bt):
    left, right = chapter.figures[5].axes
    for run in range(6):
        np.testing.assert_array_equal(data(left.lines[run]), bt.paths["B = 1"][::2, run].T)
    assert {np.sign(bt.paths["B = 1"][-1, run, 0]) for run in range(6)} == {-1, 1}  # both sides are seen
    assert data(left.lines[6]).ravel().tolist() == [0, 0]
    for level, segments in zip(left.collections[0].levels, left.collections[0].allsegs, strict=True):
        points = np.concatenate([s for s in segments if len(s)])
        np.testing.assert_allclose((1 - points[:, 0] * points[:, 1]) ** 2, level, rtol=0.1, atol=0.02)
    for i, (name, loss) in enumerate(bt.stuck.items()):
        np.testing.assert_array_equal(data(right.lines[i]), [np.arange(0, 401, 4), np.median(loss, axis=1)[::4]])
        assert same_color(right.lines[i].get_color(), {"1": "C1", "4": "C0"}[name[4]])
        for t in (72, 400):
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


@pytest.mark.parametrize(("begin", "size", "lr"), [(-1.0, 2, 0.04), (1.0, 4, 0.04), (-0.999, 100, 0.06)])
def test_shake_follows_the_gradient_of_random_batches(bt, begin, size, lr):
    found, rng = bt.shake(begin, size, lr), np.random.default_rng([0, size, begin > 0])
    x = [begin] * 3
    for _ in range(150):
        if size < 100:  # a batch of each run, and no example twice among the batches of one order
            batch = rng.permuted(np.tile(bt.slopes, (2 * size, 1)), axis=1).reshape(200, size)
        for run in range(3):
            sharp = 20 * (x[run] + 1) ** 2 < 0.5 * (x[run] - 1) ** 2
            slope = 40 * (x[run] + 1) if sharp else x[run] - 1
            x[run] -= lr * (slope + (sum(batch[run]) / size if size < 100 else 0))
    np.testing.assert_allclose(found[:3], x, atol=1e-9)
    assert found.shape == (200,)


def test_noise_leaves_the_sharp_well(chapter, bt):
    """S1-17: the shift, the ejected share against B, the spread."""
    assert printed(chapter.out, "shifted by 0.2:") == ["sharp 0.80, flat 0.02"]
    sizes = (1, 2, 4, 100)
    assert tuple(bt.out) == sizes
    rim = (1 - np.sqrt(40)) / (1 + np.sqrt(40))  # not 0: a run between the rim and 0 is still in the flat well
    for size in sizes:
        sharp, flat_ = bt.shake(-1.0, size), bt.shake(1.0, size)
        assert bt.out[size] == [np.mean(sharp > rim), np.mean(flat_ < rim)]
        law = 0.04 * np.mean(bt.slopes**2) / size * (100 - size) / 99 / (1 * (2 - 0.04 * 1))
        row = (f"left sharp {bt.out[size][0]:.2f}, flat {bt.out[size][1]:.2f}; "
               f"spread {bt.spread[size]:.3f}, law {law:.3f}")
        assert row in printed(chapter.out, f"B = {size}:")
        assert bt.expected[size] == pytest.approx(law)
        assert bt.spread[size] == pytest.approx(law, rel=0.3, abs=1e-30)
    assert bt.out[1][0] > 0.85 and 0.25 < bt.out[2][0] < 0.75 and 0 < bt.out[4][0] < 0.1
    assert all(bt.out[size][1] <= 0.02 for size in sizes) and bt.out[100] == [0, 0]


def test_the_rate_alone_throws_a_run_out(chapter, bt):
    assert printed(chapter.out, "lr 0.06, no noise:") == ["from -0.999 to 1.000"]
    assert abs(bt.shake(-0.999, 100, 0.049) + 1).max() < 1e-3  # below 2 / 40


def test_figure_of_the_wells(chapter, bt):
    top, low = chapter.figures[6].axes
    x, y = data(top.lines[0])
    np.testing.assert_array_equal(y, bt.wells(x))
    x, y = data(top.lines[1])
    np.testing.assert_array_equal(y, bt.wells(x - 0.2))
    np.testing.assert_allclose([data(line).ravel() for line in top.lines[2:4]], [[-1, 0.8], [1, 0.02]])
    for i in (0, 1):
        np.testing.assert_array_equal(data(low.lines[i]), [range(4), [share[i] for share in bt.out.values()]])
    assert [label.get_text() for label in low.get_xticklabels()] == ["1", "2", "4", "100"]


# linear scaling


def test_linear_scaling_ends_at_a_rate_and_not_at_a_batch(chapter, bt, labels):
    """Q28."""
    finals = bt.finals
    assert list(finals) == [10, 30, 100, 300]
    for size in finals:
        rates = np.array([0.02, 0.1, 0.5]) * size / 10
        row = ", ".join(f"{a:.3f} ({rate:g})" for a, rate in zip(finals[size], rates, strict=True))
        assert row in printed(chapter.out, f"B = {size}:")
    *_, (_, params) = bt.training(bt.X, bt.y, 100, [0.2], 60)
    assert finals[100][0] == pytest.approx(bt.evaluate(params, bt.X, bt.y)[0].mean(), rel=0.03)  # another order
    slow, usual, fast = np.array(list(finals.values())).T
    assert np.ptp(slow[:3]) < 0.03 * slow[0] and slow[0] < slow[3] < 1.3 * slow[0]
    assert usual[1] < 1.3 * usual[0] and 1.15 * usual[0] < usual[2] < 4 * usual[0]  # frays at 100, rate 1
    assert usual[3] > 2 and fast[0] < 0.05 and (fast[1:] > 1.5).all()  # guesses


# the gap


PAIRS = [(a, b) for a in (0.1, 0.4) for b in (0.2, 0.8)]


def test_the_rates_decide_the_sign_of_the_gap(chapter, bt):
    """Q27, E33: paired differences of 8 runs."""
    for name in ("right", "wrong"):
        for a, b in PAIRS:
            d = bt.tested[name, 10, a][-1] - bt.tested[name, 100, b][-1]
            margin = 2 * np.sqrt(np.sum((d - d.mean()) ** 2) / 7 / 8)
            assert bt.gaps[name, a, b] == pytest.approx((d.mean(), margin))
            assert f"{d.mean():+.1f} ± {margin:.1f}" in printed(chapter.out, f"  {a} against {b}:")
    assert all(abs(bt.gaps["right", a, b][0]) < 2 for a, b in PAIRS)
    assert bt.gaps["right", 0.1, 0.8][0] < 0 < bt.gaps["right", 0.4, 0.2][0]  # the fast rate is ahead
    assert bt.gaps["wrong", 0.4, 0.2][0] < 0 < bt.gaps["wrong", 0.1, 0.8][0]  # the gentle one
    for name in ("right", "wrong"):
        for pair in ((0.1, 0.2), (0.4, 0.8)):
            assert abs(bt.gaps[name, *pair][0]) < 2


def test_both_sizes_overfit_from_the_same_height(chapter, bt):
    top, last = {}, {}
    for key, found in bt.tested.items():
        mean = found.mean(axis=1)
        top[key], last[key] = mean.max(), mean[-1]
        row = ", ".join(f"{word} {value:.1f}" for word, value in (("best", mean.max()), ("last", mean[-1])))
        name, size, rate = key
        assert printed(chapter.out, f"{name}, B = {size}, rate {rate}:")[0].endswith(row)
    gentle = [("wrong", 10, 0.1), ("wrong", 100, 0.2)]
    assert all(top[key] - last[key] > 1 for key in gentle)
    assert abs(top[gentle[0]] - top[gentle[1]]) < 2.5
    for size, slow, fast in ((10, 0.1, 0.4), (100, 0.2, 0.8)):
        assert top["wrong", size, slow] > top["wrong", size, fast]
        assert abs(last["right", size, fast] - top["right", size, fast]) < 0.5  # no fall with right labels


def test_figure_of_the_gap(chapter, bt):
    for ax, name in zip(chapter.figures[7].axes, ("right", "wrong"), strict=True):
        for line, (size, rate) in zip(ax.lines, ((10, 0.1), (10, 0.4), (100, 0.2), (100, 0.8)), strict=True):
            x, y = data(line)
            np.testing.assert_allclose(x, np.array(bt.plan[size][1]) * size / 100)
            np.testing.assert_allclose(y, bt.tested[name, size, rate].mean(axis=1))
            assert line.get_color() == {10: "C4", 100: "C0"}[size]


def test_both_languages_print_the_same_table_of_keskar_et_al():
    rows = [re.findall(r"^\| (F1|F2|C1|C2|C3|C4)(?:, |，)([A-Z0-9-]+) \| (.*) \|$",
                       (ROOT / "docs" / language / "batches.md").read_text("utf-8"), re.M) for language in ("zh", "en")]
    assert rows[0] == rows[1] and len(rows[0]) == 6
    gaps = []
    for _, _, cells in rows[0]:
        small, large = map(float, cells.split(" | ")[1].split(" / "))
        gaps.append(round(small - large, 2))
    assert gaps == [0.22, 4.57, 2.78, 1.98, 3.13, 5.27]


# exercises


def test_exercise_1(chapter, bt):
    assert "20 updates in 5 epochs" in chapter.out
    means = np.array(bt.plain)
    assert len(means) == 1000
    lowest = (np.mean([10, 9, 8, 7]) + np.mean([6, 5, 4, 3]) + 1.5) / 3
    assert means.min() == pytest.approx(lowest) and means.max() == pytest.approx(11 - lowest)
    assert abs(means.mean() - 5.5) < 4 * means.std() / np.sqrt(1000) < 0.06
    assert printed(chapter.out, "mean of g:") == [f"5.5; plain means between {means.min():.2f}"]
    assert f"and {means.max():.2f}, on average {means.mean():.2f}" in chapter.out
    np.testing.assert_allclose(bt.weighted, 5.5)


def test_exercise_2(chapter):
    assert printed(chapter.out, "after 2000 noisy updates:") == ["[0. 0.]"]
    rng = np.random.default_rng(0)
    x = rng.normal(size=100)
    y = x + rng.normal(size=100)
    for n in (0, 50):
        assert not numerical_gradient(lambda w, n=n: (y[n] - w[0] * w[1] * x[n]) ** 2, np.zeros(2)).any()
    root = np.sqrt(np.sum(x * y) / np.sum(x**2))  # least squares for the product, both factors equal
    assert printed(chapter.out, "full batch from 1e-6 beside it:") == [f"[{root:.3f} {root:.3f}]"]


def test_exercise_3(chapter):
    """The product S t, its minimum and how wide the valley is."""
    for noise, knee in ((16, 100), (16, 10_000), (1600, 100)):
        B = np.arange(1, 100_001)
        cost = (1 + noise / B) * (1 + B / knee)
        near = B[cost <= 1.2 * cost.min()]
        best = B[cost.argmin()]
        assert best == pytest.approx(np.sqrt(noise * knee), abs=1)
        row = f"best {best}, root {np.sqrt(noise * knee):.0f}, {near[0]} to {near[-1]}"
        assert printed(chapter.out, f"B_c {noise}, knee {knee}:") == [row]
        assert near[-1] / near[0] > 4


# what the page asks


def test_questions(bt):
    updates, ahead, spread = answers_of("batches")
    left, count = 1000, 0
    while left > 0:
        left, count = left - 300, count + 1
    assert updates == [str(count), "3", "1"] and count == 4
    median = {size: np.median(bt.excess[size], axis=1) for size in (1, 20)}
    assert ahead == 2 and median[1][1] < median[20][1] and median[1][30] > median[20][30]
    pairs = list(itertools.product((1, 2, 3, 6), repeat=4))  # every batch of 4, with replacement
    ratio = np.std([np.mean(pair) for pair in pairs]) / np.std((1, 2, 3, 6))
    assert spread == [f"{ratio:.2f}", f"{ratio**2:.2f}", "1.00"] and ratio == pytest.approx(0.5)
