"""Customer text -> not recommended, sentiment and reason cluster (set `clothing_reviews` and our own phrases)."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import numpy as np
from sklearn.metrics import f1_score, precision_recall_curve, roc_auc_score
from sklearn.model_selection import StratifiedKFold

from . import reason_words as words
from .hashed_text import Block, HashedText, LinearOutputs, as_json
from .least_squares import ridge
from .value_model import read_rows

BUCKETS = 1 << 16
REVIEW_BLOCKS = [Block(1, "", "words", 1.0), Block(0, "t", "words", 0.7)]
REASON_BLOCKS = [Block(0, "", "words", 1.0), Block(0, "", "characters", 0.5)]
REVIEW_ALPHA, REASON_ALPHA = 2.0, 0.5
AUC_BAR = 0.93
# Below this share of all scores the cluster is not told.
REASON_MINIMUM = 0.35
GOLDEN = 25


def texts(rows: list[dict]) -> list[tuple[str, str]]:
    return [(row["title"], f"{row['title']} . {row['review_text']}") for row in rows]


def displeasure(rows: list[dict]) -> np.ndarray:
    """Stars lost, and two more when the buyer does not recommend: richer than yes or no, and ranks it better."""
    return np.array([5 - int(row["rating"]) + 2 * (row["recommended"] == "0") for row in rows], float)


def not_recommended(rows: list[dict]) -> np.ndarray:
    return np.array([row["recommended"] == "0" for row in rows], float)


class Reviews:
    """One score; a line on its logit makes it a chance, and 1 - 2 x chance the sentiment from -1 to 1."""

    def fit(self, rows: list[dict]) -> "Reviews":
        self.text = HashedText(REVIEW_BLOCKS, BUCKETS).fit(texts(rows))
        table, target = self.text.transform(texts(rows)), displeasure(rows)
        bad = not_recommended(rows)
        # The line is fitted on scores of reviews that the scorer has not seen.
        score = np.zeros(len(rows))
        for seen, unseen in StratifiedKFold(3, shuffle=True, random_state=1).split(score, bad):
            coefficients, start = ridge(table[seen], target[seen], REVIEW_ALPHA)
            score[unseen] = (table[unseen] @ coefficients.T + start)[:, 0]
        self.scale, self.shift = line_on_logit(score, bad)
        precision, recall, edge = precision_recall_curve(bad, score)
        self.edge = float(edge[np.argmax(2 * precision * recall / np.maximum(precision + recall, 1e-9))])
        coefficients, start = ridge(table, target, REVIEW_ALPHA)
        self.outputs = LinearOutputs.quantised(["displeasure"], coefficients, start, 8)
        return self

    def score(self, rows: list[dict]) -> np.ndarray:
        return self.outputs.scores(self.text.transform(texts(rows)))[:, 0]

    def chance(self, rows: list[dict]) -> np.ndarray:
        return 1 / (1 + np.exp(-(self.scale * self.score(rows) + self.shift)))


def line_on_logit(score: np.ndarray, happened: np.ndarray) -> tuple[float, float]:
    from ..calibrate import platt

    rule = platt(score, happened, np.ones(len(score)))
    return rule["scale"], rule["shift"]


def measure(model: Reviews, rows: list[dict]) -> dict[str, float]:
    from ..evaluate import calibration_error

    score, bad = model.score(rows), not_recommended(rows)
    return {
        "rows": float(len(rows)),
        "auc": float(roc_auc_score(bad, score)),
        "f1": float(f1_score(bad, score >= model.edge)),
        "ece": calibration_error(model.chance(rows), bad),
    }


SENTENCE = re.compile(r"[.!?;\n]+")


def weak_sentences(rows: list[dict]) -> list[tuple[str, str]]:
    """Sentences of reviews that just one cluster's pattern finds; of those that none finds, as many as of the largest."""
    rules = {cluster: re.compile(pattern) for cluster, pattern in words.PATTERNS.items()}
    found, none = [], []
    for row in rows:
        if row["recommended"] == "1" and int(row["rating"]) == 5:
            continue
        for sentence in SENTENCE.split(row["review_text"].lower()):
            hits = [cluster for cluster, rule in rules.items() if rule.search(sentence)]
            if len(hits) == 1:
                found.append((sentence, hits[0]))
            elif not hits and len(sentence) > 15:
                none.append((sentence, "other"))
    largest = max([sum(label == c for _, label in found) for c in words.CLUSTERS] or [0])
    chosen = np.random.default_rng(0).permutation(len(none))[: largest // 2]
    return found + [none[i] for i in chosen]


class Reasons:
    def fit(self, rows: list[dict]) -> "Reasons":
        weak = weak_sentences(rows)
        own = [(phrase, cluster) for cluster, phrases in words.PHRASES.items() for phrase in phrases]
        pairs = weak + own
        labels = np.array([label for _, label in pairs])
        inputs = [(sentence,) for sentence, _ in pairs]
        self.text = HashedText(REASON_BLOCKS, BUCKETS).fit(inputs)
        hot = (labels[:, None] == np.array(words.CLUSTERS)[None]).astype(float)
        # Clusters weigh alike, and our few phrases as much as a tenth of all weak sentences.
        weight = 1 / np.sqrt(hot.sum(0) + 1)[np.argmax(hot, 1)]
        weight[len(weak) :] *= max(1.0, 0.3 * weight[: len(weak)].sum() / max(weight[len(weak) :].sum(), 1e-9))
        coefficients, start = ridge(self.text.transform(inputs), hot, REASON_ALPHA, weight / weight.mean())
        self.outputs = LinearOutputs.quantised(list(words.CLUSTERS), coefficients, start, 8)
        return self

    def cluster(self, sentences: list[str]) -> list[str]:
        scores = self.outputs.scores(self.text.transform([(s,) for s in sentences]))
        return [words.CLUSTERS[i] for i in scores.argmax(1)]


def checked_accuracy(model: Reasons) -> float:
    pairs = [(phrase, cluster) for cluster, phrases in words.CHECKED.items() for phrase in phrases]
    answers = model.cluster([phrase for phrase, _ in pairs])
    return float(np.mean([answer == cluster for answer, (_, cluster) in zip(answers, pairs)]))


def run(options) -> int:
    rows = read_rows(options.train)
    results = []
    if options.repeats > 0:
        bad, runs = not_recommended(rows), []
        for repeat in range(options.repeats):
            for seen, unseen in StratifiedKFold(options.folds, shuffle=True, random_state=repeat).split(rows, bad):
                model = Reviews().fit([rows[i] for i in seen])
                runs.append(measure(model, [rows[i] for i in unseen]))
            print(f"cross-validation {repeat + 1}/{options.repeats}: AUC {runs[-1]['auc']:.4f}", file=sys.stderr)
        results.append(summary("cross-validation of the training file", runs))
    model, reasons = Reviews().fit(rows), Reasons().fit(rows)
    if options.test:
        results.append(summary("test file", [measure(model, read_rows(options.test))]))
    found = {"not_recommended": results, "reason_accuracy_on_own_phrases": checked_accuracy(reasons)}
    out = Path(options.out)
    out.mkdir(parents=True, exist_ok=True)
    extra = {
        "answers": "displeasure; chance of not recommended = logistic(scale * score + shift); sentiment = 1 - 2 * chance",
        "chance": {"scale": model.scale, "shift": model.shift},
        "edge": model.edge,
    }
    write(out / "sentiment.json", as_json("sentiment", model.text, model.outputs, texts(rows)[:GOLDEN], extra))
    golden = [(phrase,) for phrases in words.CHECKED.values() for phrase in phrases]
    extra = {"answers": "the cluster with the greatest score", "minimum": REASON_MINIMUM}
    write(out / "reason.json", as_json("reason_cluster", reasons.text, reasons.outputs, golden, extra))
    write(out / "metrics.json", found)
    print(json.dumps(found) if options.json else told(found))
    return 0


def summary(where: str, runs: list[dict[str, float]]) -> dict:
    mean = {key: float(np.mean([run[key] for run in runs])) for key in runs[0]}
    return {"measured_on": where, "runs": len(runs), "mean": mean, "bar": AUC_BAR, "met": mean["auc"] >= AUC_BAR}


def told(found: dict) -> str:
    lines = [
        f"not recommended, {r['measured_on']} ({r['runs']} run(s) of {r['mean']['rows']:.0f} rows): AUC {r['mean']['auc']:.4f} "
        f"(bar {r['bar']} {'met' if r['met'] else 'MISSED'}), F1 {r['mean']['f1']:.3f}, ECE {r['mean']['ece']:.3f}"
        for r in found["not_recommended"]
    ]
    return "\n".join([*lines, f"reason cluster of own phrases kept from training: {found['reason_accuracy_on_own_phrases']:.3f}"])


def write(path: Path, content: dict) -> None:
    path.write_text(json.dumps(content, separators=(",", ":")) + "\n")


def predict(options) -> int:
    """`row, chance of not recommended` for each row of a file; trains on `--train` first."""
    model = Reviews().fit(read_rows(options.train))
    rows = read_rows(options.rows)
    chances = model.chance(rows)
    answers = [{"row": row.get("id", i), "not_recommended": round(float(c), 6)} for i, (row, c) in enumerate(zip(rows, chances))]
    print(json.dumps(answers) if options.json else "\n".join(f"{a['row']},{a['not_recommended']}" for a in answers))
    return 0
