"""PyTorch: eager, compiled when first called, and compiled ahead of time."""

from __future__ import annotations

from pathlib import Path

import torch

from models import Model
from peers.base import Peer, Run


class TorchEager(Peer):
    """The module as it is."""

    name = "PyTorch eager"

    def version(self) -> str:
        return torch.__version__

    def prepare(self, model: Model, folder: Path) -> None:
        pass

    def compiled(self, model: Model, folder: Path) -> torch.nn.Module:
        """What is called."""
        return model.module()

    def load(self, model: Model, folder: Path, threads: int) -> Run:
        torch.set_num_threads(threads)
        module = self.compiled(model, folder)
        inputs = [torch.from_numpy(array) for array in model.values().values()]

        def run():
            with torch.inference_mode():
                return module(*inputs).numpy()

        return run


class TorchCompile(TorchEager):
    """`torch.compile` with frozen weights and measured choices."""

    name = "PyTorch compile"

    def compiled(self, model: Model, folder: Path) -> torch.nn.Module:
        torch._inductor.config.freezing = True
        return torch.compile(model.module(), mode="max-autotune")


class AotInductor(TorchEager):
    """The exported program as a library."""

    name = "AOTInductor"

    def prepare(self, model: Model, folder: Path) -> None:
        torch._inductor.config.freezing = True
        inputs = tuple(torch.from_numpy(array) for array in model.values().values())
        with torch.no_grad():
            program = torch.export.export(model.module(), inputs)
            torch._inductor.aoti_compile_and_package(program, package_path=str(folder / "model.pt2"),
                                                     inductor_configs={"max_autotune": True})

    def compiled(self, model: Model, folder: Path) -> torch.nn.Module:
        return torch._inductor.aoti_load_package(str(folder / "model.pt2"))
