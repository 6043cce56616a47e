"""The kernels inside Vitrail's programs, against the limits of the machine and against oneDNN.

Programs take turns round by round, with the limits measured in between. A kernel's time is that of the thread that took longest.
"""

from __future__ import annotations

import json
import math
import random
import re
import statistics
from dataclasses import dataclass, field
from pathlib import Path
from typing import Iterator

from models import Model
from peers.base import call
from peers.vitrail import compile_model
from rounds import limits

RESAMPLES = 2000


@dataclass
class Kernel:
    """What the regions of one shape are, and their milliseconds in each round."""

    name: str  # of the first
    operations: str
    flops: float
    bytes: float
    shape: str = ""
    count: int = 0
    rounds: list[float] = field(default_factory=list)
    library_rounds: list[float] = field(default_factory=list)  # where oneDNN multiplies

    @property
    def median(self) -> float:
        """Of one region, in ms."""
        return statistics.median(self.rounds)

    def ratios(self) -> list[float]:
        """How many times longer oneDNN takes, round by round."""
        return [theirs / ours for ours, theirs in zip(self.rounds, self.library_rounds)]


def profile(program: Path, threads: int) -> dict[tuple[str, float, float], tuple[str, list[float]]]:
    """By operations, flops and bytes: the first region's name, and the milliseconds of each region."""
    trace = program.with_suffix(".json")
    call(program, "--profile", trace, "--threads", str(threads))
    regions: dict[int, dict] = {}
    position: dict[int, int] = {}
    for event in json.loads(trace.read_text())["traceEvents"]:
        if event.get("cat") != "region":
            continue
        number = position.get(event["tid"], 0)
        position[event["tid"]] = number + 1
        region = regions.setdefault(number, event)
        region["dur"] = max(region["dur"], event["dur"])
    kernels: dict[tuple[str, float, float], tuple[str, list[float]]] = {}
    for _, event in sorted(regions.items()):
        name, _, operations = event["name"].rpartition(": ")
        key = operations, event["args"]["flops"], event["args"]["bytes"]
        kernels.setdefault(key, (name, []))[1].append(event["dur"] / 1000)
    return kernels


def shapes(report: str) -> dict[str, str]:
    """What the compiler's report says of the size of products, by the scope of the first op of each."""
    found = re.findall(r"tile: (\d+ of )?(\d+) x (\d+) by (\d+) deep.*\n +at \S+ (\S+)", report)
    return {scope: f"{several}{rows} × {columns} × {depth}" for several, rows, columns, depth, scope in found}


def measure(model: Model, rounds: int, cpus: list[int], work: Path) -> tuple[list[Kernel], list[dict[str, float]]]:
    """The kernels of a model, and the machine's limits in each round."""
    folder = work / model.name.replace("/", "-").replace(" ", "_") / "layers"
    folder.mkdir(parents=True, exist_ok=True)
    programs = {"codegen": folder / "codegen", "onednn": folder / "onednn"}
    for matmul, program in programs.items():
        compile_model(model, program, "--matmul", matmul, f"--report={program.with_suffix('.report')}")
    sizes = shapes(programs["codegen"].with_suffix(".report").read_text())
    kernels: dict[tuple[str, float, float], Kernel] = {}
    rates = []
    for _ in range(rounds):
        rates.append(limits(cpus, work / "limits"))
        ours = profile(programs["codegen"], len(cpus))
        # The library multiplies rows that were unfolded before: what that takes is not counted.
        theirs = profile(programs["onednn"], len(cpus))
        library = {name: times for (operations, _, _), (name, times) in theirs.items() if "linear" in operations}
        for key, (name, times) in ours.items():
            kernel = kernels.setdefault(key, Kernel(name, *key, shape=sizes.get(name, "")))
            kernel.count = len(times)
            kernel.rounds.append(statistics.median(times))
            if name in sizes and name in library:
                kernel.library_rounds.append(statistics.median(library[name]))
    return sorted(kernels.values(), key=lambda kernel: -kernel.median * kernel.count), rates


def geometric_mean(values: list[float]) -> float:
    """Of ratios."""
    return math.exp(statistics.fmean(map(math.log, values)))


def interval(kernels: list[Kernel]) -> tuple[float, float, float]:
    """The geometric mean of the kernels' median ratios, with its 95 % interval over resampled rounds."""
    ratios = [kernel.ratios() for kernel in kernels]
    source = random.Random(0)
    means = sorted(geometric_mean([statistics.median(source.choices(row, k=len(row))) for row in ratios]) for _ in range(RESAMPLES))
    middle = geometric_mean([statistics.median(row) for row in ratios])
    return middle, means[RESAMPLES // 40], means[-RESAMPLES // 40]


def lines(model: Model, kernels: list[Kernel], rates: list[dict[str, float]], least_share: float = 0.005) -> Iterator[str]:
    """A section with the kernels that take at least a share of the model's time."""
    gflops, gbytes = (statistics.median(rate[name] for rate in rates) for name in ("gflops", "gbytes"))
    best = max(rate["best_gflops"] for rate in rates)
    total = sum(kernel.median * kernel.count for kernel in kernels)
    yield f"### {model.name}"
    yield ""
    yield f"Multiply-adds {gflops:.0f} GFLOP/s (at best {best:.0f}), memory {gbytes:.0f} GB/s in the same rounds; {total:.4g} ms in kernels."
    compared = [kernel for kernel in kernels if kernel.library_rounds]
    if compared:
        yield (f"Linears against oneDNN's matmul: {{:.2f}} times as fast, geometric mean over {len(compared)} shapes (95 % interval {{:.2f}} "
               "to {:.2f}).").format(*interval(compared))
    yield ""
    yield "| kernel | rows × columns × depth | times | ms | GFLOP/s | of multiply-adds | at best | GB/s | of memory | against oneDNN |"
    yield "|---|---|---|---|---|---|---|---|---|---|"
    for kernel in kernels:
        if kernel.median * kernel.count < least_share * total:
            continue
        speed, traffic = kernel.flops / kernel.median / 1e6, kernel.bytes / kernel.median / 1e6
        ratio = f"{statistics.median(kernel.ratios()):.2f}" if kernel.library_rounds else ""
        yield (f"| {kernel.name}: {kernel.operations} | {kernel.shape} | {kernel.count} | {kernel.median:.3g} | {speed:.0f} | "
               f"{speed / gflops:.0%} | {kernel.flops / min(kernel.rounds) / 1e6 / best:.0%} | {traffic:.0f} | {traffic / gbytes:.0%} | {ratio} |")


def record(model: Model, kernels: list[Kernel], rates: list[dict[str, float]]) -> dict:
    """The same as JSON has it."""
    return {"model": model.name, "limits": rates, "kernels": [vars(kernel) for kernel in kernels]}
