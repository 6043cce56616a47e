"""A fresh process that loads one peer and makes its first inferences: `starter.py PEER FOLDER SEED THREADS`.

Beside the peer's artefacts, FOLDER has the inputs; nothing else of the model is known, so that nothing else is loaded. Answered as JSON: the milliseconds of loading, of the
first inference and of those after it, and how much memory is used for that.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from peers import PEERS

STEADY_RUNS = 10


@dataclass(frozen=True)
class Stored:
    """What peers ask of a model when they load it."""

    arrays: dict[str, np.ndarray]
    seed: int

    @property
    def inputs(self) -> dict[str, tuple[int, ...]]:
        """The shapes of the inputs."""
        return {name: array.shape for name, array in self.arrays.items()}

    @property
    def batch(self) -> int:
        """Samples in one inference."""
        return next(iter(self.inputs.values()))[0]

    def values(self) -> dict[str, np.ndarray]:
        """The inputs."""
        return self.arrays


def memory(field: str) -> float:
    """Of this process, in MiB."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(field + ":"))
    return int(line.split()[1]) / 1024


def main() -> None:
    """Load, run, and say how long that took."""
    peer, folder, seed, threads = PEERS[sys.argv[1]], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    model = Stored(dict(np.load(folder / "inputs.npz")), seed)
    peer.version()  # what that imports is not counted
    times: list[float] = []

    def timed(work):
        start = time.perf_counter()
        result = work()
        times.append((time.perf_counter() - start) * 1e3)
        return result

    before = memory("RssAnon"), memory("VmHWM")
    run = timed(lambda: peer.load(model, folder, threads))
    for _ in range(1 + STEADY_RUNS):
        timed(lambda: np.asarray(run()))
    print(json.dumps({"load_ms": times[0], "first_ms": times[1], "steady_ms": statistics.median(times[2:]),
                      "anonymous_mib": memory("RssAnon") - before[0], "peak_mib": memory("VmHWM") - before[1]}))


if __name__ == "__main__":
    main()
