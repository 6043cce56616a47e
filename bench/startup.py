"""From the start of a process to its first result, and the memory that this takes.

Processes take turns round by round; what they read lies in the page cache.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Iterator

import numpy as np

from models import Model
from peers import PEERS
from peers.vitrail import compile_model
from rounds import HERE, prepare

EXECUTABLE = "Vitrail, executable"


@dataclass
class Start:
    """What the processes of a peer said, one a round, and how long they lived."""

    peer: str
    error: str = ""
    process_ms: list[float] = field(default_factory=list)
    answers: list[dict[str, float]] = field(default_factory=list)

    def median(self, key: str) -> float:
        """Of what was answered."""
        return statistics.median(answer[key] for answer in self.answers)

    @property
    def first_result(self) -> float:
        """Of loading and the first inference, in ms."""
        return statistics.median(answer["load_ms"] + answer["first_ms"] for answer in self.answers)


def read_files(folder: Path) -> None:
    """Reads what a peer has there and what all have beside it: some systems take from the page cache what nobody has read for a while."""
    for file in [*folder.rglob("*"), *folder.parent.iterdir()]:
        if file.is_file():
            with file.open("rb") as stream:
                while stream.read(1 << 24):
                    pass


def run_once(start: Start, command: list, folder: Path, cpus: list[int]) -> None:
    """Starts a process, and waits for it."""
    read_files(folder)
    begin = time.perf_counter()
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                               preexec_fn=lambda: os.sched_setaffinity(0, cpus))
    output = process.stdout.read()
    status = process.wait()
    start.process_ms.append((time.perf_counter() - begin) * 1e3)
    if status:
        start.error = f"the process ended with status {status}"
    elif output.startswith(b"{"):
        start.answers.append(json.loads(output))


def commands(model: Model, peers: list[str], cpus: list[int], work: Path) -> Iterator[tuple[Start, list, Path]]:
    """What starts each peer, once it is prepared, and the folder of its files."""
    folder = work / model.name.replace("/", "-").replace(" ", "_")
    executable = folder / "executable"
    executable.mkdir(parents=True, exist_ok=True)
    compile_model(model, executable / "model")
    options = []
    for name, array in model.values().items():
        np.save(executable / f"{name}.npy", array)
        options += ["--input", f"{name}={executable / name}.npy"]
    yield Start(EXECUTABLE), [executable / "model", *options, "--output", executable / "output.npy", "--threads", len(cpus)], executable
    for peer in peers:
        own = folder / peer.replace(" ", "_")
        own.mkdir(exist_ok=True)
        np.savez(own / "inputs.npz", **model.values())
        yield Start(peer, prepare(model, peer, own)), [sys.executable, HERE / "starter.py", peer, own, model.seed, len(cpus)], own


def measure(model: Model, peers: list[str], rounds: int, cpus: list[int], work: Path) -> list[Start]:
    """All peers in turns; the first turn, which reads what is on disk, does not count."""
    starts = list(commands(model, peers, cpus, work))
    for start, command, folder in starts:
        if not start.error:
            run_once(Start(start.peer), command, folder, cpus)
    for _ in range(rounds):
        for start, command, folder in starts:
            if not start.error:
                run_once(start, command, folder, cpus)
    return [start for start, _, _ in starts]


def lines(model: Model, starts: list[Start]) -> Iterator[str]:
    """What was measured, as Markdown."""
    yield f"### {model.name}: start"
    yield ""
    yield "| | load, ms | first inference, ms | later ones, ms | load and first, ms | times longer | anonymous, MiB | at most more, MiB |"
    yield "|---|---|---|---|---|---|---|---|"
    ours = next((start for start in starts if start.peer == "Vitrail" and start.answers), None)
    for start in starts:
        if start.error:
            yield f"| {start.peer} | {start.error} |||||||"
        elif start.answers:
            ratio = f"{start.first_result / ours.first_result:.1f}" if ours else ""
            yield (f"| {start.peer} | {start.median('load_ms'):.4g} | {start.median('first_ms'):.4g} | {start.median('steady_ms'):.4g} | "
                   f"{start.first_result:.4g} | {ratio} | {start.median('anonymous_mib'):.4g} | {start.median('peak_mib'):.4g} |")
        else:
            yield f"| {start.peer} | | | | {statistics.median(start.process_ms):.4g} (the whole process) | | | |"


def record(model: Model, starts: list[Start]) -> dict:
    """The same as JSON has it."""
    return {"model": model.name, "starts": [vars(start) for start in starts]}
