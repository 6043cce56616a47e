"""Golden data of FFNet from its authors' code: ORACLES names a folder with a clone of github.com/ysj9909/FFNet."""

from __future__ import annotations

import importlib.util
import sys
from functools import partial
from pathlib import Path

import timm.models._builder
from torch import nn

from golden_authors import checkout
from golden_case import Oracle
from golden_torch import Parameters, write_image_cases

# folder: (parameters, batch, seed)
CASES: dict[str, tuple[Parameters, int, int]] = {
    # As FFNet-1: small kernels in the channel mixers, no layer scale.
    "ffnet/tiny": ({"image_size": 64, "embed_dim": [16, 32, 64, 128], "depth": [1, 1, 2, 1], "in_dim": 12, "num_labels": 7}, 1, 761),
    # As FFNet-2.
    "ffnet/odd": ({"image_size": 75, "embed_dim": [10, 20, 60, 60], "depth": [1, 2, 1, 1], "in_dim": 9, "kernel_sizes": [7, 7, 7, 7],
                   "num_labels": 5}, 2, 762),
    # As FFNet-3 and FFNet-4.
    "ffnet/layer_scale": ({"image_size": 64, "embed_dim": [16, 32, 64, 64], "depth": [1, 1, 2, 1], "in_dim": 16,
                           "kernel_sizes": [7, 7, 7, 7], "use_layer_scale": True, "num_labels": 7}, 1, 763),
    "ffnet/ffnet_1": ({}, 1, 764),
}


def authors_module(folder: Path) -> object:
    """The authors' file; it imports a name that timm has no more, and does not call it here."""
    timm.models._builder._update_default_kwargs = None
    spec = importlib.util.spec_from_file_location("authors_ffnet", folder / "models" / "ffnet.py")
    sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules[spec.name])
    return sys.modules[spec.name]


def ffnet(kind: type[nn.Module], image_size: int = 256, embed_dim: tuple[int, ...] = (80, 160, 320, 640),
          depth: tuple[int, ...] = (2, 2, 8, 2), in_dim: int = 64, kernel_sizes: tuple[int, ...] = (3, 3, 3, 3),
          use_layer_scale: bool = False, num_labels: int = 1000) -> nn.Module:
    """FFNet as it is trained."""
    return kind(num_classes=num_labels, embed_dim=embed_dim, in_dim=in_dim, depth=depth, kernel_sizes=kernel_sizes,
                use_layer_scale=use_layer_scale)


def make(root: Path) -> None:
    """Write all cases."""
    folder, commit = checkout("FFNet")
    build = partial(ffnet, authors_module(folder).FFNet)
    write_image_cases(root, "ffnet", Oracle("ysj9909/FFNet", commit, "FFNet"), build, CASES, 256)
