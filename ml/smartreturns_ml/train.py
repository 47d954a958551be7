"""Fits the models M1 to M8 on training rows and calibrates them on rows that no tree has seen."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field

import lightgbm as lgb
import numpy as np

from . import calibrate as cal
from . import decay, hazard
from .contract import CLASSES, GRADES, QUANTILES, FeatureContract
from .encode import Encoding, fit_encoding
from .prepare import Rows
from .tables import Asked, Input, asked_for, class_rows, column_of, table_of
from .trees import trees_of

SEED = 7
VALIDATION_SHARE = 0.1
# What a hub does to a unit's price, grade or repair is nothing; its columns would only be noise there.
NOT_OF_THE_UNIT = {
    "hub_backlog_min", "hub_minutes_per_day", "distance_km", "hub_can_repair", "hub_can_wipe", "hub_can_hazmat", "weekday",
}  # fmt: skip
CATEGORICAL = {
    "category_l1", "category_l2", "category_l3", "hygiene_class", "hazard_class", "reason_code", "reason_cluster",
    "sale_channel", "functional_test",
}  # fmt: skip
MARKET = {"sold_28d_own", "sold_28d_marketplace", "sold_28d_b2b", "stock_own", "stock_marketplace", "stock_b2b"}
ENCODED = {
    "grade": ("category_l3", "category_l2", "reason_code", "reason_cluster", "sale_channel"),
    "price": ("category_l3", "category_l2", "reason_code", "reason_cluster", "functional_test"),
    "sale": ("category_l3", "category_l2", "reason_code"),
    "repair_need": ("category_l3", "reason_code", "reason_cluster", "functional_test"),
    "repair_cost": ("category_l3", "category_l2", "reason_code", "reason_cluster", "functional_test"),
    "repair_success": ("category_l3", "category_l2", "reason_code", "reason_cluster", "functional_test"),
    "rereturn": ("category_l3", "reason_code", "reason_cluster"),
    "abuse": ("category_l3", "reason_code", "reason_cluster", "sale_channel"),
}
# One thread: beside other work two spin for one another and take many times as long.
COMMON = dict(
    verbose=-1, num_threads=1, seed=SEED, deterministic=True, force_row_wise=True, max_depth=6, max_bin=127,
    feature_fraction=0.8, bagging_fraction=0.8, bagging_freq=1, lambda_l2=2.0,
)  # fmt: skip


@dataclass
class Booster:
    """Trees of one output; a later part starts where the earlier ones end, so their trees add up."""

    name: str
    kind: str
    output: int | None
    inputs: list[Input]
    monotone: list[int]
    link: str
    init: float
    trees: list[dict]
    parts: list = field(default_factory=list, repr=False)

    def raw(self, table: np.ndarray) -> np.ndarray:
        """Scores of many rows: the walk of the exported trees in ONNX, which the gate holds to the reference."""
        from .onnx_export import ensemble, session_of

        tree_set = {"name": self.name, "init": self.init, "inputs": self.inputs, "trees": self.trees}
        scores = session_of(ensemble(tree_set).SerializeToString()).run(None, {"rows": np.ascontiguousarray(table)})[0]
        return scores[:, 0].astype(np.float64)


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

    def of(self, kind: str) -> list[Booster]:
        return sorted((b for b in self.boosters if b.kind == kind), key=lambda b: b.output or 0)


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def without(table: np.ndarray, monotone: list[int]) -> np.ndarray:
    """The table with its monotone columns made constant, so that no tree splits on them."""
    copy = table.copy()
    copy[:, np.flatnonzero(monotone)] = 0
    return copy


class Trainer:
    def __init__(self, rows: Rows, held: Rows, contract: FeatureContract, quick: bool = False):
        self.rows, self.held, self.contract = rows, held, contract
        self.quick = quick
        self.encodings: dict[str, Encoding] = {}
        self.of_training: dict[str, np.ndarray] = {}
        self.boosters: list[Booster] = []
        self.is_validation = np.random.default_rng(SEED).random(rows.count) < VALIDATION_SHARE
        self.grade = rows.outcomes["grade"]
        self.genuine = np.nan_to_num(rows.outcomes["abuse"]) < 0.5

    # Inputs

    def encode(self, kind: str, target: np.ndarray, suffix: str = "", features: tuple[str, ...] | None = None) -> list[Input]:
        """Encodings of a kind by the mean of a target of the unit; codes known after the check are taken from there."""
        found = []
        for feature in features or ENCODED[kind]:
            name = f"{feature}.{kind}{suffix}"
            place = self.contract.place(feature)
            after, before = self.rows.x1[:, place], self.rows.x0[:, place]
            encoding, numbers = fit_encoding(name, feature, after, target, self.rows.weight, self.contract)
            self.encodings[name] = encoding
            at_intake = np.where(np.isnan(before), np.float32(encoding.missing), numbers)
            self.of_training[name] = np.stack([at_intake, numbers])
            found.append(Input("encoding", name))
        return found

    def features(self, without: set[str] = frozenset()) -> list[Input]:
        gone = NOT_OF_THE_UNIT | CATEGORICAL | without
        # A column that never varies can't be split on; leaving it out keeps the lists short.
        varies = lambda name: any(
            len(np.unique(x[:, self.contract.place(name)][:5000])) > 1 for x in (self.rows.x0, self.rows.x1)
        )
        return [Input("feature", name) for name in self.contract.features if name not in gone and varies(name)]

    def table(self, rows: Rows, asked: Asked, inputs: list[Input]) -> np.ndarray:
        own = self.of_training if rows is self.rows else None
        return table_of(rows, asked, inputs, self.encodings, self.contract, own)

    # Boosters

    def boost(self, table, target, weight, is_validation, rounds: int, start=None, patience: int | None = 12, **settings):
        """Early stopping on a tenth of the training units, or with no patience all rounds on all units."""
        settings = COMMON | settings
        if self.quick:
            rounds = min(rounds, 40)
        start = np.zeros(len(table)) if start is None else start
        check = is_validation if patience else np.zeros(len(table), bool)
        fit = ~check
        has_start = bool(np.any(start))
        make = lambda chosen, of=None: lgb.Dataset(
            table[chosen], target[chosen], weight=weight[chosen], init_score=start[chosen] if has_start else None,
            reference=of, free_raw_data=True,
        )  # fmt: skip
        train = make(fit)
        stop = [lgb.early_stopping(patience, verbose=False)] if check.sum() >= 200 else []
        valid = [make(check, train)] if stop else []
        booster = lgb.train(settings, train, rounds, valid_sets=valid, callbacks=stop)
        return booster, booster.best_iteration or booster.current_iteration()

    def add(self, kind, output, inputs, monotone, link, booster_trees, init=0.0, parts=()):
        name = kind if output is None else f"{kind}_{output}"
        self.boosters.append(Booster(name, kind, output, inputs, monotone, link, init, booster_trees, list(parts)))
        return self.boosters[-1]

    def monotone(self, inputs: list[Input], rules: dict[str, int]) -> list[int]:
        return [rules.get(item.name, 0) if item.kind != "encoding" else 0 for item in inputs]

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
            table, target, weight, check, 300, objective="l2", learning_rate=0.1, num_leaves=31, min_data_in_leaf=80,
            monotone_constraints=monotone, monotone_constraints_method="intermediate",
        )  # fmt: skip
        shared = trees_of(centre, rounds)
        middle = centre.predict(table, num_iteration=rounds)
        say(f"  price: {len(target)} rows, {rounds} trees, spread of the rest {np.std(target - middle):.4f}")
        for q, level in enumerate(QUANTILES):
            # LightGBM has no monotone quantiles. The median keeps to the rule by not looking at what the rule is about; the
            # outer ones may spread with grade and age.
            is_median = level == 0.5
            seen = without(table, monotone) if is_median else table
            part, used = self.boost(
                seen, target, weight, check, 60, start=middle, objective="quantile", alpha=level, learning_rate=0.15,
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
        for turn in range(2):
            booster, rounds = self.boost_sale(table, weeks, weight, check, start, shape, turn)
            z = start + booster.predict(table, num_iteration=rounds, raw_score=True)
            shape = hazard.fit_shape(z, weeks, weight, shape)
        self.sale_shape = shape
        say(f"  sale: {len(early)} rows, {rounds} trees, steps {np.round(shape, 3)}")
        self.add("sale", None, inputs, [0] * len(inputs), "logit", trees_of(booster, rounds), start)

    def boost_sale(self, table, weeks, weight, check, start, shape, turn):
        fit = ~check
        parts = {id_: weeks.take(chosen) for id_, chosen in (("fit", fit), ("check", check))}

        def objective(score, _):
            _, first, second = hazard.loss_and_slopes(start + score, shape, parts["fit"])
            w = weight[fit]
            return first.sum(1) * w, np.maximum(second.sum(1), 1e-3) * w

        def loss(score, _):
            value, _, _ = hazard.loss_and_slopes(start + score, shape, parts["check"])
            return "loss", float(np.average(value, weights=weight[check])), False

        settings = COMMON | dict(objective=objective, learning_rate=0.1, num_leaves=20, min_data_in_leaf=80)
        train = lgb.Dataset(table[fit], np.zeros(fit.sum()))
        valid = lgb.Dataset(table[check], np.zeros(check.sum()), reference=train)
        rounds = 40 if self.quick or turn == 0 else 200
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
