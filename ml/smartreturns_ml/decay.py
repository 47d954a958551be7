"""M8: what a price loses by the day and by depth, by residuals on residuals; drawn to parents, and these to priors.

A worn unit sells late and cheap, and nobody sees all of its wear: the days until a buyer comes are no clean measure of time.
The days before it is offered (backlog, processing, listing) are, so they stand as instrument for all days.
"""

from __future__ import annotations

import lightgbm as lgb
import numpy as np

from .contract import CLASSES, FeatureContract
from .prepare import Rows
from .tables import asked_for, class_rows, column_of

# decision-model 3: 1 % a week for fast electronics, 1 % a month for the rest.
PRIOR_FAST, PRIOR_SLOW = 0.00144, 0.00033
FAST = "electronics"
DEPTH_PRIOR, DEPTH_PRIOR_ERROR = 0.15, 0.05
# How far, in the mean, a child is from its parent; a prior is trusted to half its value.
CHILD_SPREAD = 0.35
# More units than this move no digit that matters.
UNITS_MAX = 20_000
SETTINGS = dict(
    verbose=-1, num_threads=1, seed=5, deterministic=True, force_row_wise=True, num_leaves=31, min_data_in_leaf=60,
    learning_rate=0.15, feature_fraction=0.7, max_bin=63,
)  # fmt: skip
# Days of waiting come from here; left out, what they explain stays in the residual of the days, and it moves no price.
OF_THE_WAIT = (
    "hub_backlog_min", "hub_minutes_per_day", "distance_km", "weekday", "stock_own", "stock_marketplace", "stock_b2b",
    "sold_28d_own", "sold_28d_marketplace", "sold_28d_b2b",
)  # fmt: skip


def controls(rows: Rows, asked, contract: FeatureContract) -> np.ndarray:
    kept = [i for i, name in enumerate(contract.features) if name not in OF_THE_WAIT]
    return np.column_stack([rows.x1[asked.unit][:, kept], asked.klass, rows.outcomes["grade"][asked.unit]]).astype(np.float32)


def residuals(table: np.ndarray, target: np.ndarray, fold: np.ndarray) -> np.ndarray:
    rest = np.empty(len(target))
    for k in np.unique(fold):
        seen, unseen = fold != k, fold == k
        booster = lgb.train(SETTINGS | {"objective": "l2"}, lgb.Dataset(table[seen], target[seen]), 40)
        rest[unseen] = target[unseen] - booster.predict(table[unseen])
    return rest


def groups_of(rows: Rows, contract: FeatureContract) -> list[tuple[str, str]]:
    """By unit its category (l3) and tier, as names; empty where unknown."""
    names = []
    for feature in ("category_l3", "brand_tier"):
        codes, values = rows.x0[:, contract.place(feature)], contract.values[feature]
        names.append([values[int(c)] if c == c and 0 <= c < len(values) else "" for c in codes])
    return list(zip(*names))


def fit(rows: Rows, contract: FeatureContract) -> tuple[dict, float]:
    asked = asked_for(class_rows(rows, "price_log"), views=(1,))
    days, depth = column_of(rows, asked, "sale_days"), column_of(rows, asked, "depth_log")
    known = np.isfinite(days) & np.isfinite(depth)
    if rows.count > UNITS_MAX:
        known &= np.random.default_rng(4).permutation(rows.count)[asked.unit] < UNITS_MAX
    asked = asked.take(known)
    days, depth, price = days[known], depth[known], column_of(rows, asked, "price_log")
    # A sale falls on the middle of its week; where all is taken at once there is no waiting for a buyer.
    waited = np.where(column_of(rows, asked, "sale_speed") > 0, 7 * column_of(rows, asked, "sale_week") - 3.5, 0)
    weight = rows.weight[asked.unit]
    if len(price) < 500:
        return {"default": PRIOR_SLOW, "byCategoryTier": {f"{FAST}|": PRIOR_FAST}}, DEPTH_PRIOR
    table = controls(rows, asked, contract)
    # Folds by unit: a unit's prices in its classes share their noise.
    fold = np.random.default_rng(2).integers(0, 2, rows.count)[asked.unit]
    r_price, r_days, r_start, r_depth = (residuals(table, y, fold) for y in (price, days, days - waited, depth))
    units = groups_of(rows, contract)
    group = [units[u] for u in asked.unit]
    keys = sorted(set(group))
    index = {key: i for i, key in enumerate(keys)}
    at = np.array([index[key] for key in group])
    slope, error2, elasticity = joint_slopes(r_price, r_days, r_start, r_depth, weight, at, len(keys))
    by = drawn_to_parents(keys, slope, error2)
    return {"default": PRIOR_SLOW, "byCategoryTier": by}, float(np.clip(elasticity, 0, 1))


def joint_slopes(r_price, r_days, r_start, r_depth, weight, at, count):
    """Price on days by group (by their instrument) and on depth for all."""
    sum_of = lambda x: np.bincount(at, weight * x, count)
    noise = float(np.average(r_price**2, weights=weight))
    # Own days of all explain next to nothing of depth; a line for all of them is enough to take their part away.
    common = float((weight * r_days * r_price).sum() / (weight * r_days**2).sum())
    rest = r_price - common * r_days
    prior = noise / DEPTH_PRIOR_ERROR**2
    elasticity = (prior * DEPTH_PRIOR - (weight * r_depth * rest).sum()) / ((weight * r_depth**2).sum() + prior)
    first_stage, start2 = sum_of(r_start * r_days), sum_of(r_start * r_start)
    # Where the instrument moves nothing there is nothing to learn: the parent stands.
    known = (first_stage > 0.3 * start2) & (start2 > 0)
    safe = np.where(known, first_stage, 1.0)
    slope = np.where(known, -sum_of(r_start * (r_price + elasticity * r_depth)) / safe, 0.0)
    # Prices of one unit share noise: its rows count for half of what they would apart.
    return slope, np.where(known, 2 * noise * start2 / safe**2, np.inf), float(elasticity)


def combined(values, errors2, prior: float, spread2: float) -> tuple[float, float]:
    """Mean of children with their own errors, drawn to a prior that is trusted to `spread2`."""
    weights = np.append(1 / (np.asarray(errors2) + spread2), 1 / spread2)
    return float((weights * np.append(values, prior)).sum() / weights.sum()), float(1 / weights.sum())


def drawn_to_parents(keys, slope, error2) -> dict[str, float]:
    found: dict[str, float] = {}
    tree: dict[str, dict[str, dict[str, list[int]]]] = {}
    for i, (category, _) in enumerate(keys):
        first = category.split(".")[0]
        tree.setdefault(first, {}).setdefault(category, []).append(i)
    for first, categories in tree.items():
        if not first:
            continue
        prior = PRIOR_FAST if first == FAST else PRIOR_SLOW
        spread2 = (CHILD_SPREAD * prior) ** 2 + 1e-12
        members = [i for part in categories.values() for i in part]
        top, _ = combined(slope[members], error2[members], prior, 4 * spread2)
        found[f"{first}|"] = max(top, 0.0)
        for category, part in categories.items():
            middle, _ = combined(slope[part], error2[part], top, spread2)
            found[f"{category}|"] = max(middle, 0.0)
            for i in part:
                if keys[i][1]:
                    own, _ = combined([slope[i]], [error2[i]], middle, spread2)
                    found[f"{category}|{keys[i][1]}"] = max(own, 0.0)
    return found


def per_day(rows: Rows, decay: dict, contract: FeatureContract) -> np.ndarray:
    """Decay of every unit, the most particular that is known."""
    by = decay["byCategoryTier"]
    known: dict[tuple[str, str], float] = {}
    for key in set(units := groups_of(rows, contract)):
        category, tier = key
        parts = category.split(".")
        levels = [".".join(parts[:n]) for n in (3, 2, 1)]
        names = [name for level in levels for name in (f"{level}|{tier}", f"{level}|")]
        known[key] = next((by[name] for name in names if name in by), decay["default"])
    return np.array([known[key] for key in units])
