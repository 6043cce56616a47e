"""Measures Vitrail and its peers side by side. See docs/benchmarks.md."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

import layers
import ops
from growth import plot
from models import GROWTH, MODELS
from peers import PEERS
from report import markdown, record
from rounds import compare


def names(choices: dict, text: str | None) -> list[str]:
    """What a comma-separated list of parts of names chooses."""
    if text is None:
        return list(choices)
    chosen = [name for part in text.split(",") for name in choices if part.lower() == name.lower()]
    chosen += [name for part in text.split(",") for name in choices if part.lower() in name.lower()]
    if not chosen:
        raise SystemExit(f"nothing is called '{text}'; there are {', '.join(choices)}")
    return list(dict.fromkeys(chosen))


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(prog="bench/run", description=__doc__)
    parser.add_argument("what", choices=["models", "growth", "layers", "ops"],
                        help="whole models, time against size, kernels of models, or single operations")
    parser.add_argument("--models", help="comma-separated parts of names; for growth, of families")
    parser.add_argument("--peers", help="comma-separated parts of names")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.5, help="of a peer's turn in a round")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--work", type=Path, required=True, help="folder for artefacts and results")
    arguments = parser.parse_args()
    cpus = sorted(os.sched_getaffinity(0))[:arguments.threads]
    if arguments.what == "layers":
        measured = [(MODELS[name], *layers.measure(MODELS[name], arguments.rounds, cpus, arguments.work))
                    for name in names(MODELS, arguments.models)]
        text = "\n".join(line for one in measured for line in (*layers.lines(*one), ""))
        print(text)
        (arguments.work / "layers.json").write_text(json.dumps([layers.record(*one) for one in measured], indent=1) + "\n")
        (arguments.work / "layers.md").write_text(text)
        return
    if arguments.what == "ops":
        rates = ops.measure(arguments.rounds, cpus, arguments.work)
        text = "\n".join(ops.lines(rates)) + "\n"
        print(text)
        (arguments.work / "ops.json").write_text(json.dumps(ops.record(rates), indent=1) + "\n")
        (arguments.work / "ops.md").write_text(text)
        return
    peers = names(PEERS, arguments.peers)

    def measure(model):
        print(model.name, flush=True)
        comparison = compare(model, peers, arguments.rounds, arguments.seconds, cpus, arguments.work)
        text = markdown(comparison)
        print("\n" + text, flush=True)
        return comparison, text

    if arguments.what == "models":
        measured = [measure(MODELS[name]) for name in names(MODELS, arguments.models)]
    else:
        measured = []
        for family in names(GROWTH, arguments.models):
            axis, members = GROWTH[family]
            points = {size: measure(model) for size, model in members.items()}
            measured += points.values()
            plot(arguments.work / f"growth-{family.replace(' ', '-')}.svg", axis, {size: point[0] for size, point in points.items()})
    (arguments.work / f"{arguments.what}.json").write_text(json.dumps([record(comparison) for comparison, _ in measured], indent=1) + "\n")
    (arguments.work / f"{arguments.what}.md").write_text("\n".join(text for _, text in measured))


if __name__ == "__main__":
    main()
