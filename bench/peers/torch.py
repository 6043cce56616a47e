"""PyTorch: eager, compiled when first called, and compiled ahead of time."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from peers.base import Peer, Run

if TYPE_CHECKING:
    import torch

    from models import Model


class TorchEager(Peer):
    """The module as it is."""

    name = "PyTorch eager"

    def version(self) -> str:
        import torch
        return torch.__version__

    def prepare(self, model: Model, folder: Path) -> None:
        import cloudpickle
        import torch
        module = model.module()
        # The code of clones, which are on nobody's path, is saved with the module.
        clones = os.environ.get("ORACLES")
        for found in list(sys.modules.values()):
            file = getattr(found, "__file__", None)
            if clones and file and Path(file).resolve().is_relative_to(Path(clones).resolve()):
                cloudpickle.register_pickle_by_value(found)
        torch.save(module, folder / "module.pt", pickle_module=cloudpickle)

    def compiled(self, folder: Path) -> torch.nn.Module:
        """What is called."""
        import torch
        return torch.load(folder / "module.pt", weights_only=False)

    def load(self, model: Model, folder: Path, threads: int) -> Run:
        import torch
        torch.set_num_threads(threads)
        module = self.compiled(folder)
        inputs = [torch.from_numpy(array) for array in model.values().values()]

        def run():
            with torch.inference_mode():
                return module(*inputs).numpy()

        return run


class TorchCompile(TorchEager):
    """`torch.compile` with frozen weights and measured choices."""

    name = "PyTorch compile"

    def compiled(self, folder: Path) -> torch.nn.Module:
        import torch
        torch._inductor.config.freezing = True
        return torch.compile(super().compiled(folder), mode="max-autotune")


class AotInductor(TorchEager):
    """The exported program as a library."""

    name = "AOTInductor"

    def prepare(self, model: Model, folder: Path) -> None:
        import torch
        torch._inductor.config.freezing = True
        inputs = tuple(torch.from_numpy(array) for array in model.values().values())
        with torch.no_grad():
            program = torch.export.export(model.module(), inputs)
            torch._inductor.aoti_compile_and_package(program, package_path=str(folder / "model.pt2"),
                                                     inductor_configs={"max_autotune": True})

    def compiled(self, folder: Path) -> torch.nn.Module:
        import torch
        return torch._inductor.aoti_load_package(str(folder / "model.pt2"))
