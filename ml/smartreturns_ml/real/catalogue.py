"""Catalogue title -> category (set `flipkart_catalog`), and from their categories to ours."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import numpy as np
from scipy.sparse import vstack
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedGroupKFold

from .catalogue_map import OURS
from .hashed_text import Block, HashedText, LinearOutputs, as_json
from .least_squares import ridge
from .value_model import read_rows

BUCKETS = 1 << 16
BLOCKS = [Block(0, "", "words", 1.0), Block(0, "", "characters", 1.0)]
ALPHA = 0.3
# The rest of the category path teaches words that few names hold; half a name's weight.
PATH_WEIGHT = 0.5
F1_BAR = 0.87
# Below this share of all scores the category is not told.
MINIMUM = 0.35
GOLDEN = 40


def kept(rows: list[dict]) -> list[dict]:
    """Rows whose top category is one: the others are names in the wrong place."""
    return [row for row in rows if row["top_category_clean"]]


def labels_of(rows: list[dict]) -> np.ndarray:
    return np.array([row["top_category_clean"] for row in rows])


def names_of(rows: list[dict]) -> list[tuple[str]]:
    return [(row["product_name"],) for row in rows]


def path_words(row: dict) -> str:
    """The path below its top, without the product's own name at its end."""
    name = row["product_name"].lower()[:20]
    return " ".join(part for part in row["category_path"].split(" >> ")[1:] if part.lower()[:20] != name)


class Catalogue:
    def fit(self, rows: list[dict]) -> "Catalogue":
        labels = labels_of(rows)
        self.names = np.unique(labels)
        self.text = HashedText(BLOCKS, BUCKETS).fit(names_of(rows))
        paths = sorted({(path_words(row), row["top_category_clean"]) for row in rows if path_words(row)})
        count = {name: max((labels == name).sum(), 1) for name in self.names}
        # Rare categories weigh more, by the root of their number: all the way would drown the common ones in them.
        weight = np.array([1 / np.sqrt(count[label]) for label in labels])
        extra = np.array([1 / np.sqrt(count[label]) for _, label in paths])
        weight = np.concatenate([weight, PATH_WEIGHT * extra]) / weight.mean()
        table = vstack([self.text.transform(names_of(rows)), self.text.transform([(words,) for words, _ in paths])]).tocsr()
        every = np.concatenate([labels, [label for _, label in paths]])
        hot = (every[:, None] == self.names[None]).astype(float)
        coefficients, start = ridge(table, hot, ALPHA, weight)
        self.outputs = LinearOutputs.quantised(list(self.names), coefficients, start, 16)
        return self

    def scores(self, rows: list[dict]) -> np.ndarray:
        return self.outputs.scores(self.text.transform(names_of(rows)))

    def predict(self, rows: list[dict]) -> np.ndarray:
        return self.names[self.scores(rows).argmax(1)]


def our_category(top: str, name: str) -> str | None:
    """Our category id for one of theirs; words of the name choose where theirs is wider than ours."""
    rule = OURS.get(top)
    if rule is None:
        return None
    text = name.lower()
    return next((ours for pattern, ours in rule["words"] if re.search(pattern, text)), rule["default"])


def measure(predicted: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    return {
        "rows": float(len(labels)),
        "macro_f1": float(f1_score(labels, predicted, average="macro")),
        "accuracy": float((labels == predicted).mean()),
    }


def run(options) -> int:
    rows = kept(read_rows(options.train))
    results = []
    labels = labels_of(rows)
    # A name stands there in many variants: all of them are on one side of a cut.
    groups = np.unique([row["product_name"].lower() for row in rows], return_inverse=True)[1]
    for repeat in range(options.repeats):
        predicted = np.empty(len(rows), dtype=object)
        cuts = StratifiedGroupKFold(options.folds, shuffle=True, random_state=repeat)
        for seen, unseen in cuts.split(rows, labels, groups):
            model = Catalogue().fit([rows[i] for i in seen])
            predicted[unseen] = model.predict([rows[i] for i in unseen])
        results.append(summary("cross-validation by name of the training file", measure(predicted.astype(str), labels)))
        print(f"cross-validation {repeat + 1}/{options.repeats}: macro F1 {results[-1]['macro_f1']:.4f}", file=sys.stderr)
    model = Catalogue().fit(rows)
    if options.test:
        test = kept(read_rows(options.test))
        results.append(summary("test file", measure(model.predict(test), labels_of(test))))
    out = Path(options.out)
    out.mkdir(parents=True, exist_ok=True)
    golden = names_of(rows[:: max(1, len(rows) // GOLDEN)][:GOLDEN])
    extra = {"answers": "the category with the greatest score; `ours` maps it to a category id", "minimum": MINIMUM, "ours": OURS}
    content = as_json("category", model.text, model.outputs, golden, extra)
    (out / "category.json").write_text(json.dumps(content, separators=(",", ":")) + "\n")
    (out / "metrics.json").write_text(json.dumps(results, indent=1) + "\n")
    lines = [
        f"{r['measured_on']} ({r['rows']:.0f} rows): macro F1 {r['macro_f1']:.4f} (bar {r['bar']} "
        f"{'met' if r['met'] else 'MISSED'}), accuracy {r['accuracy']:.4f}"
        for r in results
    ]
    print(json.dumps(results) if options.json else "\n".join(lines))
    return 0


def summary(where: str, found: dict[str, float]) -> dict:
    return {"measured_on": where, **found, "bar": F1_BAR, "met": found["macro_f1"] >= F1_BAR}


def predict(options) -> int:
    """`row, their category, ours` for each row of a file with `product_name`; trains on `--train` first."""
    model = Catalogue().fit(kept(read_rows(options.train)))
    rows = read_rows(options.rows)
    answers = [
        {"row": row.get("uniq_id", i), "category": str(top), "ours": our_category(str(top), row["product_name"])}
        for i, (row, top) in enumerate(zip(rows, model.predict(rows)))
    ]
    print(json.dumps(answers) if options.json else "\n".join(f"{a['row']},{a['category']},{a['ours']}" for a in answers))
    return 0
