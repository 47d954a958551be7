"""Weekly hazard of a sale, as the engine reads it: rate = softplus(z + step) / speed, h = 1 - exp(-rate).

A listed unit is seen in every week until it is sold or its horizon ends; the loss is the log loss of these person-weeks,
summed by step, since the weeks of a step are alike.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .contract import SALE_STEPS


@dataclass(frozen=True)
class Weeks:
    """By row: weeks without a sale in each of the four steps, the step of the sale (-1 none), and the speed factor."""

    unsold: np.ndarray
    step: np.ndarray
    speed: np.ndarray

    def take(self, chosen: np.ndarray) -> "Weeks":
        return Weeks(self.unsold[chosen], self.step[chosen], self.speed[chosen])


def weeks_of(sale_week: np.ndarray, horizon: np.ndarray, speed: np.ndarray) -> Weeks:
    last = np.where(sale_week > 0, sale_week - 1, horizon)
    edges = np.array([0, *(s - 1 for s in SALE_STEPS), np.inf])
    unsold = np.clip(last[:, None] - edges[:-1], 0, edges[1:] - edges[:-1])
    step = np.where(sale_week > 0, np.searchsorted(SALE_STEPS, sale_week, side="right"), -1).astype(int)
    return Weeks(unsold, step, speed)


def softplus(z: np.ndarray) -> np.ndarray:
    return np.logaddexp(0, z)


def logistic(z: np.ndarray) -> np.ndarray:
    return 0.5 * (1 + np.tanh(0.5 * z))


def loss_and_slopes(z: np.ndarray, shape: np.ndarray, weeks: Weeks) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Loss by row, and by row and step its first and second slope in z + step (of z: their sums)."""
    at = z[:, None] + np.r_[0.0, shape]
    rate, slope = softplus(at) / weeks.speed[:, None], logistic(at) / weeks.speed[:, None]
    bend = slope * (1 - logistic(at))
    loss = (weeks.unsold * rate).sum(1)
    first, second = weeks.unsold * slope, weeks.unsold * bend
    sold = np.flatnonzero(weeks.step >= 0)
    s = weeks.step[sold]
    r = np.clip(rate[sold, s], 1e-9, 50)
    loss[sold] -= np.log(-np.expm1(-r))
    pull = 1 / np.expm1(r)
    first[sold, s] -= pull * slope[sold, s]
    second[sold, s] += pull * (1 + pull) * slope[sold, s] ** 2 - pull * bend[sold, s]
    return loss, first, second


def fit_shape(z: np.ndarray, weeks: Weeks, weight: np.ndarray, shape: np.ndarray, steps: int = 15) -> np.ndarray:
    """Newton's steps for what the weeks of each step add, given z."""
    shape = np.asarray(shape, float).copy()
    for _ in range(steps):
        _, first, second = loss_and_slopes(z, shape, weeks)
        g = (weight[:, None] * first[:, 1:]).sum(0)
        h = (weight[:, None] * np.maximum(second[:, 1:], 0)).sum(0)
        shape -= np.clip(g / (h + 5.0), -0.5, 0.5)
    # A step that no row reached goes on as the one before it.
    for k in range(1, len(shape)):
        if not (weeks.unsold[:, k + 1].any() or (weeks.step == k + 1).any()):
            shape[k] = shape[k - 1]
    return shape


def sold_within(z: np.ndarray, shape: np.ndarray, speed: np.ndarray, horizon: np.ndarray) -> np.ndarray:
    edges = np.array([0, *(s - 1 for s in SALE_STEPS), np.inf])
    length = np.clip(horizon[:, None] - edges[:-1], 0, edges[1:] - edges[:-1])
    return -np.expm1(-(length * softplus(z[:, None] + np.r_[0.0, shape])).sum(1) / speed)
