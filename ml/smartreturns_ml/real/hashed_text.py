"""Linear models over hashed n-grams: small enough for JSON, simple enough to be evaluated anywhere.

The tokeniser is the contract with the reader in TypeScript; golden pairs in the file hold both to it.

1. Text is lower-cased (Unicode simple), then words are the matches of [a-z0-9']+ .
2. Terms of a field, each with the field's letter: `w:` + word, `b:` + word + space + next word, and, where the field has
   characters, `c:` + every substring of 3..5 characters of space + word + space.
3. Place of a term: CRC-32 of its UTF-8 bytes modulo `buckets`.
4. Weight of a place in a block (words and bigrams are one block, characters another): (1 + ln count) * idf[place],
   then the block is divided by its Euclidean length and multiplied by the block's factor. A text is the sum of its blocks.
5. Score of an output: intercept + sum of weight * coefficient. Coefficients are int8 or int16 (`bits`, little-endian) times
   the output's scale.
"""

from __future__ import annotations

import base64
import re
import zlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.sparse import csr_matrix

WORD = re.compile(r"[a-z0-9']+")


@dataclass(frozen=True)
class Block:
    """One group of terms: `field` counts the texts given, `kind` is words or characters."""

    field: int
    prefix: str
    kind: str
    factor: float


@lru_cache(maxsize=500_000)
def place_of(term: str) -> int:
    return zlib.crc32(term.encode())


@lru_cache(maxsize=200_000)
def characters_of(prefix: str, word: str) -> tuple[int, ...]:
    padded = f" {word} "
    return tuple(
        zlib.crc32(f"{prefix}c:{padded[i : i + n]}".encode()) for n in (3, 4, 5) for i in range(len(padded) - n + 1)
    )


def places(block: Block, text: str) -> list[int]:
    words = WORD.findall(text.lower())
    if block.kind == "characters":
        return [place for word in words for place in characters_of(block.prefix, word)]
    found = [place_of(f"{block.prefix}w:{word}") for word in words]
    found += [place_of(f"{block.prefix}b:{a} {b}") for a, b in zip(words, words[1:])]
    return found


class HashedText:
    """Turns rows of texts (one string a field) into a sparse matrix of `buckets` columns."""

    def __init__(self, blocks: list[Block], buckets: int):
        self.blocks, self.buckets = blocks, buckets
        self.idf = np.ones(buckets)

    def counts(self, rows: list[tuple[str, ...]], block: Block) -> csr_matrix:
        columns, starts = [], [0]
        for row in rows:
            columns += places(block, row[block.field])
            starts.append(len(columns))
        columns = np.asarray(columns, np.int64) % self.buckets
        matrix = csr_matrix((np.ones(len(columns)), columns, starts), shape=(len(rows), self.buckets))
        matrix.sum_duplicates()
        return matrix

    def fit(self, rows: list[tuple[str, ...]]) -> "HashedText":
        seen = np.zeros(self.buckets)
        for block in self.blocks:
            seen += np.bincount(self.counts(rows, block).indices, minlength=self.buckets)
        idf = np.log((1 + len(rows)) / (1 + seen)) + 1
        # One byte a place, so that a reader works with the same numbers.
        self.idf_scale = float(idf.max() / 255)
        self.idf_bytes = np.maximum(np.round(idf / self.idf_scale), 1).astype(np.uint8)
        self.idf = self.idf_bytes * self.idf_scale
        return self

    def transform(self, rows: list[tuple[str, ...]]) -> csr_matrix:
        total = None
        for block in self.blocks:
            matrix = self.counts(rows, block)
            matrix.data = (1 + np.log(matrix.data)) * self.idf[matrix.indices]
            length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
            matrix.data *= np.repeat(block.factor / np.maximum(length, 1e-12), np.diff(matrix.indptr))
            total = matrix if total is None else total + matrix
        return total.tocsr()


@dataclass
class LinearOutputs:
    """Coefficients as they are served: whole numbers with one scale an output."""

    names: list[str]
    weights: np.ndarray
    scales: np.ndarray
    intercepts: np.ndarray

    @staticmethod
    def quantised(names: list[str], coefficients: np.ndarray, intercepts: np.ndarray, bits: int = 8) -> "LinearOutputs":
        coefficients = np.atleast_2d(coefficients)
        most = 2 ** (bits - 1) - 1
        scales = np.maximum(np.abs(coefficients).max(axis=1), 1e-9) / most
        weights = np.round(coefficients / scales[:, None]).astype(np.int8 if bits == 8 else "<i2")
        return LinearOutputs(list(names), weights, scales, np.atleast_1d(np.asarray(intercepts, float)))

    def scores(self, matrix: csr_matrix) -> np.ndarray:
        return matrix @ (self.weights * self.scales[:, None]).T + self.intercepts


def as_json(kind: str, text: HashedText, outputs: LinearOutputs, golden_rows: list[tuple[str, ...]], extra: dict) -> dict:
    scores = outputs.scores(text.transform(golden_rows))
    return {
        "kind": kind,
        "format": "hashed-linear.v1",
        "buckets": text.buckets,
        "bits": 8 * outputs.weights.itemsize,
        "blocks": [{"field": b.field, "prefix": b.prefix, "kind": b.kind, "factor": b.factor} for b in text.blocks],
        "idf": {"scale": text.idf_scale, "bytes": base64.b64encode(text.idf_bytes.tobytes()).decode()},
        "outputs": [
            {
                "name": name,
                "intercept": float(outputs.intercepts[i]),
                "scale": float(outputs.scales[i]),
                "weights": base64.b64encode(outputs.weights[i].tobytes()).decode(),
            }
            for i, name in enumerate(outputs.names)
        ],
        "golden": [
            {"texts": list(row), "scores": [round(float(s), 6) for s in scores[i]]} for i, row in enumerate(golden_rows)
        ],
        **extra,
    }
