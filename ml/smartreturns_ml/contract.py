"""What the program agrees on with its models: the features that go in and the columns that come out."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

CONTRACT_FILE = Path(__file__).resolve().parents[2] / "data" / "features" / "returns.v1.json"

GRADES = ("A", "B", "C", "D", "E")
CLASSES = ("new", "open_box", "refurbished", "secondary", "lot", "parts")
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
QUANTILE_NAMES = ("q05", "q25", "q50", "q75", "q95")
# First week of each step of the sale hazard after the first; the last goes on to SALE_WEEKS.
SALE_STEPS = (2, 5, 13)
SALE_WEEKS = 26

# In the order of src/contracts/prediction.ts.
BLOCKS = {
    "grade": [f"grade_{g}" for g in GRADES],
    "price": [f"price_{c}_{g}_{q}" for c in CLASSES for g in GRADES for q in QUANTILE_NAMES],
    "sale": [f"sale_{c}_{g}" for c in CLASSES for g in GRADES],
    "sale_shape": [f"sale_shape_w{week}" for week in SALE_STEPS],
    "repair_need": [f"repair_need_{g}" for g in GRADES],
    "repair_cost": [f"repair_cost_{g}_{q}" for g in GRADES for q in QUANTILE_NAMES],
    "repair_success": [f"repair_success_{g}" for g in GRADES],
    "rereturn": [f"rereturn_{c}" for c in CLASSES],
    "abuse": ["abuse"],
    "decay": ["decay_per_day"],
    "depth": ["depth_elasticity"],
}
COLUMNS = [name for block in BLOCKS.values() for name in block]
WIDTH = len(COLUMNS)
COLUMNS_HASH = hashlib.sha256("\n".join(COLUMNS).encode()).hexdigest()


def places() -> dict[str, slice]:
    found, at = {}, 0
    for name, columns in BLOCKS.items():
        found[name] = slice(at, at + len(columns))
        at += len(columns)
    return found


AT = places()


@dataclass(frozen=True)
class FeatureContract:
    name: str
    hash: str
    features: list[str]
    values: dict[str, list[str]]

    booleans: frozenset[str] = frozenset()

    def codes(self, feature: str) -> int | None:
        """How many codes a category, ordinal or boolean has; none for a number."""
        return 2 if feature in self.booleans else len(self.values[feature]) if feature in self.values else None

    def place(self, feature: str) -> int:
        return self.features.index(feature)


def read_contract(path: Path = CONTRACT_FILE) -> FeatureContract:
    content = path.read_bytes()
    data = json.loads(content)
    return FeatureContract(
        name=data["name"],
        hash=hashlib.sha256(content).hexdigest(),
        features=[feature["name"] for feature in data["features"]],
        values={feature["name"]: feature["values"] for feature in data["features"] if "values" in feature},
        booleans=frozenset(feature["name"] for feature in data["features"] if feature["type"] == "boolean"),
    )
