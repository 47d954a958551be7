"""Loader of the `python_function` flavour: `mlflow models serve` calls it, with `ml/` on its path."""

import numpy as np

from .tree_model import SmartReturnsModel, names_of


class ScoringModel:
    def __init__(self, model: SmartReturnsModel):
        self._model = model

    def predict(self, frame):
        """A frame in any order of columns; what is missing is NaN. Says which model answers, beside its rows."""
        unknown = set(frame.columns) ^ set(self._model.features)
        if unknown:
            raise ValueError(f"not the columns of the feature contract: {sorted(unknown)[:5]}")
        rows = frame[self._model.features].to_numpy(dtype=np.float32, na_value=np.nan)
        return {**names_of(self._model), "rows": self._model.predict(rows).tolist()}


def _load_pyfunc(path):
    return ScoringModel(SmartReturnsModel(path))
