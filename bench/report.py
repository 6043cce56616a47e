"""What was measured, as text, JSON and Markdown."""

from __future__ import annotations

import statistics
from dataclasses import asdict
from typing import Iterator

from models import Model
from rounds import Result

OURS = "Vitrail"


def limit(comparison: dict, rate: str) -> tuple[float, float, float]:
    """Median, lowest and highest of a machine's rate over the rounds."""
    values = [rates[rate] for rates in comparison["limits"]]
    return statistics.median(values), min(values), max(values)


def rows(comparison: dict) -> Iterator[list[str]]:
    """A row for each peer, fastest first, those that failed last."""
    results: list[Result] = comparison["results"]
    ours = next((result for result in results if result.peer == OURS and not result.error), None)
    for result in sorted(results, key=lambda r: (bool(r.error), r.error or r.median)):
        if result.error:
            yield [result.peer, result.version, result.error, "", "", ""]
            continue
        ratio = f"{ours.times_faster_than(result):.2f}" if ours else ""
        yield [result.peer, result.version, f"{result.median:.4g}", f"{min(result.rounds):.4g} – {max(result.rounds):.4g}", ratio,
               f"{result.relative_error:.0e}"]


def markdown(comparison: dict) -> str:
    """A section with the table of one model."""
    model: Model = comparison["model"]
    gflops, low, high = limit(comparison, "gflops")
    best, gbytes = limit(comparison, "best_gflops")[2], limit(comparison, "gbytes")[0]
    lines = [f"### {model.name}", "",
             f"FMA rate in the same rounds {gflops:.0f} GFLOP/s ({low:.0f} to {high:.0f}; at best {best:.0f}), memory {gbytes:.0f} GB/s.", "",
             "| | version | ms | rounds | times slower than Vitrail | error |", "|---|---|---|---|---|---|"]
    lines += [f"| {' | '.join(row)} |" for row in rows(comparison)]
    return "\n".join(lines) + "\n"


def record(comparison: dict) -> dict:
    """The comparison as JSON has it."""
    model: Model = comparison["model"]
    return {"model": model.name, "description": model.description, "parameters": model.parameters, "inputs": model.inputs,
            "limits": comparison["limits"], "results": [asdict(result) for result in comparison["results"]]}
