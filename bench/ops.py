"""Single operations: attention of several lengths against oneDNN's, products of few rows against the memory's rate."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Iterator

from layers import profile
from peers.base import call
from peers.vitrail import VITRAIL
from rounds import limits

SECONDS = 0.5


@dataclass
class Operation:
    """A program with one operation, and its milliseconds in each round; those of the library where there are any."""

    name: str
    text: str  # the description behind its first line
    flops: float
    bytes: float
    library: list[int] | None = None  # queries, keys, heads, features of a head
    program: Path = Path()
    rounds: list[float] = field(default_factory=list)
    library_rounds: list[float] = field(default_factory=list)
    library_version: str = ""


def attention(name: str, queries: int, keys: int, heads: int, size: int = 64) -> Operation:
    """Softmax(q kᵀ / √size) v of what linears make, as in models; the softmax counts for nothing."""
    width = heads * size
    text = (f"model op() {{\n  input x : tensor[{queries}, 16]\n  input s : tensor[{keys}, 16]\n"
            f"  y = cross_attention(@q linear(x, {width}), @k linear(s, {width}), @v linear(s, {width}), heads = {heads})\n"
            f"  output z : tensor[{queries}, 16] = @o linear(y, 16)\n}}\n")
    return Operation(name, text, 4.0 * queries * keys * width, 4.0 * width * (2 * queries + 2 * keys), [queries, keys, heads, size])


def linear(rows: int, depth: int, columns: int) -> Operation:
    """A product of few rows, which is as fast as its weights come."""
    text = (f"model op() {{\n  input x : tensor[{rows}, {depth}]\n"
            f"  output y : tensor[{rows}, {columns}] = @fc linear(x, {columns})\n}}\n")
    return Operation(f"{rows} × {columns} by {depth} deep", text, 2.0 * rows * depth * columns, 4.0 * depth * columns)


ATTENTIONS = [*(attention(f"{n} tokens, 12 heads", n, n, 12) for n in (50, 197, 577, 1025)),
              attention("512 queries, 50176 keys", 512, 50176, 1)]
LINEARS = [linear(rows, depth, columns) for depth, columns in ((768, 1000), (768, 3072), (4096, 4096)) for rows in (1, 4)]
OPERATIONS = [*ATTENTIONS, *LINEARS]


def milliseconds(operation: Operation, threads: int) -> float:
    """Of the attention in its program; of a product, of the whole one, over many runs."""
    if operation.library:
        regions = profile(operation.program, threads)
        return next(times[0] for (what, _, _), (_, times) in regions.items() if "attention" in what)
    return json.loads(call(operation.program, "--bench", "--json", "--threads", str(threads)))["median_ms"]


def measure(rounds: int, cpus: list[int], work: Path) -> list[dict[str, float]]:
    """All operations in turns; the machine's limits in each round."""
    folder = work / "ops"
    folder.mkdir(parents=True, exist_ok=True)
    for number, operation in enumerate(OPERATIONS):
        description = folder / f"op{number}.vtr"
        description.write_text("vitrail 1\n" + operation.text)
        operation.program = description.with_suffix("")
        # The keys' linear is so thin that the compiler would multiply with it last.
        call(VITRAIL, "compile", description, "-o", operation.program, "--weights", "random:1", "--disable", "reassociate-attention")
    places = ",".join(map(str, cpus))
    environment = os.environ | {"OMP_NUM_THREADS": str(len(cpus)), "OMP_PROC_BIND": "true"}
    rates = []
    for _ in range(rounds):
        rates.append(limits(cpus, work / "limits"))
        for operation in OPERATIONS:
            operation.rounds.append(milliseconds(operation, len(cpus)))
            if operation.library:
                command = ["taskset", "-c", places, str(work / "attention"), *map(str, operation.library), str(SECONDS)]
                theirs = json.loads(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)
                operation.library_rounds.append(theirs["median_ms"])
                operation.library_version = theirs["version"]
    return rates


def lines(rates: list[dict[str, float]]) -> Iterator[str]:
    """What was measured, as Markdown."""
    gflops, memory, cache = (statistics.median(rate[name] for rate in rates) for name in ("gflops", "gbytes", "cache_gbytes"))
    best = max(rate["best_gflops"] for rate in rates)
    yield f"Multiply-adds {gflops:.0f} GFLOP/s (at best {best:.0f}), memory {memory:.0f} GB/s, L3 {cache:.0f} GB/s in the same rounds."
    yield ""
    yield f"| attention | ms | rounds | GFLOP/s | of multiply-adds | at best | times as fast as oneDNN {ATTENTIONS[0].library_version} |"
    yield "|---|---|---|---|---|---|---|"
    for one in ATTENTIONS:
        ms = statistics.median(one.rounds)
        ratio = statistics.median(theirs / ours for ours, theirs in zip(one.rounds, one.library_rounds))
        yield (f"| {one.name} | {ms:.4g} | {min(one.rounds):.4g} – {max(one.rounds):.4g} | {one.flops / ms / 1e6:.0f} | "
               f"{one.flops / ms / 1e6 / gflops:.0%} | {one.flops / min(one.rounds) / 1e6 / best:.0%} | {ratio:.2f} |")
    yield ""
    yield "| product | weights | ms | GB/s | of memory | of L3 |"
    yield "|---|---|---|---|---|---|"
    for one in LINEARS:
        ms = statistics.median(one.rounds)
        speed = one.bytes / ms / 1e6
        yield f"| {one.name} | {one.bytes / 2**20:.1f} MiB | {ms:.4g} | {speed:.0f} | {speed / memory:.0%} | {speed / cache:.0%} |"


def record(rates: list[dict[str, float]]) -> dict:
    """The same as JSON has it."""
    return {"limits": rates, "operations": [vars(one) | {"program": one.program.name} for one in OPERATIONS]}
