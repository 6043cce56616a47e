"""ONNX Runtime on the exported model, all graph optimizations."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from peers.base import Peer, Run, onnx_of

if TYPE_CHECKING:
    from models import Model


class OnnxRuntime(Peer):
    """The CPU execution provider."""

    name = "ONNX Runtime"

    def version(self) -> str:
        import onnxruntime
        return onnxruntime.__version__

    def prepare(self, model: Model, folder: Path) -> None:
        onnx_of(model, folder)

    def load(self, model: Model, folder: Path, threads: int) -> Run:
        import onnxruntime
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        session = onnxruntime.InferenceSession(onnx_of(model, folder), options, providers=["CPUExecutionProvider"])
        inputs = model.values()
        return lambda: session.run(None, inputs)[0]
