"""How good a model is on rows that it has not seen, in the measures of decision-model 3, 5 and 11."""

from __future__ import annotations

import numpy as np
from sklearn.metrics import roc_auc_score

from . import decay, hazard
from .contract import AT, CLASSES, GRADES, QUANTILES, FeatureContract
from .prepare import Rows
from .tables import Asked, asked_for, class_rows, column_of

ECE_BINS = 15
GROUP_FROM = 200


def calibration_error(chance: np.ndarray, happened: np.ndarray) -> float:
    """Expected calibration error over bins of equal mass."""
    order = np.argsort(chance, kind="stable")
    parts = [p for p in np.array_split(order, ECE_BINS) if len(p)]
    return float(sum(len(p) * abs(chance[p].mean() - happened[p].mean()) for p in parts) / len(order))


def log_loss(chance: np.ndarray, happened: np.ndarray) -> float:
    p = np.clip(chance, 1e-7, 1 - 1e-7)
    return float(-np.mean(happened * np.log(p) + (1 - happened) * np.log(1 - p)))


def pinball(q: np.ndarray, y: np.ndarray) -> float:
    off = y[:, None] - q
    level = np.array(QUANTILES)
    return float(np.maximum(level * off, (level - 1) * off).mean())


def mean_of_quantiles(q: np.ndarray) -> np.ndarray:
    """Mean of exp of a logarithm known by five quantiles, as the engine takes it: linear in the normal variable."""
    normals = np.array([-1.6448536269514722, -0.6744897501960817, 0.0, 0.6744897501960817, 1.6448536269514722])
    z = np.linspace(-4, 4, 161)
    mass = np.exp(-z * z / 2)
    mass /= mass.sum()
    piece = np.clip(np.searchsorted(normals, z) - 1, 0, 3)
    share = (z - normals[piece]) / (normals[piece + 1] - normals[piece])
    return np.exp(q[:, piece] + share * (q[:, piece + 1] - q[:, piece])) @ mass


def price_quantiles(predicted: list[np.ndarray], rows: Rows, asked: Asked) -> np.ndarray:
    grade = rows.outcomes["grade"][asked.unit].astype(int)
    both = np.stack([p[:, AT["price"]].reshape(-1, len(CLASSES), len(GRADES), len(QUANTILES)) for p in predicted])
    return both[asked.view, asked.unit, asked.klass, grade]


def table_quantiles(train: Rows, level_of, contract: FeatureContract) -> tuple[dict, dict]:
    """The yardstick: empirical quantiles of category x grade x class."""
    asked = asked_for(class_rows(train, "price_log"), views=(1,))
    y, keys = level_of(train, asked), cell_keys(train, asked, contract)
    cells: dict[tuple, list[float]] = {}
    for key, value in zip(keys, y):
        cells.setdefault(key, []).append(value)
        cells.setdefault((None, *key[1:]), []).append(value)
    return {key: np.quantile(values, QUANTILES) for key, values in cells.items() if len(values) >= 20 or key[0] is None}, {}


def cell_keys(rows: Rows, asked: Asked, contract: FeatureContract) -> list[tuple]:
    category = rows.x0[asked.unit, contract.place("category_l3")]
    grade = rows.outcomes["grade"][asked.unit]
    return [(float(a), float(b), int(c)) for a, b, c in zip(np.nan_to_num(category, nan=-1), grade, asked.klass)]


def at_table(cells: dict, keys: list[tuple]) -> np.ndarray:
    whole = np.mean(list(cells.values()), axis=0)
    return np.array([cells.get(key, cells.get((None, *key[1:]), whole)) for key in keys])


def chances(name: str, chance: np.ndarray, happened: np.ndarray) -> dict[str, float]:
    there = ~np.isnan(happened)
    chance, happened = chance[there], happened[there]
    if len(chance) == 0:
        return {}
    found = {f"{name}_log_loss": log_loss(chance, happened), f"{name}_ece": calibration_error(chance, happened)}
    if 0 < happened.sum() < len(happened):
        found[f"{name}_auc"] = float(roc_auc_score(happened, chance))
    return found


def grade_metrics(p: np.ndarray, rows: Rows) -> dict[str, float]:
    known = ~np.isnan(rows.outcomes["grade"]) & (np.nan_to_num(rows.outcomes["abuse"]) < 0.5)
    grade, p = rows.outcomes["grade"][known].astype(int), p[known]
    hot = np.eye(len(GRADES))[grade]
    base = hot.mean(0)
    return {
        "grade_log_loss": float(-np.log(np.maximum(p[np.arange(len(grade)), grade], 1e-9)).mean()),
        "grade_log_loss_of_shares": float(-(base * np.log(np.maximum(base, 1e-9))).sum()),
        "grade_ece": float(np.mean([calibration_error(p[:, g], hot[:, g]) for g in range(len(GRADES))])),
        "grade_accuracy": float((p.argmax(1) == grade).mean()),
    }


def price_metrics(predicted, rows: Rows, train: Rows | None, model: dict, contract: FeatureContract) -> dict[str, float]:
    def level_of(some: Rows, asked: Asked) -> np.ndarray:
        per_day = decay.per_day(some, model["decay"], contract)[asked.unit]
        days, depth = column_of(some, asked, "sale_days"), column_of(some, asked, "depth_log")
        moved = per_day * np.nan_to_num(days) + model["depth_elasticity"] * np.nan_to_num(depth)
        return column_of(some, asked, "price_log") + moved

    found: dict[str, float] = {}
    cells = table_quantiles(train, level_of, contract)[0] if train is not None else None
    for view, when in ((0, "t0"), (1, "t1")):
        asked = asked_for(class_rows(rows, "price_log"), views=(view,))
        if len(asked.unit) == 0:
            continue
        y, q = level_of(rows, asked), price_quantiles(predicted, rows, asked)
        covered = (y >= q[:, 0]) & (y <= q[:, 4])
        found[f"price_pinball_{when}"] = pinball(q, y)
        keys = cell_keys(rows, asked, contract)
        if cells is not None:
            found[f"price_pinball_of_table_{when}"] = (of_table := pinball(at_table(cells, keys), y))
            found[f"price_sharper_{when}"] = 1 - found[f"price_pinball_{when}"] / of_table
        found[f"price_coverage_{when}"] = float(covered.mean())
        groups: dict[tuple, list[int]] = {}
        first = rows.x0[asked.unit, contract.place("category_l1")]
        for i, key in enumerate(zip(first, asked.klass)):
            groups.setdefault(key, []).append(i)
        big = [np.array(g) for g in groups.values() if len(g) >= GROUP_FROM]
        if big:
            found[f"price_coverage_worst_{when}"] = float(min(covered[g].mean() for g in big))
        if view == 0:
            median = predicted[0][:, AT["price"]].reshape(-1, len(CLASSES), len(GRADES), len(QUANTILES))[..., 2]
            found["price_grade_order_broken"] = float((np.diff(median, axis=2) > 0.01).mean())
        mean, real = mean_of_quantiles(q), np.exp(y)
        found[f"price_mean_bias_{when}"] = float(mean.mean() / real.mean() - 1)
        by_cell: dict[tuple, list[int]] = {}
        for i, key in enumerate(keys):
            by_cell.setdefault(key, []).append(i)
        full = [np.array(g) for g in by_cell.values() if len(g) >= 100]
        if full:
            bias = np.array([mean[g].mean() / real[g].mean() - 1 for g in full])
            found[f"price_mean_bias_cells_{when}"] = float(np.average(np.abs(bias), weights=[len(g) for g in full]))
    return found


def sale_metrics(predicted, rows: Rows) -> dict[str, float]:
    asked = asked_for(class_rows(rows, "sale_week"), views=(1,))
    speed = column_of(rows, asked, "sale_speed")
    asked, speed = asked.take(speed > 0), speed[speed > 0]
    if len(speed) == 0:
        return {}
    week, horizon = column_of(rows, asked, "sale_week"), column_of(rows, asked, "horizon_weeks")
    grade = rows.outcomes["grade"][asked.unit].astype(int)
    z = predicted[1][:, AT["sale"]].reshape(-1, len(CLASSES), len(GRADES))[asked.unit, asked.klass, grade]
    shape = predicted[1][0, AT["sale_shape"]]
    weeks = hazard.weeks_of(week, horizon, speed)
    loss = hazard.loss_and_slopes(z, shape, weeks)[0].sum()
    sold = chances("sale_in_horizon", hazard.sold_within(z, shape, speed, horizon), (week > 0).astype(float))
    first = chances("sale_in_4_weeks", hazard.sold_within(z, shape, speed, np.minimum(horizon, 4)), ((week > 0) & (week <= 4)).astype(float))
    return {"sale_log_loss_per_week": float(loss / np.where(week > 0, week, horizon).sum()), **sold, **first}


def repair_metrics(predicted, rows: Rows) -> dict[str, float]:
    found: dict[str, float] = {}
    graded = ~np.isnan(rows.outcomes["grade"])
    unit = np.flatnonzero(graded)
    grade = rows.outcomes["grade"][unit].astype(int)
    pick = lambda view, block: predicted[view][unit][:, AT[block]][np.arange(len(unit)), grade]
    for view, when in ((0, "t0"), (1, "t1")):
        found |= chances(f"repair_need_{when}", pick(view, "repair_need"), rows.outcomes["repair_needed"][unit])
        found |= chances(f"repair_success_{when}", pick(view, "repair_success"), rows.outcomes["repair_success"][unit])
        cost = rows.outcomes["repair_cost_log"][unit]
        there = ~np.isnan(cost)
        if there.any():
            q = predicted[view][unit][:, AT["repair_cost"]].reshape(len(unit), len(GRADES), len(QUANTILES))[np.arange(len(unit)), grade][there]
            y = cost[there]
            found[f"repair_cost_pinball_{when}"] = pinball(q, y)
            found[f"repair_cost_coverage_{when}"] = float(((y >= q[:, 0]) & (y <= q[:, 4])).mean())
            found[f"repair_cost_mean_bias_{when}"] = float(mean_of_quantiles(q).mean() / np.exp(y).mean() - 1)
    return found


def measure(model: dict, predicted: tuple[np.ndarray, np.ndarray], rows: Rows, train: Rows | None, contract: FeatureContract) -> dict[str, float]:
    """`predicted`: the model's rows at intake and after the check."""
    found = grade_metrics(predicted[0][:, AT["grade"]], rows)
    found |= price_metrics(predicted, rows, train, model, contract)
    found |= sale_metrics(predicted, rows)
    found |= repair_metrics(predicted, rows)
    asked = asked_for(class_rows(rows, "rereturned"), views=(1,))
    if len(asked.unit):
        chance = predicted[1][:, AT["rereturn"]][asked.unit, asked.klass]
        found |= chances("rereturn", chance, column_of(rows, asked, "rereturned"))
    for view, when in ((0, "t0"), (1, "t1")):
        found |= chances(f"abuse_{when}", predicted[view][:, AT["abuse"]][:, 0], rows.outcomes["abuse"])
    return {name: float(value) for name, value in found.items()}


def told(found: dict[str, float], current: dict[str, float] | None = None) -> str:
    lines = []
    for name, value in found.items():
        beside = f"   current {current[name]:10.5f}" if current and name in current else ""
        lines.append(f"  {name:<32} {value:10.5f}{beside}")
    return "\n".join(lines)
