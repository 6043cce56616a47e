"""IREE: the exported model compiled for this CPU at its highest level of optimization."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from peers.base import Peer, Run, call, onnx_of

if TYPE_CHECKING:
    from models import Model


class Iree(Peer):
    """The llvm-cpu backend, on the local-task runtime; with data tiling, unless the compiler refuses the model with it."""

    name = "IREE"

    def version(self) -> str:
        import iree.runtime.version
        return iree.runtime.version.VERSION

    def prepare(self, model: Model, folder: Path) -> None:
        tools = Path(sys.executable).parent
        call(tools / "iree-import-onnx", onnx_of(model, folder), "-o", folder / "model.mlir", "--externalize-params",
             "--save-params-to", folder / "model.irpa", "--opset-version", "18")
        command = [tools / "iree-compile", folder / "model.mlir", "-o", folder / "model.vmfb", "--iree-hal-target-device=local",
                    "--iree-hal-local-target-device-backends=llvm-cpu", "--iree-llvmcpu-target-cpu=host", "--iree-opt-level=O3"]
        try:
            call(*command, "--iree-opt-data-tiling")
        except RuntimeError:
            call(*command)

    def load(self, model: Model, folder: Path, threads: int) -> Run:
        import iree.runtime
        iree.runtime.flags.parse_flags(f"--task_topology_group_count={threads}")
        config = iree.runtime.Config("local-task")
        parameters = iree.runtime.ParameterIndex()
        parameters.load(str(folder / "model.irpa"))
        modules = iree.runtime.load_vm_modules(
            iree.runtime.create_io_parameters_module(config.vm_instance, parameters.create_provider(scope="model")),
            iree.runtime.create_hal_module(config.vm_instance, config.device),
            iree.runtime.VmModule.mmap(config.vm_instance, str(folder / "model.vmfb")), config=config)
        module = modules[-1]
        name = next(name for name in module.vm_module.function_names if not name.startswith("__") and "$" not in name)
        arguments = [iree.runtime.asdevicearray(config.device, array) for array in model.values().values()]
        function = module[name]
        return lambda: function(*arguments).to_host()
