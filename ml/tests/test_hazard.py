from __future__ import annotations

import numpy as np

from smartreturns_ml import hazard


def person_week_loss(z, shape, speed, week, horizon):
    loss = 0.0
    for w in range(1, int(horizon) + 1):
        step = sum(w >= s for s in hazard.SALE_STEPS)
        chance = 1 - np.exp(-np.logaddexp(0, z + (0, *shape)[step]) / speed)
        if w == week:
            return loss - np.log(chance)
        loss -= np.log(1 - chance)
    return loss


def test_loss_is_that_of_person_weeks_and_its_slopes_are_right():
    r = np.random.default_rng(0)
    n = 200
    horizon, speed, z = r.integers(1, 27, n).astype(float), r.uniform(0.3, 2, n), r.normal(size=n)
    week = np.where(r.random(n) < 0.7, np.minimum(r.integers(1, 27, n), horizon), 0).astype(float)
    shape = np.array([-0.3, -0.6, 0.2])
    weeks = hazard.weeks_of(week, horizon, speed)
    loss, first, second = hazard.loss_and_slopes(z, shape, weeks)
    for i in range(n):
        assert abs(loss[i] - person_week_loss(z[i], shape, speed[i], week[i], horizon[i])) < 1e-9
    h = 1e-5
    up, down = (hazard.loss_and_slopes(z + d, shape, weeks) for d in (h, -h))
    np.testing.assert_allclose(first.sum(1), (up[0] - down[0]) / (2 * h), atol=1e-6)
    np.testing.assert_allclose(second.sum(1), (up[1].sum(1) - down[1].sum(1)) / (2 * h), atol=1e-5)


def test_steps_are_found_again():
    r = np.random.default_rng(1)
    n, shape = 20_000, np.array([-0.4, -0.8, -0.8])
    speed, z = r.uniform(0.5, 1.5, n), r.normal(-0.5, 0.5, n)
    week = np.zeros(n)
    for w in range(1, 13):
        step = sum(w >= s for s in hazard.SALE_STEPS)
        chance = 1 - np.exp(-np.logaddexp(0, z + (0, *shape)[step]) / speed)
        week[(week == 0) & (r.random(n) < chance)] = w
    weeks = hazard.weeks_of(week, np.full(n, 12.0), speed)
    found = hazard.fit_shape(z, weeks, np.ones(n), np.zeros(3))
    np.testing.assert_allclose(found[:2], shape[:2], atol=0.1)
    # No row reached week 13: the rate goes on.
    assert found[2] == found[1]
