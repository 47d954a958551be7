"""Calibration on rows that no tree has seen: vector scaling, isotonic or Platt, and conformal widening by group."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize
from sklearn.isotonic import IsotonicRegression

from . import hazard
from .contract import CLASSES, GRADES
from .tables import asked_for, class_rows, column_of

ISOTONIC_FROM = 1000
ISOTONIC_PER_GRADE_FROM = 2000
KNOTS = 40
GROUP_FROM = 200
ALPHA = 0.1
EDGE = 1e-4


def logistic(z: np.ndarray) -> np.ndarray:
    return 0.5 * (1 + np.tanh(0.5 * np.asarray(z)))


def softmax(raw: np.ndarray) -> np.ndarray:
    raw = np.exp(raw - raw.max(1, keepdims=True))
    return raw / raw.sum(1, keepdims=True)


def along(knots: dict, chance: np.ndarray) -> np.ndarray:
    return np.interp(chance, knots["x"], knots["y"])


def map_chance(rule: dict, raw: np.ndarray) -> np.ndarray:
    if rule["kind"] == "platt":
        return logistic(rule["scale"] * raw + rule["shift"])
    chance = logistic(raw)
    return chance if rule["kind"] == "none" else along(rule, chance)


def isotonic_knots(chance: np.ndarray, happened: np.ndarray, weight: np.ndarray, edge: float = EDGE) -> dict | None:
    """Means of equal-mass bins made to rise; linear between them."""
    order = np.argsort(chance, kind="stable")
    parts = np.array_split(order, min(KNOTS, max(2, len(order) // 50)))
    x = np.array([np.average(chance[p], weights=weight[p]) for p in parts])
    y = np.array([np.average(happened[p], weights=weight[p]) for p in parts])
    mass = np.array([weight[p].sum() for p in parts])
    y = np.clip(IsotonicRegression().fit_transform(x, y, sample_weight=mass), edge, 1 - edge)
    rising = np.r_[True, np.diff(x) > 1e-9]
    return {"x": x[rising].tolist(), "y": y[rising].tolist()} if rising.sum() >= 2 else None


def platt(raw: np.ndarray, happened: np.ndarray, weight: np.ndarray) -> dict:
    if len(raw) == 0 or happened.min() == happened.max():
        return {"kind": "none"}

    def loss(v):
        z = np.exp(v[0]) * raw + v[1]
        return np.average(np.logaddexp(0, z) - happened * z, weights=weight) + 1e-3 * v[0] ** 2

    scale, shift = minimize(loss, [0.0, 0.0], method="Nelder-Mead", options={"maxiter": 400}).x
    return {"kind": "platt", "scale": float(np.exp(scale)), "shift": float(shift)}


def chance_map(raw: np.ndarray, happened: np.ndarray, weight: np.ndarray, units: int) -> dict:
    """Isotonic needs rows of both kinds; with few, a line on the logit errs less."""
    rarer = min(happened.sum(), len(happened) - happened.sum()) if len(happened) else 0
    if units >= ISOTONIC_FROM and rarer >= ISOTONIC_FROM / 2:
        knots = isotonic_knots(logistic(raw), happened, weight)
        if knots is not None:
            return {"kind": "isotonic", **knots}
    return platt(raw, happened, weight)


def vector_scaling(raw: np.ndarray, grade: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    k = len(GRADES)
    hot = np.eye(k)[grade]
    weight = weight / weight.sum()

    def loss(v):
        p = softmax(raw * v[:k] + v[k:])
        rest = (p - hot) * weight[:, None]
        value = -(weight * np.log(np.maximum((p * hot).sum(1), 1e-12))).sum() + 1e-4 * ((v[:k] - 1) ** 2).sum() + 1e-4 * (v[k:] ** 2).sum()
        return value, np.r_[(rest * raw).sum(0) + 2e-4 * (v[:k] - 1), rest.sum(0) + 2e-4 * v[k:]]

    found = minimize(loss, np.r_[np.ones(k), np.zeros(k)], jac=True, method="L-BFGS-B").x
    return found[:k], found[k:]


def grade_calibration(raw: np.ndarray, grade: np.ndarray, weight: np.ndarray) -> dict:
    scale, shift = vector_scaling(raw, grade, weight)
    answer = {"scale": scale.tolist(), "shift": shift.tolist(), "isotonic": None}
    if np.bincount(grade, minlength=len(GRADES)).min() >= ISOTONIC_PER_GRADE_FROM:
        p = softmax(raw * scale + shift)
        knots = [isotonic_knots(p[:, g], (grade == g).astype(float), weight, 0.0) for g in range(len(GRADES))]
        answer["isotonic"] = knots if all(k is not None for k in knots) else None
    return answer


def weighted_quantile(scores: np.ndarray, weight: np.ndarray, level: float) -> float:
    """The smallest score that, with all below it, holds `level` of the weight of the rows and one more: with equal weights
    the ceil((n + 1) * level)-th smallest. Rows that were rarely chosen stand for many that were not."""
    order = np.argsort(scores, kind="stable")
    held = np.cumsum(weight[order])
    at = int(np.searchsorted(held, level * (held[-1] + weight.mean()) * (1 - 1e-12)))
    return float(scores[order[min(at, len(order) - 1)]])


def widening(low, high, y, groups: list[str], parents: list[str], units: np.ndarray, weight: np.ndarray) -> list[dict]:
    """CQR: by group the conformal quantile of max(low - y, y - high); small groups are left to parents."""
    score = np.maximum(low - y, y - high)
    rows = []
    for names in (groups, parents, ["|"] * len(score)):
        names = np.asarray(names)
        for name in np.unique(names):
            chosen = names == name
            n = len(np.unique(units[chosen]))
            if n < GROUP_FROM and name != "|":
                continue
            widen = weighted_quantile(score[chosen], weight[chosen], 1 - ALPHA)
            rows.append({"group": str(name), "n": int(n), "widen": widen})
    return list({row["group"]: row for row in rows}.values()) or [{"group": "|", "n": 0, "widen": 0.0}]


def first_levels(rows, contract) -> np.ndarray:
    values = np.array([*contract.values["category_l1"], ""])
    codes = rows.x0[:, contract.place("category_l1")]
    return values[np.where(np.isnan(codes), len(values) - 1, codes).astype(int)]


def sorted_quantiles(trainer, kind: str, table: np.ndarray) -> np.ndarray:
    boosters = sorted((b for b in trainer.boosters if b.kind == kind), key=lambda b: b.output)
    return np.sort(np.column_stack([b.raw(table) for b in boosters]), axis=1)


def calibrate(trainer) -> dict:
    held, contract = trainer.held, trainer.contract
    by = {b.name: b for b in trainer.boosters}
    graded = ~np.isnan(held.outcomes["grade"])
    genuine = np.nan_to_num(held.outcomes["abuse"]) < 0.5
    answer: dict = {}

    asked = asked_for([(-1, np.flatnonzero(graded & genuine))], views=(0,))
    boosters = [by[f"grade_{g}"] for g in range(len(GRADES))]
    raw = np.column_stack([b.raw(trainer.table(held, asked, b.inputs)) for b in boosters])
    answer["grade"] = grade_calibration(raw, held.outcomes["grade"][asked.unit].astype(int), held.weight[asked.unit])

    asked = trainer.sale_asked(held)
    z = by["sale"].raw(trainer.table(held, asked, by["sale"].inputs))
    answer["sale"] = sale_calibration(trainer, asked, z)

    for kind, outcome in (("repair_need", "repair_needed"), ("repair_success", "repair_success"), ("abuse", "abuse")):
        happened = held.outcomes[outcome]
        chosen = ~np.isnan(happened) & (graded if kind != "abuse" else True)
        answer[kind] = held_map(trainer, by[kind], asked_for([(-1, np.flatnonzero(chosen))]), happened)
    asked = asked_for(class_rows(held, "rereturned"))
    answer["rereturn"] = held_map(trainer, by["rereturn"], asked, None)

    first = first_levels(held, contract)
    asked = asked_for(class_rows(held, "price_log"))
    q = sorted_quantiles(trainer, "price", trainer.table(held, asked, by["price_0"].inputs))
    groups = [f"{first[u]}|{CLASSES[c]}" for u, c in zip(asked.unit, asked.klass)]
    parents = [f"|{CLASSES[c]}" for c in asked.klass]
    answer["price"] = widening(q[:, 0], q[:, 4], trainer.level(held, asked), groups, parents, asked.unit, held.weight[asked.unit])

    cost = held.outcomes["repair_cost_log"]
    asked = asked_for([(-1, np.flatnonzero(graded & ~np.isnan(cost)))])
    if len(asked.unit) == 0:
        answer["repair_cost"] = [{"group": "|", "n": 0, "widen": 0.0}]
        return answer
    q = sorted_quantiles(trainer, "repair_cost", trainer.table(held, asked, by["repair_cost_0"].inputs))
    groups = [f"{first[u]}|repair" for u in asked.unit]
    answer["repair_cost"] = widening(q[:, 0], q[:, 4], cost[asked.unit], groups, ["|repair"] * len(groups), asked.unit, held.weight[asked.unit])
    return answer


def held_map(trainer, booster, asked, happened) -> dict:
    held = trainer.held
    if len(asked.unit) == 0:
        return {"kind": "none"}
    target = column_of(held, asked, "rereturned") if happened is None else happened[asked.unit]
    raw = booster.raw(trainer.table(held, asked, booster.inputs))
    return chance_map(raw, target, held.weight[asked.unit], len(np.unique(asked.unit)))


def sale_calibration(trainer, asked, z: np.ndarray) -> dict:
    """A line on the logit of the first week, by the log loss of person-weeks; the steps are fitted with it."""
    if len(z) == 0:
        return {"kind": "none"}
    weeks, weight = trainer.sale_weeks(trainer.held, asked), trainer.held.weight[asked.unit]

    def loss(v):
        return np.average(hazard.loss_and_slopes(np.exp(v[0]) * z + v[1], trainer.sale_shape, weeks)[0], weights=weight)

    scale, shift = minimize(loss, [0.0, 0.0], method="Nelder-Mead", options={"maxiter": 200}).x
    return {"kind": "platt", "scale": float(np.exp(scale)), "shift": float(shift)}
