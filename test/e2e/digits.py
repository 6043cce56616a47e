"""The trained digit classifier on the 400 held-out digits: accuracy, and agreement with the golden outputs.

    digits.py --work FOLDER
"""

from __future__ import annotations

import argparse
import sys

from support import DIGITS, GOLDEN, MODELS, fresh_folder, main, run, vitrail

BATCH = 64  # the last batch is not full


def test() -> None:
    """Parses the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", required=True)
    work = fresh_folder(parser.parse_args().work)
    vitrail("compile", MODELS / "seed_vit.vtr", "--weights", DIGITS, "--batch", BATCH, "-o", work / "digits")
    run([sys.executable, GOLDEN / "expand_digits.py", "expand", work, "--batch", BATCH])
    for inputs in sorted(work.glob("inputs-*.npy")):
        run([work / "digits", inputs, "--output", work / inputs.name.replace("inputs", "outputs")])
    print(run([sys.executable, GOLDEN / "expand_digits.py", "check", work, "--minimum", "0.97"]).stdout)


if __name__ == "__main__":
    main(test)
