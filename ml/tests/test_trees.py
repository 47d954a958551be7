from __future__ import annotations

import lightgbm as lgb
import numpy as np
import pytest

from smartreturns_ml.onnx_export import ParityError, check_parity, ensemble, session_of
from smartreturns_ml.trees import at_most_float32, of_class_alone, trees_of, walk_all


@pytest.fixture(scope="module")
def fitted():
    r = np.random.default_rng(1)
    x = r.normal(size=(3000, 6)).astype(np.float32)
    x[:, 1] = np.round(x[:, 1])
    x[r.random(x.shape) < 0.15] = np.nan
    x[:, 5] = np.nan_to_num(x[:, 5])
    y = np.nan_to_num(x[:, 0]) + (np.nan_to_num(x[:, 1]) > 0.5) * np.nan_to_num(x[:, 2], nan=2) + 0.1 * r.normal(size=3000)
    return x, lgb.train(dict(verbose=-1, num_threads=1, num_leaves=12, min_data_in_leaf=5), lgb.Dataset(x, y), 40)


def edge_rows(x, booster):
    """Rows on and beside every threshold, and with every value missing."""
    rows = []
    for tree in trees_of(booster):
        for f, t in zip(tree["f"], tree["t"]):
            for value in (t, np.nextafter(np.float32(t), np.float32(np.inf)), np.nextafter(np.float32(t), np.float32(-np.inf)), np.nan, 0):
                row = x[len(rows) % len(x)].copy()
                row[f] = value
                rows.append(row)
    return np.array(rows, np.float32)


def test_the_exported_trees_answer_as_lightgbm(fitted):
    x, booster = fitted
    trees = trees_of(booster)
    for rows in (x, edge_rows(x, booster)):
        assert np.abs(walk_all(trees, rows) - booster.predict(rows)).max() < 1e-5


def test_onnx_answers_as_the_exported_trees(fitted):
    x, booster = fitted
    trees = trees_of(booster)
    rows = np.concatenate([x, edge_rows(x, booster)])
    content = ensemble({"name": "b", "init": 0.25, "inputs": [0] * 6, "trees": trees}).SerializeToString()
    got = session_of(content).run(None, {"rows": rows})[0][:, 0]
    assert np.abs(got - 0.25 - walk_all(trees, rows)).max() < 1e-5


def test_covers_add_up(fitted):
    for tree in trees_of(fitted[1]):
        inner = len(tree["f"])
        cover = lambda child: tree["c"][child if child >= 0 else inner + ~child]
        assert all(cover(tree["l"][i]) + cover(tree["r"][i]) == tree["c"][i] for i in range(inner))


def test_thresholds_are_never_rounded_up():
    t = np.array([0.1, 1 / 3, 1e-40, -0.1, 16777217.0, 1.5])
    assert (at_most_float32(t).astype(float) <= t).all()


@pytest.mark.parametrize(("column", "off", "passes"), [(0, 9e-6, True), (0, 2e-5, False), (1, 9e-5, True), (1, 2e-4, False)])
def test_the_gate_refuses_one_row_that_is_off(column, off, passes):
    wanted = np.full((1000, 2), 0.5)
    got = wanted.copy()
    got[731, column] += off
    chances = np.array([True, False])
    if passes:
        check_parity(got, wanted, chances)
    else:
        with pytest.raises(ParityError):
            check_parity(got, wanted, chances)


def test_the_gate_refuses_a_missing_answer():
    wanted = np.zeros((3, 1))
    got = wanted.copy()
    got[1] = np.nan
    with pytest.raises(ParityError):
        check_parity(got, wanted, np.array([False]))


def test_a_tree_of_one_class_says_nothing_of_others(fitted):
    x, booster = fitted
    tree = trees_of(booster)[0]
    for c in (0, 2, 5):
        alone = of_class_alone(tree, 6, c)
        assert sorted(alone["c"])[0] > 0 and len(alone["c"]) == len(alone["f"]) + len(alone["v"])
        cover = lambda child: alone["c"][child if child >= 0 else len(alone["f"]) + ~child]
        assert all(cover(alone["l"][i]) + cover(alone["r"][i]) == alone["c"][i] for i in range(len(alone["f"])))
        for asked in range(6):
            rows = np.column_stack([x, np.full(len(x), asked)])
            wanted = walk_all([tree], x) if asked == c else np.zeros(len(x))
            np.testing.assert_allclose(walk_all([alone], rows), wanted)
