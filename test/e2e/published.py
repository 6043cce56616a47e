"""ViT-B/16 in its published size: agreement with golden data, and what it may cost. The limits are far from what is measured, for they
must hold on any machine; benchmarks tell the truth.

    published.py --work FOLDER
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import time
from pathlib import Path

from golden import check_whole
from support import GOLDEN, fresh_folder, main, model_arguments, require, run, tool

FOLDER = GOLDEN / "vit" / "base_patch16_224"
COMPILE_SECONDS, COMPILE_BYTES = 60, 3 << 30
INFO_SECONDS = 0.5
ANONYMOUS_BYTES = 50 << 20


def measure(command: list) -> tuple[float, int]:
    """Seconds and peak resident bytes of a command that succeeds."""
    begin = time.monotonic()
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    require(process.returncode == 0, f"$ {command}\nstatus {process.returncode}\n{errors.decode(errors='replace')}")
    return time.monotonic() - begin, usage.ru_maxrss * 1024


def anonymous_bytes(process: subprocess.Popen) -> int:
    """RssAnon of a running process; 0 when it has ended."""
    try:
        status = Path(f"/proc/{process.pid}/status").read_text()
    except OSError:
        return 0
    lines = [line.split() for line in status.splitlines() if line.startswith("RssAnon:")]
    return int(lines[0][1]) * 1024 if lines else 0


def test() -> None:
    """Compiles once, checks all."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", required=True)
    work = fresh_folder(parser.parse_args().work)
    case = json.loads((FOLDER / "case.json").read_text())
    program = work / "vit"

    seconds, size = measure([tool("vitrail"), "compile", *model_arguments(case), "--weights", case["weights"], "-o", program])
    print(f"compilation: {seconds:.1f} s, {size / 2**20:.0f} MiB")
    require(seconds < COMPILE_SECONDS, f"compilation took {seconds:.1f} s, limit {COMPILE_SECONDS} s")
    require(size < COMPILE_BYTES, f"compilation took {size >> 20} MiB, limit {COMPILE_BYTES >> 20} MiB")

    # The weights once, and little else.
    require(program.stat().st_size < 4 * 1.1 * 86_567_656, f"the program has {program.stat().st_size} bytes")

    seconds = min(measure([program, "--info"])[0] for _ in range(3))
    print(f"--info: {seconds:.3f} s")
    require(seconds < INFO_SECONDS, f"--info took {seconds:.2f} s")

    check_whole(case, FOLDER, program, work, [1, 2, 3])

    process = subprocess.Popen([program, "--bench", "--runs", "3", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    peak = 0
    while process.poll() is None:
        peak = max(peak, anonymous_bytes(process))
        time.sleep(0.002)
    output, errors = process.communicate()
    require(process.returncode == 0, f"--bench: {errors}")
    print(f"one inference: {json.loads(output)['median_ms']:.0f} ms, {peak / 2**20:.1f} MiB of anonymous memory")
    require(peak > 100_000, "no memory was seen; is /proc there?")
    require(peak < ANONYMOUS_BYTES, f"an inference takes {peak / 2**20:.1f} MiB of anonymous memory, limit {ANONYMOUS_BYTES >> 20} MiB")
    memory = json.loads(run([program, "--info", "--json"]).stdout)["memory"]
    require(memory["arena_bytes"] < ANONYMOUS_BYTES, f"{memory}")
    program.unlink()  # a third of a gigabyte


if __name__ == "__main__":
    main(test)
