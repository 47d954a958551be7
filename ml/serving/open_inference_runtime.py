"""Runtime of MLServer (Open Inference Protocol v2): tensors `rows` and `missing` in, `predictions` out."""

import numpy as np
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.errors import InferenceError
from mlserver.types import InferenceRequest, InferenceResponse, Parameters
from mlserver.utils import get_model_uri

from .tree_model import SmartReturnsModel, names_of


class ReturnsRuntime(MLModel):
    async def load(self) -> bool:
        self._model = SmartReturnsModel(await get_model_uri(self._settings))
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        tensors = {tensor.name: NumpyCodec.decode_input(tensor) for tensor in payload.inputs}
        rows, missing = (tensors.get(name) for name in ("rows", "missing"))
        wanted = len(self._model.features)
        if rows is None or missing is None or rows.shape != missing.shape or rows.ndim != 2 or rows.shape[1] != wanted:
            raise InferenceError(f"wanted tensors rows and missing, n x {wanted}")
        values = self._model.predict(np.where(missing.astype(bool), np.nan, rows).astype(np.float32))
        return InferenceResponse(
            id=payload.id,
            model_name=self.name,
            model_version=self.version,
            parameters=Parameters(**names_of(self._model)),
            outputs=[NumpyCodec.encode_output("predictions", values.astype(np.float32))],
        )
