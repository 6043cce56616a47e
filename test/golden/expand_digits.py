"""Feed the held-out digits to a compiled program and count what it gets right. Python's standard library only.

    expand_digits.py expand FOLDER [--batch B]      write inputs-NNNN.npy, float32 [B, 3, 32, 32], into FOLDER; the last batch is filled
                                                    with zero images
    expand_digits.py check FOLDER [--minimum A]     read the program's outputs-NNNN.npy, float32 [B, 10], from FOLDER; print the accuracy
                                                    and the largest error against the golden outputs; status 1 if either is bad

Between the two, run the program on each inputs file. The enlargement is the one of training (scripts/python/digits_data.py): bilinear by
four in integers, then pixel / 255, three equal channels.
"""

from __future__ import annotations

import argparse
import ast
import math
import struct
import sys
from array import array
from pathlib import Path

HERE = Path(__file__).resolve().parent / "digits"
SMALL, SCALE, CLASSES = 8, 4, 10
LARGE = SMALL * SCALE
TYPE_CODES = {"|u1": "B", "<f4": "f"}


def read_npy(path: Path) -> tuple[tuple[int, ...], array]:
    """Shape and values of a version 1.0 file in C order."""
    data = path.read_bytes()
    if data[:8] != b"\x93NUMPY\x01\x00":
        sys.exit(f"{path}: not a version 1.0 .npy file")
    (length,) = struct.unpack_from("<H", data, 8)
    header = ast.literal_eval(data[10 : 10 + length].decode("latin-1"))
    if header["fortran_order"] or header["descr"] not in TYPE_CODES:
        sys.exit(f"{path}: expected uint8 or float32 in C order, got {header}")
    values = array(TYPE_CODES[header["descr"]])
    values.frombytes(data[10 + length :])
    if values.itemsize > 1 and sys.byteorder == "big":
        values.byteswap()
    if len(values) != math.prod(header["shape"]):
        sys.exit(f"{path}: {len(values)} values do not fill the shape {header['shape']}")
    return header["shape"], values


def write_npy(path: Path, shape: tuple[int, ...], values: array) -> None:
    """A float32 file, version 1.0, C order."""
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}"
    header += " " * (-(10 + len(header) + 1) % 64) + "\n"
    if sys.byteorder == "big":
        values.byteswap()
    path.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode("latin-1") + values.tobytes())


def taps(position: int) -> list[tuple[int, int]]:
    """The two source pixels of an enlarged one and their weights in eighths."""
    low, fraction = divmod(2 * position - (SCALE - 1), 2 * SCALE)
    return [(min(max(low, 0), SMALL - 1), 2 * SCALE - fraction), (min(max(low + 1, 0), SMALL - 1), fraction)]


def enlarge(image: array) -> list[int]:
    """64 pixels to 1024: bilinear, halves rounded up."""
    wide = [[sum(image[y * SMALL + x] * weight for x, weight in taps(column)) for column in range(LARGE)] for y in range(SMALL)]
    return [(sum(wide[y][column] * weight for y, weight in taps(row)) + 32) >> 6 for row in range(LARGE) for column in range(LARGE)]


def batches(folder: Path, prefix: str) -> list[Path]:
    """The batch files of a folder in order."""
    return sorted(folder.glob(f"{prefix}-*.npy"))


def expand(folder: Path, batch: int) -> int:
    """Write all held-out images as batches."""
    shape, pixels = read_npy(HERE / "heldout_images.npy")
    folder.mkdir(parents=True, exist_ok=True)
    count = shape[0]
    for number, start in enumerate(range(0, count, batch)):
        values = array("f")
        for index in range(start, min(start + batch, count)):
            channel = array("f", [pixel / 255 for pixel in enlarge(pixels[index * SMALL**2 : (index + 1) * SMALL**2])])
            values.extend(channel * 3)
        values.extend(array("f", bytes(4 * (batch * 3 * LARGE**2 - len(values)))))
        write_npy(folder / f"inputs-{number:04d}.npy", (batch, 3, LARGE, LARGE), values)
    return 0


def check(folder: Path, minimum: float, tolerance: float) -> int:
    """Compare the program's outputs with the labels and, where stored, with the golden outputs."""
    labels = read_npy(HERE / "heldout_labels.npy")[1]
    golden = read_npy(HERE / "heldout_probabilities.npy")[1]
    outputs = array("f")
    for path in batches(folder, "outputs"):
        outputs.extend(read_npy(path)[1])
    if len(outputs) < len(labels) * CLASSES:
        sys.exit(f"{folder}: {len(outputs) // CLASSES} outputs for {len(labels)} images")
    rows = [outputs[i * CLASSES : (i + 1) * CLASSES] for i in range(len(labels))]
    right = sum(row.index(max(row)) == label for row, label in zip(rows, labels))
    errors = [abs(ours - theirs) for ours, theirs in zip(outputs, golden)]
    print(f"accuracy {right / len(labels):.4f} ({right} of {len(labels)}), largest error {max(errors):.3g}")
    close = all(error <= tolerance for error in errors)  # false for NaN, which max may skip
    return 0 if right >= minimum * len(labels) and close else 1


def main() -> int:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description="held-out digits for a compiled program")
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("expand", "check"):
        commands.add_parser(name).add_argument("folder", type=Path)
    commands.choices["expand"].add_argument("--batch", type=int, default=1)
    commands.choices["check"].add_argument("--minimum", type=float, default=0.97)
    commands.choices["check"].add_argument("--tolerance", type=float, default=1e-4)
    options = parser.parse_args()
    if options.command == "expand":
        return expand(options.folder, options.batch)
    return check(options.folder, options.minimum, options.tolerance)


if __name__ == "__main__":
    sys.exit(main())
