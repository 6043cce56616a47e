"""Make golden data: python make_golden.py test/golden [MODEL]..."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import torch

MODELS = ("vit", "vit_positions", "seed_vit", "deit", "emla2805", "lucidrains_vit", "transformer", "layers", "mixers",
          "pyramids", "tokens", "authors", "convnets", "convnets_hub", "conv_blocks", "ffnet")


def main() -> None:
    """Write the cases of the models that the command line names, or of all."""
    torch.set_num_threads(1)
    root, chosen = Path(sys.argv[1]), sys.argv[2:] or MODELS
    for model in chosen:
        importlib.import_module(f"golden_{model}").make(root)


if __name__ == "__main__":
    main()
