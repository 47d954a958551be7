"""What all fits share: inputs, encodings, boosting with early stopping, and trimming of cells."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import lightgbm as lgb
import numpy as np

from .contract import CLASSES, FeatureContract
from .encode import Encoding, fit_encoding
from .prepare import Rows
from .tables import Asked, Input, table_of
from .trees import of_class_alone, trees_of

SEED = 7
VALIDATION_SHARE = 0.1
# Rows of a class from which it gets trees of its own.
REFINED_FROM = 2000
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

    def raw(self, table: np.ndarray) -> np.ndarray:
        """Scores of many rows: the walk of the exported trees in ONNX, which the gate holds to the reference."""
        from .onnx_export import ensemble, session_of

        tree_set = {"name": self.name, "init": self.init, "inputs": self.inputs, "trees": self.trees}
        scores = session_of(ensemble(tree_set).SerializeToString()).run(None, {"rows": np.ascontiguousarray(table)})[0]
        return scores[:, 0].astype(np.float64)


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def only(table: np.ndarray, inputs: list[Input], names: tuple[str, ...]) -> np.ndarray:
    """The table with all but the columns of these contexts and encoded features made constant."""
    copy = np.zeros_like(table)
    kept = [i for i, item in enumerate(inputs) if item.name in names or item.name.split(".")[0] in names]
    copy[:, kept] = table[:, kept]
    return copy


def without(table: np.ndarray, monotone: list[int]) -> np.ndarray:
    """The table with its monotone columns made constant, so that no tree splits on them."""
    copy = table.copy()
    copy[:, np.flatnonzero(monotone)] = 0
    return copy


class Learner:
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

    def add(self, kind, output, inputs, monotone, link, trees, init=0.0):
        name = kind if output is None else f"{kind}_{output}"
        self.boosters.append(Booster(name, kind, output, inputs, monotone, link, init, trees))

    def monotone(self, inputs: list[Input], rules: dict[str, int]) -> list[int]:
        return [rules.get(item.name, 0) if item.kind != "encoding" else 0 for item in inputs]

    def trim(self, table, target, weight, inputs, trees, middle):
        """Takes away what is left in the mean of every class and grade, then of every category in them.

        A constrained tree can't raise one grade alone, so errors of whole cells stay behind; a decision between ways of sale
        is a comparison of such cells. On 15,000 units: mean error of the cells 0.036 before, 0.022 after, of which 0.016 is
        noise of the mean.
        """
        cells = (("class", "grade"), 1, 1.0, 50.0), (("category_l2", "category_l3", "class", "grade"), 12, 0.3, 60.0)
        for names, rounds, rate, strength in cells:
            part, used = self.boost(
                only(table, inputs, names), target, weight, self.is_validation[:0], rounds, start=middle, patience=None,
                objective="l2", learning_rate=rate, num_leaves=60, min_data_in_leaf=30, lambda_l2=strength,
                feature_fraction=1.0, bagging_fraction=1.0, boost_from_average=False,
            )  # fmt: skip
            trees = trees + trees_of(part, used)
            middle = middle + part.predict(only(table, inputs, names), num_iteration=used)
        return trees, middle

    def refine(self, table, target, weight, check, inputs, monotone, klass, trees, middle):
        """Trees of one class each: what tier, age or wear do to a price differs from one way of sale to another.

        Trees for all classes at once spend their splits on what these have in common. On 20,000 units the error of the
        difference of two classes' prices of a unit fell from 0.173 to 0.169, where most of it is noise.
        """
        place = next(i for i, item in enumerate(inputs) if item.kind == "context" and item.name == "class")
        for c, _ in enumerate(CLASSES):
            mine = np.flatnonzero(klass == c)
            if len(mine) < REFINED_FROM:
                continue
            part, used = self.boost(
                table[mine], target[mine], weight[mine], check[mine], 44, start=middle[mine], objective="l2",
                learning_rate=0.12, max_depth=4, num_leaves=16, min_data_in_leaf=80, boost_from_average=False,
                monotone_constraints=monotone, monotone_constraints_method="intermediate",
            )  # fmt: skip
            trees = trees + [of_class_alone(tree, place, c) for tree in trees_of(part, used)]
            middle[mine] += part.predict(table[mine], num_iteration=used)
        return trees, middle
