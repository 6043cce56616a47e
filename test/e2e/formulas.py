"""Constants by formula: what a program adds to a zero, against Python's own arithmetic.

    formulas.py --work FOLDER
"""

from __future__ import annotations

import argparse
import math
from array import array

from support import fresh_folder, main, read_npy, require, run, vitrail, write_npy

DESCRIPTION = """vitrail 1

model formulas() {
  input x : tensor[1]
  input q : tensor[6, 16]

  i = range(6)
  rows = rearrange(i, "n -> n 1")
  angles = 3.141592653589793 * rearrange(linspace(-1, 1, 5), "n -> n 1") * linspace(1, 112, 8)
  causal = (i > rows) * -1e9

  output interleaved : tensor[197, 48] = x + sinusoids(range(197), 48)
  output sines_first : tensor[197, 48] = x + sinusoids(range(197), 48, interleaved = false)
  output grid : tensor[12, 8] = x + sinusoids_2d(3, 4, 8)
  output fourier : tensor[5, 16] = x + concat([sin(angles), cos(angles)], axis = 1)
  output digits : tensor[6] = x + 10 * (i // 4) + i % 4
  output steps : tensor[6] = x + floor(i / 4) - ceil(0.5 * i) + (i == 2) + 2 * (i != 3) + 4 * (i < 4) + 8 * (i <= 1) + 16 * (i >= 5)
  output masked : tensor[6, 16] = attention(q, q, q, heads = 2, bias = causal) - attention(q, q, q, heads = 2, mask = "causal")
}
"""


def sinusoid(x: float, feature: int, features: int) -> float:
    """PE(x, 2i) = sin(x / 10000^(2i / D)), PE(x, 2i + 1) = cos of the same."""
    angle = x / 10000.0 ** (feature // 2 * 2 / features)
    return math.cos(angle) if feature % 2 else math.sin(angle)


def fourier(n: int, feature: int) -> float:
    """sin(π · position · band), and then cos."""
    angle = math.pi * (-1 + n / 2) * (1 + feature % 8 * 111 / 7)
    return math.cos(angle) if feature >= 8 else math.sin(angle)


EXPECTED = {
    "interleaved": [sinusoid(x, d, 48) for x in range(197) for d in range(48)],
    "sines_first": [sinusoid(x, 2 * (d % 24) + d // 24, 48) for x in range(197) for d in range(48)],
    "grid": [sinusoid(n // 4 if d >= 4 else n % 4, d % 4, 4) for n in range(12) for d in range(8)],
    "fourier": [fourier(n, d) for n in range(5) for d in range(16)],
    "digits": [10 * (i // 4) + i % 4 for i in range(6)],
    "steps": [
        i // 4 - math.ceil(0.5 * i) + (i == 2) + 2 * (i != 3) + 4 * (i < 4) + 8 * (i <= 1) + 16 * (i >= 5) for i in range(6)
    ],
    "masked": [0.0] * 96,
}


def test() -> None:
    """Compiles, runs, compares: constants are rounded once, to f32."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", required=True)
    work = fresh_folder(parser.parse_args().work)
    description = work / "formulas.vtr"
    description.write_text(DESCRIPTION)
    vitrail("compile", description, "--weights", "random:0", "-o", work / "formulas")
    write_npy(work / "x.npy", (1, 1), array("f", [0.0]))
    write_npy(work / "q.npy", (1, 6, 16), array("f", [math.sin(i) for i in range(96)]))
    outputs = [f"--output={name}={work / name}.npy" for name in EXPECTED]
    run([work / "formulas", f"--input=x={work / 'x.npy'}", f"--input=q={work / 'q.npy'}", *outputs])
    for name, expected in EXPECTED.items():
        _, values = read_npy(work / f"{name}.npy")
        require(len(values) == len(expected), f"{name}: {len(values)} values, expected {len(expected)}")
        error = max(abs(value - wanted) for value, wanted in zip(values, expected))
        print(f"{name}: largest error {error:.3g}")
        require(error <= (1e-6 if name == "masked" else 6e-8), f"{name}: largest error {error:.3g}")


if __name__ == "__main__":
    main(test)
