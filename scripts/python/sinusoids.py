"""Positions by formula, in numpy (arXiv 1706.03762)."""

from __future__ import annotations

import numpy as np


def sinusoids(positions: np.ndarray, features: int) -> np.ndarray:
    """PE(x, 2i) = sin(x / 10000^(2i / D)), PE(x, 2i + 1) = cos of the same."""
    table = np.empty((len(positions), features))
    for i in range(features // 2):
        angle = positions / 10000.0 ** (2 * i / features)
        table[:, 2 * i], table[:, 2 * i + 1] = np.sin(angle), np.cos(angle)
    return table
