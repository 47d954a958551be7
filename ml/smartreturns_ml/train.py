"""Fits the models M1 to M8 on training rows and calibrates them on rows that no tree has seen."""

from __future__ import annotations

import time
from dataclasses import dataclass

import lightgbm as lgb
import numpy as np

from . import calibrate as cal
from . import decay, hazard
from .contract import CLASSES, GRADES, QUANTILES, FeatureContract
from .encode import Encoding
from .learner import COMMON, MARKET, Booster, Learner, only, say, without
from .prepare import Rows
from .tables import Asked, Input, asked_for, class_rows, column_of
from .trees import trees_of


@dataclass
class Model:
    contract: FeatureContract
    encodings: dict[str, Encoding]
    boosters: list[Booster]
    calibration: dict
    sale_shape: np.ndarray
    decay: dict
    depth_elasticity: float
    trained_on: str
    data_hash: str
    seconds: float


class Trainer(Learner):
    # M1

    def fit_grade(self) -> None:
        known = np.flatnonzero(~np.isnan(self.grade) & self.genuine)
        asked = asked_for([(-1, known)], views=(0,))
        inputs = self.features({"grade", "photo_count", "photo_gate_passed", "photo_anomaly", "photo_duplicate"} | MARKET)
        at_intake = [i for i in inputs if not np.isnan(self.rows.x0[:, self.contract.place(i.name)]).all()]
        inputs = self.encode("grade", np.where(self.genuine, self.grade, np.nan)) + at_intake
        table = self.table(self.rows, asked, inputs)
        target = self.grade[asked.unit]
        booster, rounds = self.boost(
            table, target, self.rows.weight[asked.unit], self.is_validation[asked.unit], 160,
            objective="multiclass", num_class=len(GRADES), learning_rate=0.06, num_leaves=12, min_data_in_leaf=40,
        )  # fmt: skip
        trees = trees_of(booster, rounds)
        for g in range(len(GRADES)):
            self.add("grade", g, inputs, [0] * len(inputs), "softmax", trees[g :: len(GRADES)])

    # M8, before M2: prices are brought to the day of the decision and to no depth

    def fit_decay(self) -> None:
        self.decay, self.depth = decay.fit(self.rows, self.contract)

    def level(self, rows: Rows, asked: Asked) -> np.ndarray:
        per_day = decay.per_day(rows, self.decay, self.contract)[asked.unit]
        days, depth = column_of(rows, asked, "sale_days"), column_of(rows, asked, "depth_log")
        return column_of(rows, asked, "price_log") + per_day * np.nan_to_num(days) + self.depth * np.nan_to_num(depth)

    # M2

    def fit_price(self) -> None:
        asked = asked_for(class_rows(self.rows, "price_log"))
        target = self.level(self.rows, asked)
        weight = self.rows.weight[asked.unit]
        inputs = self.encode_prices(asked, target)
        inputs += self.features(MARKET) + [Input("context", "class"), Input("context", "grade")]
        monotone = self.monotone(inputs, {"grade": 0, "model_age_d": -1})
        monotone[-1] = -1
        table = self.table(self.rows, asked, inputs)
        check = self.is_validation[asked.unit]
        centre, rounds = self.boost(
            table, target, weight, check, 70, objective="l2", learning_rate=0.1, num_leaves=31, min_data_in_leaf=80,
            monotone_constraints=monotone, monotone_constraints_method="intermediate",
        )  # fmt: skip
        shared, middle = trees_of(centre, rounds), centre.predict(table, num_iteration=rounds)
        shared, middle = self.trim(table, target, weight, inputs, shared, middle)
        shared, middle = self.refine(table, target, weight, check, inputs, monotone, asked.klass, shared, middle)
        say(f"  price: {len(target)} rows, {len(shared)} trees, spread of the rest {np.std(target - middle):.4f}")
        for q, level in enumerate(QUANTILES):
            # LightGBM has no monotone quantiles. The median keeps to the rule by not looking at what the rule is about; the
            # outer ones may spread with grade and age.
            is_median = level == 0.5
            seen = without(table, monotone) if is_median else table
            part, used = self.boost(
                seen, target, weight, check, 50, start=middle, objective="quantile", alpha=level, learning_rate=0.15,
                num_leaves=15, min_data_in_leaf=200, boost_from_average=False,
            )  # fmt: skip
            rule = monotone if is_median else [0] * len(inputs)
            self.add("price", q, inputs, rule, "identity", shared + trees_of(part, used))

    def encode_prices(self, asked: Asked, target: np.ndarray) -> list[Input]:
        """By unit what its prices are above or below those of their class and grade; and category levels by class."""
        cell = asked.klass * len(GRADES) + self.grade[asked.unit].astype(int)
        weight = self.rows.weight[asked.unit]
        mean = np.bincount(cell, weight * target, 30) / np.maximum(np.bincount(cell, weight, 30), 1e-9)
        rest = target - mean[cell]
        sums, counts = np.bincount(asked.unit, rest, self.rows.count), np.bincount(asked.unit, minlength=self.rows.count)
        inputs = self.encode("price", np.where(counts > 0, sums / np.maximum(counts, 1), np.nan))
        first = asked.view == 0
        for c, name in enumerate(CLASSES):
            own = np.full(self.rows.count, np.nan)
            chosen = first & (asked.klass == c)
            own[asked.unit[chosen]] = rest[chosen]
            inputs += self.encode("price", own, suffix=f".{name}", features=("category_l3",))
        return inputs

    # M3

    def fit_sale(self) -> None:
        rows = self.rows
        asked = self.sale_asked(rows)
        weeks = self.sale_weeks(rows, asked)
        early = (column_of(rows, asked, "sale_week") == 1).astype(float)
        sums, counts = np.bincount(asked.unit, early, rows.count), np.bincount(asked.unit, minlength=rows.count)
        inputs = self.encode("sale", np.where(counts > 0, sums / np.maximum(counts, 1), np.nan))
        inputs += self.features() + [Input("context", "class"), Input("context", "grade")]
        table, check = self.table(rows, asked, inputs), self.is_validation[asked.unit]
        weight = rows.weight[asked.unit]
        shape, start = np.zeros(3), 0.0
        for _ in range(30):
            _, first, second = hazard.loss_and_slopes(np.full(len(early), start), shape, weeks)
            step = (weight * first.sum(1)).sum() / (weight * np.maximum(second.sum(1), 1e-9)).sum()
            start -= float(np.clip(step, -1, 1))
            shape = hazard.fit_shape(np.full(len(early), start), weeks, weight, shape, 1)
        first = np.full(len(early), start)
        rough, used = self.boost_sale(table, weeks, weight, check, first, shape, 30)
        z = start + rough.predict(table, num_iteration=used, raw_score=True)
        shape = hazard.fit_shape(z, weeks, weight, shape)
        booster, used = self.boost_sale(table, weeks, weight, check, first, shape, 200)
        z = start + booster.predict(table, num_iteration=used, raw_score=True)
        trees = trees_of(booster, used)
        # What is left of whole cells of category, class and grade, as with prices.
        cells = only(table, inputs, ("category_l2", "category_l3", "class", "grade"))
        trims = dict(learning_rate=0.3, num_leaves=60, lambda_l2=30.0, feature_fraction=1.0, bagging_fraction=1.0)
        part, used = self.boost_sale(cells, weeks, weight, np.zeros(len(z), bool), z, shape, 10, **trims)
        z = z + part.predict(cells, num_iteration=used, raw_score=True)
        self.sale_shape = hazard.fit_shape(z, weeks, weight, shape)
        trees += trees_of(part, used)
        say(f"  sale: {len(early)} rows, {len(trees)} trees, steps {np.round(self.sale_shape, 3)}")
        self.add("sale", None, inputs, [0] * len(inputs), "logit", trees, start)

    def boost_sale(self, table, weeks, weight, check, start, shape, rounds, **settings):
        """Boosts the log loss of person-weeks from a start by row."""
        fit = ~check
        parts = {id_: weeks.take(chosen) for id_, chosen in (("fit", fit), ("check", check))}

        def objective(score, _):
            _, first, second = hazard.loss_and_slopes(start[fit] + score, shape, parts["fit"])
            w = weight[fit]
            return first.sum(1) * w, np.maximum(second.sum(1), 1e-3) * w

        def loss(score, _):
            value, _, _ = hazard.loss_and_slopes(start[check] + score, shape, parts["check"])
            return "loss", float(np.average(value, weights=weight[check])), False

        settings = COMMON | dict(objective=objective, learning_rate=0.1, num_leaves=20, min_data_in_leaf=80) | settings
        train = lgb.Dataset(table[fit], np.zeros(fit.sum()))
        valid = lgb.Dataset(table[check], np.zeros(check.sum()), reference=train)
        rounds = min(rounds, 30) if self.quick else rounds
        stop = [lgb.early_stopping(12, verbose=False)] if check.sum() >= 200 else []
        booster = lgb.train(settings, train, rounds, valid_sets=[valid] if stop else [], feval=loss, callbacks=stop)
        return booster, booster.best_iteration or booster.current_iteration()

    def sale_asked(self, rows: Rows) -> Asked:
        asked = asked_for(class_rows(rows, "sale_week"))
        return asked.take(column_of(rows, asked, "sale_speed") > 0)

    def sale_weeks(self, rows: Rows, asked: Asked) -> hazard.Weeks:
        names = ("sale_week", "horizon_weeks", "sale_speed")
        return hazard.weeks_of(*(column_of(rows, asked, name) for name in names))

    # M4, M5

    def fit_repair(self) -> None:
        rows, graded = self.rows, ~np.isnan(self.grade)
        grade_context = [Input("context", "grade")]
        for kind in ("repair_need", "repair_success"):
            outcome = rows.outcomes["repair_needed" if kind == "repair_need" else kind]
            asked = asked_for([(-1, np.flatnonzero(graded & ~np.isnan(outcome)))])
            inputs = self.encode(kind, np.where(graded, outcome, np.nan)) + self.features(MARKET) + grade_context
            self.fit_chance(kind, asked, outcome[asked.unit], inputs)
        cost = rows.outcomes["repair_cost_log"]
        asked = asked_for([(-1, np.flatnonzero(graded & ~np.isnan(cost)))])
        inputs = self.encode("repair_cost", np.where(graded, cost, np.nan)) + self.features(MARKET) + grade_context
        # More that is found broken never makes a repair cheaper.
        monotone = [1 if i.name.startswith("finding_") or i.name == "repair_estimate_log" else 0 for i in inputs]
        table, check = self.table(rows, asked, inputs), self.is_validation[asked.unit]
        target, weight = cost[asked.unit], rows.weight[asked.unit]
        centre, rounds = self.boost(
            table, target, weight, check, 150, objective="l2", learning_rate=0.08, num_leaves=20, min_data_in_leaf=50,
            monotone_constraints=monotone,
        )  # fmt: skip
        shared, middle = trees_of(centre, rounds), centre.predict(table, num_iteration=rounds)
        say(f"  repair cost: {len(target)} rows, {rounds} trees, spread of the rest {np.std(target - middle):.4f}")
        for q, level in enumerate(QUANTILES):
            is_median = level == 0.5
            seen = without(table, monotone) if is_median else table
            part, used = self.boost(
                seen, target, weight, check, 40, start=middle, objective="quantile", alpha=level, learning_rate=0.15,
                num_leaves=8, min_data_in_leaf=100, boost_from_average=False,
            )  # fmt: skip
            rule = monotone if is_median else [0] * len(inputs)
            self.add("repair_cost", q, inputs, rule, "identity", shared + trees_of(part, used))

    def fit_chance(self, kind: str, asked: Asked, target: np.ndarray, inputs: list[Input], rounds: int = 150, **settings) -> None:
        table = self.table(self.rows, asked, inputs)
        settings = dict(objective="binary", learning_rate=0.07, num_leaves=15, min_data_in_leaf=60) | settings
        weight, check = self.rows.weight[asked.unit], self.is_validation[asked.unit]
        booster, used = self.boost(table, target, weight, check, rounds, **settings)
        say(f"  {kind}: {len(target)} rows, {used} trees")
        self.add(kind, None, inputs, [0] * len(inputs), "logit", trees_of(booster, used))

    # M6, M7

    def fit_rereturn(self) -> None:
        rows = self.rows
        asked = asked_for(class_rows(rows, "rereturned"))
        target = column_of(rows, asked, "rereturned")
        sums, counts = np.bincount(asked.unit, target, rows.count), np.bincount(asked.unit, minlength=rows.count)
        inputs = self.encode("rereturn", np.where(counts > 0, sums / np.maximum(counts, 1), np.nan))
        inputs += self.features(MARKET) + [Input("context", "class")]
        self.fit_chance("rereturn", asked, target, inputs, num_leaves=12, min_data_in_leaf=150)

    def fit_abuse(self) -> None:
        abuse = self.rows.outcomes["abuse"]
        asked = asked_for([(-1, np.flatnonzero(~np.isnan(abuse)))])
        inputs = self.encode("abuse", abuse) + self.features(MARKET)
        positive = max(float(np.nansum(abuse)), 1.0)
        # Rare: weighted so that both classes pull alike up to a factor of 10; calibration takes the weight back. A tenth of
        # the units holds too few to stop by.
        factor = float(np.clip((~np.isnan(abuse)).sum() / positive / 10, 1, 10))
        self.fit_chance(
            "abuse", asked, abuse[asked.unit], inputs, rounds=int(np.clip(positive / 2, 20, 100)), patience=None,
            scale_pos_weight=factor, num_leaves=8, min_data_in_leaf=40, learning_rate=0.05, lambda_l2=5.0,
        )  # fmt: skip

    def fit(self) -> Model:
        started = time.monotonic()
        steps = [
            self.fit_decay, self.fit_grade, self.fit_price, self.fit_sale, self.fit_repair, self.fit_rereturn, self.fit_abuse,
        ]  # fmt: skip
        for step in steps:
            step()
            say(f"{step.__name__[4:]}: {time.monotonic() - started:.0f} s")
        calibration = cal.calibrate(self)
        say(f"calibration: {time.monotonic() - started:.0f} s")
        return Model(
            self.contract, self.encodings, self.boosters, calibration, self.sale_shape, self.decay, self.depth,
            self.rows.source, self.rows.data_hash, time.monotonic() - started,
        )  # fmt: skip


def train(rows: Rows, held: Rows, contract: FeatureContract, quick: bool = False) -> Model:
    return Trainer(rows, held, contract, quick).fit()
