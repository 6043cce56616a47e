"""Runs the lit tests and the unit tests of a build and adds up the results.

Prints what failed, and as its last line "N passed, N failed".
"""

import json
import os
import pathlib
import re
import subprocess
import sys


def run_lit(build: pathlib.Path) -> tuple[int, int]:
    """Runs the lit suite; returns (passed, failed)."""
    cache = (build / "CMakeCache.txt").read_text()
    lit = re.search(r"^LLVM_EXTERNAL_LIT:\w+=(.*)$", cache, re.M).group(1)
    report = build / "lit.json"
    report.unlink(missing_ok=True)
    subprocess.run(
        [sys.executable, lit, "-q", "-o", report, build / "test"], check=False
    )
    if not report.exists():
        return 0, 1
    codes = [test["code"] for test in json.loads(report.read_text())["tests"]]
    passed = sum(code in ("PASS", "XFAIL") for code in codes)
    skipped = sum(code in ("UNSUPPORTED", "EXCLUDED", "SKIPPED") for code in codes)
    return passed, len(codes) - passed - skipped


def run_unit_tests(build: pathlib.Path) -> tuple[int, int]:
    """Runs every GoogleTest program of the build; returns (passed, failed)."""
    passed = failed = 0
    for program in sorted(build.rglob("vitrail-*-tests")):
        if not os.access(program, os.X_OK) or program.is_dir():
            continue
        report = build / (program.name + ".json")
        report.unlink(missing_ok=True)
        result = subprocess.run(
            [program, "--gtest_brief=1", f"--gtest_output=json:{report}"],
            cwd=program.parent,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        tests = failures = 0
        if report.exists():
            totals = json.loads(report.read_text())
            tests, failures = totals["tests"], totals["failures"]
        if result.returncode != 0:
            print(f"--- {program.name}\n{result.stdout}")
            # A crash leaves no report, or one without the failure.
            failures = max(failures, 1)
        passed += max(tests - failures, 0)
        failed += failures
    return passed, failed


def main() -> int:
    build = pathlib.Path(sys.argv[1]).resolve()
    results = [run_lit(build), run_unit_tests(build)]
    passed = sum(result[0] for result in results)
    failed = sum(result[1] for result in results)
    sys.stdout.flush()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
