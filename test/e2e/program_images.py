"""What compiled programs make of images.

    program_images.py TEST --work FOLDER
"""

from __future__ import annotations

import json
import math
import re
import struct
import zlib
from array import array
from pathlib import Path

from support import (
    DIGITS,
    GOLDEN,
    IMAGES,
    MALFORMED,
    MODELS,
    largest_difference,
    main_of,
    model_arguments,
    read_npy,
    require,
    run,
    vitrail,
    write_npy,
)

JPEGS = GOLDEN / "jpeg"
ROW = re.compile(r"^ *(\d+\.\d\d)%  class (\d+)$")


def compile_digits(work: Path, *arguments) -> Path:
    """The digit classifier."""
    vitrail("compile", MODELS / "seed_vit.vtr", "--weights", DIGITS, "-o", work / "digits", *arguments)
    return work / "digits"


def label_of(image: Path) -> int:
    """NN-label-D.png"""
    return int(image.stem.rsplit("-", 1)[1])


def rows_of(lines: list[str]) -> list[tuple[float, int]]:
    """Percent and class of each line."""
    rows = []
    for line in lines:
        match = ROW.match(line)
        require(match is not None, f"expected '  12.34%  class 5', found {line!r}")
        rows.append((float(match[1]), int(match[2])))
    require(rows == sorted(rows, key=lambda row: -row[0]), f"not in order: {rows}")
    require(len({number for _, number in rows}) == len(rows), f"a class twice: {rows}")
    return rows


def write_png(path: Path, width: int, height: int, pixels: bytes) -> None:
    """An RGB file, 8 bits a channel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    lines = b"".join(b"\0" + pixels[3 * width * y : 3 * width * (y + 1)] for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b""))


def predict(work: Path) -> None:
    """Five classes with their probabilities; the files' titles where there are several; one row of the output for each image."""
    program = compile_digits(work)
    golden_shape, golden = read_npy(GOLDEN / "digits" / "images_probabilities.npy")
    require(golden_shape == (20, 10) and len(IMAGES) == 20, "twenty images")
    result = run([program, IMAGES[3]])
    rows = rows_of(result.stdout.splitlines())
    require(len(rows) == 5, f"expected five classes:\n{result.stdout}")
    require(rows[0][1] == label_of(IMAGES[3]), f"expected label {label_of(IMAGES[3])}:\n{result.stdout}")
    expected = sorted(golden[30:40], reverse=True)[:5]
    require(all(abs(row[0] - 100 * value) <= 0.0051 for row, value in zip(rows, expected)), f"{rows}, expected {expected}")

    result = run([program, *IMAGES])
    lines = result.stdout.splitlines()
    require(len(lines) == 20 * 6, f"expected twenty titles with five lines each:\n{result.stdout}")
    for number, image in enumerate(IMAGES):
        require(lines[6 * number] == str(image), f"expected the title {image}, found {lines[6 * number]}")
        rows = rows_of(lines[6 * number + 1 : 6 * number + 6])
        require(rows[0][1] == label_of(image), f"{image}: {rows}")

    # A batch of eight, which twenty is no multiple of, gives the same.
    single = work / "single.npy"
    run([program, *IMAGES, "--output", f"probabilities={single}"])
    shape, ours = read_npy(single)
    require(shape == golden_shape, f"shape {shape}")
    require(largest_difference(ours, golden) <= 1e-4, f"largest error {largest_difference(ours, golden)}")
    batched = compile_digits(work, "--batch", 8)
    run([batched, *IMAGES, "--output", work / "batched.npy"])
    shape, ours = read_npy(work / "batched.npy")
    require(shape == golden_shape, f"shape {shape}")
    require(largest_difference(ours, golden) <= 1e-4, f"largest error {largest_difference(ours, golden)}")
    require(run([batched, *IMAGES]).stdout == result.stdout, "a batch of eight shows other results")


def several(work: Path) -> None:
    """Files of all kinds on one command line, over any number of contexts; a bad one does not keep the others from being shown."""
    images = [JPEGS / f"{name}.jpg" for name in ("color_420", "gray", "orientation_6")]
    upright = JPEGS / "orientation_6.png"
    program = compile_digits(work)
    batched = work / "batched"
    vitrail("compile", MODELS / "seed_vit.vtr", "--weights", DIGITS, "-o", batched, "--batch", 3)
    values = array("f", [math.sin(i) for i in range(5 * 3 * 32 * 32)])
    write_npy(work / "five.npy", (5, 3, 32, 32), values)

    alone = {file: run([program, file]).stdout for file in [*images, upright, work / "five.npy"]}
    require(alone[images[2]] == alone[upright], "an image is not turned as its Exif orientation says")
    parts = re.split(r"^sample \d\n", alone[work / "five.npy"], flags=re.M)[1:]
    require(len(parts) == 5, alone[work / "five.npy"])
    files = [images[0], work / "five.npy", images[1], images[2]]
    expected = f"{images[0]}\n{alone[images[0]]}"
    expected += "".join(f"{work / 'five.npy'}, sample {i}\n{part}" for i, part in enumerate(parts))
    expected += "".join(f"{image}\n{alone[image]}" for image in images[1:])
    for executable in (program, batched):
        for options in ([], ["--contexts", 1], ["--contexts", 3], ["--threads", 1], ["--contexts", 2, "--threads", 2]):
            shown = run([executable, *files, *options]).stdout
            require(shown == expected, f"{options}: expected\n{expected}\nfound\n{shown}")
            run([executable, *files, *options, "--output", work / "out.npy"])
            require(read_npy(work / "out.npy")[0] == (8, 10), f"{read_npy(work / 'out.npy')[0]}")
            if options:
                require((work / "out.npy").read_bytes() == before, f"{options}: other values")
            before = (work / "out.npy").read_bytes()

        missing = work / "missing.png"
        result = run([executable, images[0], missing, images[1], MALFORMED / "jpeg" / "no_end.jpg"], status=1)
        require(result.stdout == "".join(f"{image}\n{alone[image]}" for image in images[:2]), result.stdout)
        lines = result.stderr.splitlines()
        require(len(lines) == 2 and str(missing) in lines[0] and "no_end.jpg" in lines[1], result.stderr)


def classes(work: Path) -> None:
    """Scores are shown as probabilities, and no more lines than there are classes; an image is the normalized tensor."""
    case = json.loads((GOLDEN / "vit" / "one_layer" / "case.json").read_text())
    program = work / "vit"
    vitrail("compile", *model_arguments(case), "--weights", case["weights"], "-o", program)
    golden = read_npy(GOLDEN / "vit" / "one_layer" / "output.npy")[1]
    result = run([program, GOLDEN / "vit" / "one_layer" / "input.npy"])
    rows = rows_of(result.stdout.splitlines())
    weights = [math.exp(value) for value in golden]
    require(len(rows) == 3, f"expected three classes:\n{result.stdout}")
    for percent, number in rows:
        require(abs(percent - 100 * weights[number] / sum(weights)) <= 0.02, f"{rows}, expected {weights}")

    size = case["parameters"]["image_size"]  # of normalized values: mean and deviation are 0.5
    pixels = bytes((7 * i * i + 13 * i + i // 5) % 256 for i in range(3 * size * size))
    write_png(work / "image.png", size, size, pixels)
    planes = array("f", [(pixels[3 * i + c] / 255 - 0.5) / 0.5 for c in range(3) for i in range(size * size)])
    write_npy(work / "tensor.npy", (1, 3, size, size), planes)
    run([program, work / "image.png", "--output", work / "image.out.npy"])
    run([program, "--input", f"pixel_values={work / 'image.png'}", "--output", work / "named.out.npy"])
    run([program, work / "tensor.npy", "--output", f"logits={work / 'tensor.out.npy'}"])
    image, tensor = read_npy(work / "image.out.npy")[1], read_npy(work / "tensor.out.npy")[1]
    require(largest_difference(image, tensor) <= 1e-5, f"image {image}, tensor {tensor}")
    require((work / "image.out.npy").read_bytes() == (work / "named.out.npy").read_bytes(), "--input NAME=IMAGE differs from IMAGE")
    require(largest_difference(image, golden) > 1e-3, "the image is not read")


def pixels(work: Path) -> None:
    """Image files enter as pixels, tensors as tensors; both say the same, also where images fill a batch or have other sizes."""
    case = json.loads((GOLDEN / "vit" / "one_layer" / "case.json").read_text())
    size = case["parameters"]["image_size"]
    program, floats = work / "vit", work / "floats"
    for batch in (1, 3):
        for output, options in ((program, []), (floats, ["--disable", "add-u8-entry"])):
            vitrail("compile", *model_arguments(case), "--weights", case["weights"], "--batch", batch, "-o", output, *options)
        (entry, second) = json.loads(run([program, "--info", "--json"]).stdout)["entries"]
        require(entry["inputs"] == [{"name": "pixel_values", "kind": "image", "dtype": "f32", "shape": [batch, 3, size, size]}], f"{entry}")
        require(second["name"] == "u8", f"{second}")
        require(second["inputs"] == [{"name": "pixel_values", "kind": "image", "dtype": "u8", "shape": [batch, size, size, 3]}], f"{second}")
        require(second["outputs"] == entry["outputs"], f"{second}")
        require(f"other entries u8: pixel_values u8 [{batch}, {size}, {size}, 3]\n" in run([program, "--info"]).stdout, "--info")
        require(len(json.loads(run([floats, "--info", "--json"]).stdout)["entries"]) == 1, "--disable add-u8-entry")
        images = []
        for number, (width, height) in enumerate(((size, size), (2 * size + 1, size), (5, 3 * size), (size, 1))):
            images.append(work / f"{number}.png")
            write_png(images[-1], width, height, bytes((7 * i * i + 13 * number + i // 5) % 256 for i in range(3 * width * height)))
        for name, given in (("one", images[:1]), ("all", images)):
            run([program, *given, "--output", work / f"{name}.u8.npy"])
            run([floats, *given, "--output", work / f"{name}.f32.npy"])
            shape, ours = read_npy(work / f"{name}.u8.npy")
            expected_shape, expected = read_npy(work / f"{name}.f32.npy")
            require(shape == expected_shape, f"shape {shape}, expected {expected_shape}")
            difference, largest = largest_difference(ours, expected), max(map(abs, expected))
            require(difference <= 1e-5 * largest, f"largest difference {difference} of {largest}")
            # The entries differ in rounding: that shows which one ran.
            require(ours != expected, "the pixels' entry gives the very bits of the tensors'")
        run([program, "--bench", "--runs", "2", images[0]])
        table = run([program, "--profile", work / "trace.json", "--runs", "1", images[0]]).stdout
        require("patch_embeddings.projection: linear" in table, table)


def labels(work: Path) -> None:
    """Classes are called what the description calls them; several outputs have titles; a tensor is summed up."""
    (work / "model.vtr").write_text(
        "vitrail 1\nmodel animals() {\n  input x : tensor[3]\n"
        '  output scores : classes[3](labels = ["cat", "a dog", "bird"]) = 2 * x\n'
        "  output twice : tensor[3] = x + x\n}\n"
    )
    vitrail("compile", work / "model.vtr", "-o", work / "animals")
    write_npy(work / "x.npy", (1, 3), array("f", [0, 1, -1]))
    expected = "scores\n   86.68%  a dog\n   11.73%  cat\n    1.59%  bird\n"
    shown = run([work / "animals", work / "x.npy"]).stdout
    require(shown.startswith(expected), f"expected\n{expected}found\n{shown}")
    require(shown[len(expected) :].startswith("twice: f32 [1, 3], from -2 to 2, mean 0 "), shown)
    run([work / "animals", work / "x.npy", "--output", f"twice={work / 'twice.npy'}", "--output", f"scores={work / 'scores.npy'}"])
    for name in ("twice", "scores"):
        require(list(read_npy(work / f"{name}.npy")[1]) == [0, 2, -2], f"{name}: {read_npy(work / f'{name}.npy')}")


if __name__ == "__main__":
    main_of(predict, pixels, several, classes, labels)
