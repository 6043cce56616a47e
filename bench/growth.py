"""Time against size, as a plot."""

from __future__ import annotations

import statistics
from pathlib import Path

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams["svg.fonttype"] = "none"  # text stays text
matplotlib.rcParams["svg.hashsalt"] = "vitrail"  # the same plot, the same file
from matplotlib import pyplot  # noqa: E402 (the backend comes first)

from peers.vitrail import multiply_adds  # noqa: E402


def plot(file: Path, axis: str, comparisons: dict[int, dict]) -> None:
    """Each peer's median over the sizes at which it ran, both axes logarithmic, and what the model's multiply-adds take at the machine's rate."""
    figure, axes = pyplot.subplots(figsize=(6, 4))
    peers = dict.fromkeys(result.peer for comparison in comparisons.values() for result in comparison["results"])
    for peer in peers:
        points = [(size, result.median) for size, comparison in comparisons.items() for result in comparison["results"]
                  if result.peer == peer and not result.error]
        if points:
            axes.plot(*zip(*points), marker="o", markersize=3, linewidth=2 if peer == "Vitrail" else 1, label=peer)
    work = [(size, 2e-6 * multiply_adds(comparison["model"]) / statistics.median(rates["gflops"] for rates in comparison["limits"]))
            for size, comparison in comparisons.items()]
    axes.plot(*zip(*work), color="black", linestyle=":", linewidth=1, label="multiply-adds at the machine's rate")
    axes.set(xscale="log", yscale="log", xlabel=axis, ylabel="ms", xticks=list(comparisons), xticklabels=list(comparisons))
    axes.minorticks_off()
    axes.grid(alpha=0.3)
    axes.legend(fontsize=7)
    figure.savefig(file, bbox_inches="tight", metadata={"Date": None})
    pyplot.close(figure)
