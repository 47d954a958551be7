"""Price of a used phone or tablet from its new price and specification (set `used_devices`)."""

from __future__ import annotations

import numpy as np
from lightgbm import LGBMRegressor
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import Ridge
from sklearn.svm import SVR

PRICE = "used_price_eur"
# Added before the logarithm, so that the smallest true value stays within a few units of the rest.
LOGARITHMS = {
    "new_price_eur": 0.0,
    "screen_size_cm": 0.0,
    "rear_camera_mp": 0.3,
    "front_camera_mp": 0.1,
    "internal_memory_gb": 0.5,
    "ram_gb": 0.25,
    "battery_mah": 0.0,
    "weight_g": 0.0,
}
AS_THEY_ARE = {"release_year": 1.0, "days_used": 1 / 300}
YES_NO = ("four_g", "five_g")
SYSTEMS = ("Android", "iOS", "Windows")
ALWAYS_THERE = ("new_price_eur", "screen_size_cm", "release_year", "days_used")
PAIRED = 10  # columns whose products enter the polynomial: all but yes/no
BRAND_PRIOR = 10.0  # rows by which a brand's mean is drawn to that of all
BOOSTER = dict(
    n_estimators=350, learning_rate=0.03, num_leaves=8, min_child_samples=15, subsample=0.6, subsample_freq=1,
    colsample_bytree=0.5, reg_lambda=5.0, verbose=-1, n_jobs=1, deterministic=True, force_row_wise=True,
)  # fmt: skip
WEIGHTS = {"polynomial": 0.35, "support": 0.25, "kernel": 0.15, "boosted": 0.25}
SERVED = {"polynomial": 0.6, "boosted": 0.4}


def number(text: str | None) -> float:
    return float(text) if text not in (None, "") else float("nan")


def prices(rows: list[dict]) -> np.ndarray:
    return np.log([number(row[PRICE]) for row in rows])


class Phones:
    """Four views of the same rows; each is good where another is not. `served` is what plain code can evaluate."""

    def columns(self, rows: list[dict]) -> np.ndarray:
        logs = [np.log(np.array([number(row[name]) for row in rows]) + add) for name, add in LOGARITHMS.items()]
        plain = [np.array([number(row[name]) for row in rows]) * by for name, by in AS_THEY_ARE.items()]
        flags = [np.array([float(row[name] == "yes") for row in rows]) for name in YES_NO]
        return np.column_stack(logs + plain + flags)

    def names(self) -> list[str]:
        return [*LOGARITHMS, *AS_THEY_ARE, *YES_NO]

    def filled(self, table: np.ndarray) -> np.ndarray:
        table = table.copy()
        known = np.column_stack([table[:, self.known], np.ones(len(table))])
        for column, coefficients in self.fill.items():
            gone = np.isnan(table[:, column])
            table[gone, column] = known[gone] @ coefficients
        return table

    def fit_filling(self, table: np.ndarray) -> None:
        self.known = [self.names().index(name) for name in ALWAYS_THERE]
        known = np.column_stack([table[:, self.known], np.ones(len(table))])
        self.fill = {}
        for column in range(len(LOGARITHMS)):
            if column not in self.known:
                there = ~np.isnan(table[:, column])
                self.fill[column] = np.linalg.lstsq(known[there], table[there, column], rcond=None)[0]

    def marks(self, rows: list[dict]) -> np.ndarray:
        brands = np.array([[0.7 * (row["device_brand"] == brand) for brand in self.brands] for row in rows])
        return np.hstack([brands, self.systems(rows)])

    def systems(self, rows: list[dict]) -> np.ndarray:
        return np.array([[float(row["os"] == system) for system in SYSTEMS] for row in rows])

    def views(self, rows: list[dict]) -> dict[str, np.ndarray]:
        table = self.filled(self.columns(rows))
        standard = (table - self.mean) / self.spread
        products = [standard[:, a] * standard[:, b] for a in range(PAIRED) for b in range(a, PAIRED)]
        marks = self.marks(rows)
        brand = np.array([[self.brand_ratio.get(row["device_brand"], self.ratio)] for row in rows])
        return {
            "polynomial": np.hstack([standard, np.column_stack(products), marks]),
            "support": np.hstack([standard, marks]),
            "boosted": np.hstack([standard, brand, self.systems(rows)]).astype(np.float32).astype(float),
            "new": table[:, 0],
        }

    def fit(self, rows: list[dict]) -> "Phones":
        y = prices(rows)
        table = self.columns(rows)
        self.fit_filling(table)
        table = self.filled(table)
        self.mean, self.spread = table.mean(0), table.std(0) + 1e-9
        self.brands = sorted({row["device_brand"] for row in rows})
        ratio = y - table[:, 0]
        self.ratio = float(ratio.mean())
        brand = np.array([row["device_brand"] for row in rows])
        self.brand_ratio = {
            name: float((ratio[brand == name].sum() + BRAND_PRIOR * self.ratio) / ((brand == name).sum() + BRAND_PRIOR))
            for name in self.brands
        }
        views = self.views(rows)
        self.level = float(y.mean())
        self.polynomial = Ridge(80.0).fit(views["polynomial"], y)
        self.support = SVR(C=1.0, gamma=0.015, epsilon=0.1).fit(views["support"], y)
        self.kernel = KernelRidge(alpha=0.6, kernel="rbf", gamma=0.01).fit(views["support"], y - self.level)
        self.boosted = [LGBMRegressor(random_state=s, **BOOSTER).fit(views["boosted"], ratio) for s in range(3)]
        return self

    def members(self, rows: list[dict]) -> dict[str, np.ndarray]:
        views = self.views(rows)
        return {
            "polynomial": self.polynomial.predict(views["polynomial"]),
            "support": self.support.predict(views["support"]),
            "kernel": self.kernel.predict(views["support"]) + self.level,
            "boosted": np.mean([m.predict(views["boosted"]) for m in self.boosted], 0) + views["new"],
        }

    def predict(self, rows: list[dict]) -> np.ndarray:
        members = self.members(rows)
        return sum(weight * members[name] for name, weight in WEIGHTS.items())

    def difficulty(self, rows: list[dict]) -> np.ndarray:
        """What the size of an error may depend on."""
        views = self.views(rows)
        return np.column_stack([views["boosted"], self.predict(rows)])


class ServedPhones(Phones):
    """Only the members that go into `value.json`."""

    def predict(self, rows: list[dict]) -> np.ndarray:
        members = self.members(rows)
        return sum(weight * members[name] for name, weight in SERVED.items())
