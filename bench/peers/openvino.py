"""OpenVINO on the exported model, for latency, in f32."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from peers.base import Peer, Run, onnx_of

if TYPE_CHECKING:
    from models import Model


class OpenVino(Peer):
    """The CPU plugin."""

    name = "OpenVINO"

    def version(self) -> str:
        import openvino
        return openvino.__version__

    def prepare(self, model: Model, folder: Path) -> None:
        onnx_of(model, folder)

    def load(self, model: Model, folder: Path, threads: int) -> Run:
        import openvino
        compiled = openvino.Core().compile_model(onnx_of(model, folder), "CPU", {
            "PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": "f32"})
        request = compiled.create_infer_request()
        inputs = model.values()
        return lambda: request.infer(inputs, share_inputs=True, share_outputs=True)[0]
