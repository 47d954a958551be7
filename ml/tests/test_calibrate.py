from __future__ import annotations

import numpy as np

from smartreturns_ml.calibrate import chance_map, isotonic_knots, map_chance, platt, softmax, vector_scaling, weighted_quantile, widening
from smartreturns_ml.evaluate import calibration_error


def test_equal_weights_give_the_conformal_rank():
    for n in (5, 9, 10, 99, 250):
        scores = np.random.default_rng(n).permutation(np.arange(1.0, n + 1))
        wanted = min(int(np.ceil((n + 1) * 0.9)), n)
        assert weighted_quantile(scores, np.ones(n), 0.9) == wanted


def test_a_heavy_row_counts_as_many():
    scores = np.array([1.0, 2.0, 3.0, 4.0])
    assert weighted_quantile(scores, np.array([1.0, 1.0, 1.0, 50.0]), 0.5) == 4
    assert weighted_quantile(scores, np.array([50.0, 1.0, 1.0, 1.0]), 0.5) == 1


def test_widening_covers_and_small_groups_stand_by_their_parents():
    r = np.random.default_rng(0)
    n = 4000
    y = r.normal(size=n) * np.where(np.arange(n) < n // 2, 1.0, 3.0)
    groups = ["a|new"] * (n // 2) + ["b|new"] * (n // 2 - 50) + ["c|new"] * 50
    rows = widening(np.full(n, -1.0), np.full(n, 1.0), y, groups, ["|new"] * n, np.arange(n), np.ones(n))
    widen = {row["group"]: row["widen"] for row in rows}
    assert set(widen) == {"a|new", "b|new", "|new", "|"}
    for group, part in (("a|new", y[: n // 2]), ("b|new", y[n // 2 : -50])):
        assert abs((np.abs(part) <= 1 + widen[group]).mean() - 0.9) < 0.005


def test_maps_mend_a_score_that_is_too_sure():
    r = np.random.default_rng(1)
    z = r.normal(size=40000)
    happened = (r.random(40000) < 1 / (1 + np.exp(-z))).astype(float)
    for rule in (platt(3 * z, happened, np.ones(40000)), chance_map(3 * z, happened, np.ones(40000), 40000)):
        assert calibration_error(map_chance(rule, 3 * z), happened) < 0.02
    knots = isotonic_knots(1 / (1 + np.exp(-z)), happened, np.ones(40000))
    assert (np.diff(knots["x"]) > 0).all() and (np.diff(knots["y"]) >= 0).all()


def test_vector_scaling_finds_the_scale():
    r = np.random.default_rng(2)
    raw = r.normal(size=(8000, 5))
    p = softmax(raw * 0.5 + np.array([0.5, 0, 0, 0, -0.5]))
    grade = (p.cumsum(1) < r.random((8000, 1))).sum(1).clip(0, 4)
    scale, shift = vector_scaling(raw, grade, np.ones(8000))
    assert np.abs(softmax(raw * scale + shift) - p).mean() < 0.02
