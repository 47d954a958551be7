"""Ridge regression of many outputs on a sparse table at once: one product a step for all of them."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix

STEPS = 60
TOLERANCE = 1e-4


def ridge(table: csr_matrix, targets: np.ndarray, alpha: float, weight: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients (outputs x columns) and intercepts, by conjugate gradients on the normal equations."""
    targets = np.asarray(targets, float).reshape(table.shape[0], -1)
    weight = np.ones(table.shape[0]) if weight is None else weight
    w = weight[:, None]
    mean = (w * targets).sum(0) / weight.sum()
    centre = np.asarray(table.T @ weight).ravel() / weight.sum()
    transposed = table.T.tocsr()

    def apply(v: np.ndarray) -> np.ndarray:
        seen = (table @ v - centre @ v) * w
        return transposed @ seen - np.outer(centre, seen.sum(0)) + alpha * v

    rest = w * (targets - mean)
    r = transposed @ rest - np.outer(centre, rest.sum(0))
    x, p, size = np.zeros_like(r), r.copy(), (r * r).sum(0)
    first = np.maximum(size, 1e-30)
    for _ in range(STEPS):
        q = apply(p)
        step = size / np.maximum((p * q).sum(0), 1e-30)
        x += step * p
        r -= step * q
        now = (r * r).sum(0)
        if (now < TOLERANCE**2 * first).all():
            break
        p = r + now / np.maximum(size, 1e-30) * p
        size = now
    return x.T, mean - centre @ x
