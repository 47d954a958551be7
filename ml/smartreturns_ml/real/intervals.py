"""An interval around a fitted price: out-of-fold errors, scaled by how hard a row is, cut at conformal quantiles."""

from __future__ import annotations

import numpy as np
from lightgbm import LGBMRegressor
from sklearn.model_selection import KFold

FOLDS = 5
SIZE = dict(
    n_estimators=80, learning_rate=0.04, num_leaves=6, min_child_samples=30, subsample=0.7, subsample_freq=1,
    colsample_bytree=0.6, reg_lambda=10.0, verbose=-1, n_jobs=1, deterministic=True, force_row_wise=True,
)  # fmt: skip


def seen_as_float32(table: np.ndarray) -> np.ndarray:
    """Trees are trained on what a reader of their exported form will see."""
    return table.astype(np.float32).astype(float)


def conformal_quantile(scores: np.ndarray, level: float) -> float:
    """The ceil((n + 1) * level)-th smallest score."""
    at = int(np.ceil((len(scores) + 1) * level))
    return float(np.sort(scores)[min(max(at, 1), len(scores)) - 1])


def centre_shift(error: np.ndarray, within_weight: float) -> float:
    """Moves the centre where the mean absolute percentage error and the share within 20 % are best together."""

    def cost(shift: float) -> float:
        off = np.abs(np.exp(shift - error) - 1)
        return off.mean() / 0.185 + within_weight * (off > 0.2).mean() / 0.35

    shifts = np.arange(-0.06, 0.0301, 0.005)
    costs = np.array([cost(s) for s in shifts])
    # The cost is jagged; a mean of neighbours finds its valley.
    smooth = np.convolve(np.pad(costs, 3, mode="edge"), np.ones(7) / 7, mode="valid")
    return float(shifts[smooth.argmin()])


class WithInterval:
    """Cross-conformal: every training row is scored by a model that has not seen it; then one model on all rows."""

    def __init__(self, make, prices, within_weight: float = 1.0, coverage: float = 0.8, seed: int = 0):
        self.make, self.prices, self.coverage, self.seed = make, prices, coverage, seed
        self.within_weight = within_weight

    def fit(self, rows: list[dict]) -> "WithInterval":
        y = self.prices(rows)
        error, hard = np.zeros(len(rows)), None
        for seen, unseen in KFold(FOLDS, shuffle=True, random_state=self.seed).split(y):
            model = self.make().fit([rows[i] for i in seen])
            held = [rows[i] for i in unseen]
            error[unseen] = y[unseen] - model.predict(held)
            difficulty = seen_as_float32(model.difficulty(held))
            hard = np.zeros((len(rows), difficulty.shape[1])) if hard is None else hard
            hard[unseen] = difficulty
        self.shift = centre_shift(error, self.within_weight)
        size = np.abs(error - np.median(error))
        self.floor = float(np.quantile(size, 0.2))
        # The size of a row's error is read from trees that have not seen it, as it will be for new rows.
        scale = np.zeros(len(rows))
        for seen, unseen in KFold(FOLDS, shuffle=True, random_state=self.seed + 1).split(y):
            scale[unseen] = LGBMRegressor(**SIZE).fit(hard[seen], size[seen]).predict(hard[unseen])
        scores = error / np.maximum(scale, self.floor)
        tail = (1 - self.coverage) / 2
        self.low, self.high = -conformal_quantile(-scores, 1 - tail), conformal_quantile(scores, 1 - tail)
        self.scale = LGBMRegressor(**SIZE).fit(hard, size)
        self.model = self.make().fit(rows)
        return self

    def predict(self, rows: list[dict]) -> np.ndarray:
        """Three columns: lower end, price, upper end."""
        centre = self.model.predict(rows)
        scale = np.maximum(self.scale.predict(seen_as_float32(self.model.difficulty(rows))), self.floor)
        return np.exp(np.column_stack([centre + self.low * scale, centre + self.shift, centre + self.high * scale]))
