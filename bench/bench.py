"""Measures Vitrail and its peers side by side. See docs/benchmarks.md."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

import layers
import ops
import startup
from growth import plot
from models import GROWTH, MODELS, Model
from peers import PEERS
from report import markdown, record
from rounds import compare


def names(choices: dict, text: str | None) -> list[str]:
    """What a comma-separated list chooses: those of a name, or else all whose name contains it."""
    if text is None:
        return list(choices)
    chosen = []
    for part in text.lower().split(","):
        found = [name for name in choices if part in name.lower()]
        chosen += [name for name in found if part == name.lower()] or found
    if not chosen:
        raise SystemExit(f"nothing is called '{text}'; there are {', '.join(choices)}")
    return list(dict.fromkeys(chosen))


class Benchmark:
    """What the command line asks for. Each method measures one kind of thing; its sections of text and its records are returned."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self.arguments = arguments
        self.work: Path = arguments.work
        self.rounds: int = arguments.rounds
        self.cpus = sorted(os.sched_getaffinity(0))[:arguments.threads]

    def chosen_models(self) -> list[Model]:
        """Those of the command line, or all."""
        return [MODELS[name] for name in names(MODELS, self.arguments.models)]

    def chosen_peers(self) -> list[str]:
        """Those of the command line, or all."""
        return names(PEERS, self.arguments.peers)

    @staticmethod
    def shown(text: str) -> str:
        """A section, as soon as it is there."""
        print("\n" + text, flush=True)
        return text

    def compared(self, model: Model, cpus: list[int]) -> tuple[str, dict]:
        """The section of one model, and its comparison."""
        print(model.name, flush=True)
        comparison = compare(model, self.chosen_peers(), self.rounds, self.arguments.seconds, cpus, self.work)
        return self.shown(markdown(comparison)), comparison

    def models(self) -> tuple[list[str], list]:
        """Whole models beside the peers."""
        measured = [self.compared(model, self.cpus) for model in self.chosen_models()]
        return [text for text, _ in measured], [record(comparison) for _, comparison in measured]

    def growth(self) -> tuple[list[str], list]:
        """Time against size, a plot for each family."""
        sections, records = [], []
        for family in names(GROWTH, self.arguments.models):
            growth = GROWTH[family]
            points = {}
            for size, model in growth.members.items():
                text, points[size] = self.compared(model, self.cpus[:size] if growth.by_threads else self.cpus)
                sections.append(text)
                records.append(record(points[size]))
            plot(self.work / f"growth-{family.replace(' ', '-')}.svg", growth.axis, points)
        return sections, records

    def layers(self) -> tuple[list[str], list]:
        """The kernels of models."""
        sections, records = [], []
        for model in self.chosen_models():
            measured = model, *layers.measure(model, self.rounds, self.cpus, self.work)
            sections.append(self.shown("\n".join(layers.lines(*measured)) + "\n"))
            records.append(layers.record(*measured))
        return sections, records

    def ops(self) -> tuple[list[str], dict]:
        """Single operations."""
        rates = ops.measure(self.rounds, self.cpus, self.work)
        return [self.shown("\n".join(ops.lines(rates)) + "\n")], ops.record(rates)

    def startup(self) -> tuple[list[str], list]:
        """How models start."""
        sections, records = [], []
        for model in self.chosen_models():
            measured = model, startup.measure(model, self.chosen_peers(), self.rounds, self.cpus, self.work)
            sections.append(self.shown("\n".join(startup.lines(*measured)) + "\n"))
            records.append(startup.record(*measured))
        return sections, records


def main() -> None:
    """Measure what the command line asks for."""
    kinds = ["models", "growth", "layers", "ops", "startup"]
    parser = argparse.ArgumentParser(prog="bench/run", description=__doc__)
    parser.add_argument("what", choices=kinds,
                        help="whole models, time against size, kernels of models, single operations, or how models start")
    parser.add_argument("--models", help="comma-separated parts of names; for growth, of families")
    parser.add_argument("--peers", help="comma-separated parts of names")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.5, help="of a peer's turn in a round")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--work", type=Path, required=True, help="folder for artefacts and results")
    arguments = parser.parse_args()
    sections, records = getattr(Benchmark(arguments), arguments.what)()
    (arguments.work / f"{arguments.what}.json").write_text(json.dumps(records, indent=1) + "\n")
    (arguments.work / f"{arguments.what}.md").write_text("\n".join(sections))


if __name__ == "__main__":
    main()
