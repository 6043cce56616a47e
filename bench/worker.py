"""One peer with one model in a process of its own, which runs when it is told to.

`worker.py MODEL PEER FOLDER THREADS CPU...` answers each line of its standard input by one line of JSON:
`check FILE` writes the output and answers the peer's version, `run SECONDS` answers the times of inferences in ms.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import numpy as np

from models import find
from peers import PEERS
from peers.base import Run

WARM_SECONDS = 0.2


def busy_ticks() -> dict[int, int]:
    """CPU time of each thread of this process."""
    ticks = {}
    for task in os.listdir("/proc/self/task"):
        try:
            fields = Path(f"/proc/self/task/{task}/stat").read_text().rsplit(")", 1)[1].split()
        except FileNotFoundError:
            continue
        ticks[int(task)] = int(fields[11]) + int(fields[12])
    return ticks


def bind(run: Run, threads: int, cpus: list[int]) -> None:
    """Gives each of the threads that work most in a run a CPU of its own: left to the system, two of them may share one."""
    before = busy_ticks()
    end = time.perf_counter() + 5 * WARM_SECONDS
    while time.perf_counter() < end:
        run()
    after = busy_ticks()
    busiest = sorted(after, key=lambda task: before.get(task, 0) - after[task])[:threads]
    for task, cpu in zip(busiest, cpus):
        os.sched_setaffinity(task, {cpu})


def measure(run: Run, seconds: float) -> list[float]:
    """Times of as many inferences as fit, at least three, after some that do not count."""
    end = time.perf_counter() + min(WARM_SECONDS, seconds)
    run()
    while time.perf_counter() < end:
        run()
    times: list[float] = []
    end = time.perf_counter() + seconds
    while len(times) < 3 or time.perf_counter() < end:
        start = time.perf_counter()
        run()
        times.append((time.perf_counter() - start) * 1e3)
    return times


def main() -> None:
    """Serve commands until the input ends."""
    # What libraries print must not mix with the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    model, peer, folder, threads = find(sys.argv[1]), PEERS[sys.argv[2]], Path(sys.argv[3]), int(sys.argv[4])
    cpus = [int(cpu) for cpu in sys.argv[5:]]
    os.sched_setaffinity(0, cpus)
    run: Run | None = None
    for line in sys.stdin:
        command, argument = line.split(maxsplit=1)
        try:
            if run is None:
                run = peer.load(model, folder, threads)
                np.asarray(run())
                bind(run, threads, cpus)
            if command == "check":
                np.save(argument.strip(), np.asarray(run()))
                answer = {"version": peer.version()}
            else:
                answer = {"ms": measure(run, float(argument))}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
