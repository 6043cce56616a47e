"""Measuring side by side: all peers are loaded, and take turns, so that what the machine does meanwhile meets them alike."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from models import Model, relative_error

HERE = Path(__file__).parent
PREPARE_SECONDS = 1800
# Threads of the last peer that spin for more work are asleep by then.
PAUSE_SECONDS = 0.4
LARGEST_ERROR = 1e-3


@dataclass
class Result:
    """A peer's median of each round in ms, or why there is none."""

    peer: str
    version: str = ""
    error: str = ""
    relative_error: float = 0.0
    prepare_seconds: float = 0.0
    rounds: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        """Over the rounds, in ms."""
        return statistics.median(self.rounds)

    def times_faster_than(self, other: Result) -> float:
        """The median of the rounds' ratios."""
        return statistics.median(theirs / ours for ours, theirs in zip(self.rounds, other.rounds))


class Worker:
    """A process that has loaded one peer with one model."""

    def __init__(self, model: Model, peer: str, folder: Path, cpus: list[int]) -> None:
        command = [sys.executable, HERE / "worker.py", model.name, peer, folder, len(cpus), *cpus]
        self.log = (folder / "log").open("w")
        self.process = subprocess.Popen([str(part) for part in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=self.log, text=True, bufsize=1)

    def ask(self, question: str) -> dict:
        """The answer to one command; a process that died answers with an error."""
        try:
            self.process.stdin.write(question + "\n")
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        return json.loads(line) if line else {"error": f"the process ended with status {self.process.wait()}"}

    def stop(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.wait()
        self.log.close()


def prepare(model: Model, what: str, path: Path) -> str:
    """Runs prepare.py; returns its error, if any."""
    command = [sys.executable, HERE / "prepare.py", model.name, what, path]
    try:
        result = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=PREPARE_SECONDS)
    except subprocess.TimeoutExpired:
        return f"not ready after {PREPARE_SECONDS} s"
    lines = result.stderr.strip().splitlines() or [f"status {result.returncode}"]
    return lines[-1] if result.returncode else ""


def start(model: Model, peer: str, folder: Path, reference: np.ndarray, cpus: list[int]) -> tuple[Result, Worker | None]:
    """Prepares, loads and checks a peer."""
    result = Result(peer)
    begin = time.perf_counter()
    result.error = prepare(model, peer, folder)
    result.prepare_seconds = time.perf_counter() - begin
    if result.error:
        return result, None
    worker = Worker(model, peer, folder, cpus)
    answer = worker.ask(f"check {folder / 'output.npy'}")
    result.error = answer.get("error", "")
    if not result.error:
        result.version = answer["version"]
        result.relative_error = relative_error(np.load(folder / "output.npy"), reference)
        if not result.relative_error < LARGEST_ERROR:
            result.error = f"wrong: off by {result.relative_error:.1e} of the largest output"
    if result.error:
        worker.stop()
        return result, None
    return result, worker


def limits(cpus: list[int], program: Path) -> dict[str, float]:
    """The machine's rates now."""
    output = subprocess.run([str(program), *map(str, cpus)], capture_output=True, text=True, check=True).stdout
    return json.loads(output)


def compare(model: Model, peers: list[str], rounds: int, seconds: float, cpus: list[int], work: Path) -> dict:
    """Measures `peers` on one model; everything that is known about it afterwards."""
    folder = work / model.name.replace("/", "-").replace(" ", "_")
    folder.mkdir(parents=True, exist_ok=True)
    if error := prepare(model, "reference", folder / "reference.npy"):
        raise RuntimeError(f"{model.name}: {error}")
    reference = np.load(folder / "reference.npy")
    results, workers = [], []
    for peer in peers:
        result, worker = start(model, peer, folder / peer.replace(" ", "_"), reference, cpus)
        print(f"  {peer}: {result.error or f'ready in {result.prepare_seconds:.0f} s, off by {result.relative_error:.0e}'}", flush=True)
        results.append(result)
        workers.append(worker)
    rates = []
    try:
        for number in range(rounds):
            rates.append(limits(cpus, work / "limits"))
            for turn in range(len(peers)):
                result, worker = results[(number + turn) % len(peers)], workers[(number + turn) % len(peers)]
                if worker is None or result.error:
                    continue
                time.sleep(PAUSE_SECONDS)
                answer = worker.ask(f"run {seconds}")
                result.error = answer.get("error", "")
                if not result.error:
                    result.rounds.append(statistics.median(answer["ms"]))
    finally:
        for worker in workers:
            if worker is not None:
                worker.stop()
    return {"model": model, "results": results, "limits": rates}
