"""Prepares a model, in a process of its own: `prepare.py MODEL PEER FOLDER`, or `prepare.py MODEL reference FILE` for the output in double precision."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch

from golden_torch import run
from models import find
from peers import PEERS


def main() -> None:
    """Do what the command line says; an error is one line."""
    model, peer, path = find(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    try:
        if peer == "reference":
            np.save(path, run(model.module(), model.values(), torch.float64))
        else:
            path.mkdir(parents=True, exist_ok=True)
            PEERS[peer].prepare(model, path)
    except Exception as error:
        sys.exit(f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else ''}")


if __name__ == "__main__":
    main()
