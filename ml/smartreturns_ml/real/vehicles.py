"""Price of a used car or two-wheeler from its new price, age and use (set `used_vehicles_in`)."""

from __future__ import annotations

import re

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from sklearn.linear_model import Ridge

PRICE = "selling_price_inr"
SEEN_IN = 2019.5  # The listings state no date; the newest model year is 2020.
OWNERS = {"1st owner": 1.0, "2nd owner": 2.0, "3rd owner": 3.0, "4th owner": 4.0}
# Length scales and variances of the covariance, by marginal likelihood on the development rows.
SCALES = {"new": 2.7, "age": 0.35, "km": 0.019, "dealer": 2.8, "owner": 2.7, "kind": 2.1, "log_age": 0.34}
SMOOTH, SAME_LINE, SAME_MODEL, LINEAR, NOISE = 0.007, 0.001, 0.009, 0.029, 0.037
ROBUST_AT = 1.3  # deviations from which an error counts linearly
WEIGHTS = {"process": 0.65, "ridge": 0.35}


def prices(rows: list[dict]) -> np.ndarray:
    return np.log([float(row[PRICE]) for row in rows])


def owner_of(text: str) -> float:
    return OWNERS.get(text.strip()) or float(text) + 1


def model_of(row: dict) -> str:
    return " ".join(re.sub(r"\[.*?\]", "", row["name"].lower()).split())


class Vehicles:
    """A Gaussian process with a heavy tail (re-weighted) and a ridge on marks; both on ln(price / new price)."""

    def facts(self, rows: list[dict]) -> dict[str, np.ndarray]:
        age = np.maximum(SEEN_IN - np.array([float(row["year"]) for row in rows]), 0.3)
        return {
            "new": np.log([float(row["new_price_inr"]) for row in rows]),
            "age": age / 3,
            "km": np.log([float(row["km_driven"]) for row in rows]),
            "dealer": np.array([float(row["seller_type"] == "Dealer") for row in rows]),
            "owner": np.array([owner_of(row["owner"]) for row in rows]),
            "kind": np.array([float(row["kind"] == "two_wheeler") for row in rows]),
            "log_age": np.log(age),
            "model": np.array([model_of(row) for row in rows]),
            "line": np.array([" ".join(model_of(row).split()[:2]) for row in rows]),
            "brand": np.array([("" if row["kind"] == "two_wheeler" else "car ") + model_of(row).split()[0] for row in rows]),
        }

    def covariance(self, a: dict, b: dict) -> np.ndarray:
        far = sum(by * (a[name][:, None] - b[name][None]) ** 2 for name, by in SCALES.items())
        line = lambda f: np.column_stack([f["new"] - 12, f["age"] - 1.7, f["km"] - 10.2])
        return (
            SMOOTH * np.exp(-0.5 * far)
            + LINEAR * line(a) @ line(b).T
            + SAME_LINE * (a["line"][:, None] == b["line"][None])
            + SAME_MODEL * (a["model"][:, None] == b["model"][None])
        )

    def table(self, f: dict) -> np.ndarray:
        bike = ((f["kind"] == 1) | (f["new"] < np.log(250_000))).astype(float)
        age, km, new = f["age"] * 3, f["km"] - 10.2, f["new"]
        table = np.column_stack([
            new - np.where(bike > 0, 11.3, 13.8), age, km, f["owner"], f["dealer"], f["kind"], bike, age**2 / 10, km**2,
            age * km / 3, age * f["kind"] / 3, age * (bike - f["kind"]), bike * km, bike * (new - 11.3), 2 * np.sqrt(age),
            np.exp(f["km"]) / 1e5, (new - 12) * age / 5, age * bike / 3,
        ])  # fmt: skip
        return table

    def marked(self, f: dict) -> np.ndarray:
        standard = (self.table(f) - self.mean) / self.spread
        marks = [
            by * (f[name][:, None] == self.values[name][None]) for name, by in (("brand", 0.9), ("line", 0.9), ("model", 0.7))
        ]
        return np.hstack([standard, *marks])

    def fit(self, rows: list[dict]) -> "Vehicles":
        f = self.seen = self.facts(rows)
        y = prices(rows) - f["new"]
        self.level = float(y.mean())
        covariance, noise = self.covariance(f, f), np.full(len(y), NOISE)
        for _ in range(4):
            self.alpha = cho_solve(cho_factor(covariance + np.diag(noise)), y - self.level)
            error = np.abs(y - self.level - covariance @ self.alpha)
            noise = NOISE * np.maximum(1, error / (ROBUST_AT * np.sqrt(NOISE)))
        table = self.table(f)
        self.mean, self.spread = table.mean(0), table.std(0) + 1e-9
        self.values = {name: np.unique(f[name]) for name in ("brand", "line", "model")}
        marked = self.marked(f)
        self.ridge = Ridge(2.5).fit(marked, y)
        for _ in range(5):
            weight = 1 / np.maximum(1, np.abs(y - self.ridge.predict(marked)) / 0.2)
            self.ridge = Ridge(2.5).fit(marked, y, sample_weight=weight)
        return self

    def predict(self, rows: list[dict]) -> np.ndarray:
        f = self.facts(rows)
        process = self.covariance(f, self.seen) @ self.alpha + self.level
        return f["new"] + WEIGHTS["process"] * process + WEIGHTS["ridge"] * self.ridge.predict(self.marked(f))

    def difficulty(self, rows: list[dict]) -> np.ndarray:
        f = self.facts(rows)
        return np.column_stack([f["age"], f["km"], f["kind"], f["new"], f["owner"], self.predict(rows)])
