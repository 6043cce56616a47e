"""Evaluates the GELU that AVX-512 looks up, from the tables in the IR that standard input has, in double precision: only their error counts."""

import math
import re
import sys

STEP = 191 / 512  # from the middle of an interval to the next
TOLERANCE = 2e-7

ir = sys.stdin.read()
constants = {}
for name, text in re.findall(r"(%cst\S*) = arith.constant dense<([^>]*)> : vector<16xf32>", ir):
    if text.startswith("["):
        constants[name] = [float(number) for number in text[1:-1].split(",")]
looked_up = re.findall(r'"llvm.x86.avx512.permvar.sf.512"\((%cst\S*),', ir)[:5]
tables = [constants[name] for name in looked_up]  # the highest power first
if len(tables) != 5:
    raise SystemExit(f"{len(tables)} tables in the IR, not 5")

worst = 0.0
for number in range(-60000, 60001):
    x = number / 10000
    inside = min(abs(x), 15 * STEP)
    interval = round(inside / STEP)
    value = 0.0
    for table in tables:
        value = value * inside + table[interval]
    expected = x * 0.5 * (1 + math.erf(x / math.sqrt(2)))
    worst = max(worst, abs(x / 2 + abs(x) * value - expected))
print(f"largest error {worst:.2g}")
if worst > TOLERANCE:
    raise SystemExit(f"the largest error is {worst:.2g}; at most {TOLERANCE} is promised")
