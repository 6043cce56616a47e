"""Runs the commands of documents: commands.py ROOT DOCUMENT...

Every line of a fenced sh block that begins with `vitrail` runs in an empty
folder that has the repository's `models`, and so does a program (`./name ...`)
that an earlier line made. A comment that begins with "long" excuses a line; a
program that such a line would have made is not run either.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile


def commands(text: str):
    """Yields (line number, command, excused) of the fenced sh blocks."""
    inside = False
    pending, first = "", 0
    for number, line in enumerate(map(str.strip, text.splitlines()), 1):
        if line.startswith("```"):
            inside = not inside and line == "```sh"
            continue
        if not inside:
            continue
        first = first if pending else number
        if line.endswith("\\"):
            pending += line[:-1]
            continue
        command, _, comment = (pending + line).partition(" #")
        pending = ""
        if re.match(r"vitrail(-\w+)? |\./|for .*\./", command):
            yield first, command.strip(), comment.strip().startswith("long")


def main() -> int:
    root = pathlib.Path(sys.argv[1]).resolve()
    failed = 0
    for document in sys.argv[2:]:
        ran = skipped = 0
        with tempfile.TemporaryDirectory() as folder:
            os.symlink(root / "models", pathlib.Path(folder, "models"))
            for number, command, excused in commands((root / document).read_text()):
                program = command.split()[0]
                missing = program.startswith("./") and not os.path.exists(
                    os.path.join(folder, program)
                )
                if excused or missing:
                    skipped += 1
                    continue
                ran += 1
                result = subprocess.run(
                    ["bash", "-o", "pipefail", "-c", command],
                    cwd=folder,
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    text=True,
                    errors="replace",
                )
                if result.returncode != 0:
                    failed += 1
                    print(f"{document}:{number}: {command}\n{result.stderr}")
        print(f"{document}: {ran} ran, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
