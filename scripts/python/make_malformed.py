"""Make files that a program must refuse: python make_malformed.py test/malformed

Everything is for the smallest seed ViT (PARAMETERS below, weights and input of golden case seed_vit/smallest). Each kind of file has one
valid file, `valid.*`, that must be accepted; index.json names the fault of each of the others. Faults under "malformed" must be refused;
those under "tolerable" pass well-known readers (safetensors, numpy, Pillow) and may be accepted or refused, but must not crash.
"""

from __future__ import annotations

import json
import struct
import sys
import zlib
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from golden_case import random_input, random_weights
from golden_seed_vit import CONFIGS, FIRST_SEED, INPUT
from seed_vit import tensor_shapes

CASE = "seed_vit/smallest"
PARAMETERS = CONFIGS[CASE][0]
SEED = FIRST_SEED + list(CONFIGS).index(CASE)
VICTIM = "blocks.0.mlp.fc1.weight"
FIRST = "patch_embedding.weight"

TOLERABLE = (
    "safetensors/duplicate_name.safetensors",
    "npy/trailing_data.npy",
    "jpeg/wild_exif.jpg",
    "jpeg/endless_exif.jpg",
)

# name of the file: (content, fault; empty for a valid file)
Files = dict[str, tuple[bytes, str]]
Header = dict[str, Any]


def weights() -> dict[str, np.ndarray]:
    """The valid weights."""
    return random_weights(tensor_shapes(PARAMETERS), SEED)


def layout(tensors: dict[str, np.ndarray]) -> tuple[Header, bytes]:
    """A safetensors header and its data."""
    dtypes = {"float32": "F32", "float16": "F16"}
    header: Header = {}
    data = b""
    for name, array in tensors.items():
        end = len(data) + array.nbytes
        header[name] = {"dtype": dtypes[array.dtype.name], "shape": list(array.shape), "data_offsets": [len(data), end]}
        data += array.tobytes()
    return header, data


def container(header: bytes, data: bytes, declared: int | None = None) -> bytes:
    """The bytes of a safetensors file; `declared` replaces the true length of the header."""
    return struct.pack("<Q", len(header) if declared is None else declared) + header + data


def with_entry(name: str, **changes: object) -> bytes:
    """A safetensors file in which fields of one tensor's entry are changed."""
    header, data = layout(weights())
    header[name].update(changes)
    return container(json.dumps(header).encode(), data)


def without(name: str) -> bytes:
    """A consistent safetensors file that lacks one tensor."""
    header, data = layout({other: array for other, array in weights().items() if other != name})
    return container(json.dumps(header).encode(), data)


def misshapen() -> bytes:
    """A consistent safetensors file in which one tensor has the wrong shape."""
    tensors = weights()
    tensors[VICTIM] = np.ascontiguousarray(tensors[VICTIM][:, :8])
    header, data = layout(tensors)
    return container(json.dumps(header).encode(), data)


def half_precision() -> bytes:
    """A valid safetensors file of F16 tensors."""
    header, data = layout({name: array.astype(np.float16) for name, array in weights().items()})
    return container(json.dumps(header).encode(), data)


def duplicated() -> bytes:
    """A header that names one tensor twice."""
    header, data = layout(weights())
    text = json.dumps(header)
    entry = json.dumps({VICTIM: header[VICTIM]})[1:-1]
    return container(f"{text[:-1]}, {entry}}}".encode(), data)


def with_hole() -> bytes:
    """Eight bytes of data that belong to no tensor."""
    header, data = layout(weights())
    for entry in header.values():
        entry["data_offsets"] = [offset + 8 for offset in entry["data_offsets"]]
    return container(json.dumps(header).encode(), bytes(8) + data)


def safetensors_files() -> Files:
    """Weights."""
    header, data = layout(weights())
    text = json.dumps(header).encode()
    valid = container(text, data)
    size = header[FIRST]["data_offsets"][1]
    return {
        "valid.safetensors": (valid, ""),
        "empty.safetensors": (b"", "an empty file"),
        "short_length.safetensors": (valid[:5], "ends inside the length of the header"),
        "truncated_header.safetensors": (valid[: 8 + len(text) // 2], "ends inside the header"),
        "truncated_data.safetensors": (valid[:-100], "ends inside the data"),
        "trailing_data.safetensors": (valid + bytes(64), "64 bytes behind the last tensor"),
        "oversized_header_length.safetensors": (container(text, b"", declared=1 << 62), "the header's length is 2^62"),
        "wrapping_header_length.safetensors": (container(text, b"", declared=(1 << 64) - 8), "8 plus the header's length is 2^64"),
        "short_header_length.safetensors": (container(text, data, declared=len(text) - 7), "the header's length is 7 too small"),
        "header_not_json.safetensors": (container(b"this is no JSON text", data), "the header is not JSON"),
        "header_not_object.safetensors": (container(b"[1, 2, 3]", data), "the header is a JSON array"),
        "deeply_nested_header.safetensors": (container(b"[" * 20000, b""), "the header nests 20,000 arrays"),
        "invalid_utf8.safetensors": (container(text.replace(b"head.fc1", b"head.\xff\xfe1"), data), "a tensor's name is not UTF-8"),
        "duplicate_name.safetensors": (duplicated(), f"{VICTIM} occurs twice"),
        "unsupported_dtype.safetensors": (half_precision(), "a valid file, but all tensors are F16"),
        "unknown_dtype.safetensors": (with_entry(VICTIM, dtype="F99"), f"{VICTIM} has the dtype F99"),
        "missing_shape.safetensors": (with_entry(VICTIM, shape=None), f"the shape of {VICTIM} is null"),
        "negative_dimension.safetensors": (with_entry(VICTIM, shape=[-16, -16]), f"{VICTIM} has negative dimensions"),
        "overflowing_shape.safetensors": (with_entry(VICTIM, shape=[1 << 33, 1 << 33]), f"the size of {VICTIM} overflows 64 bits"),
        "fractional_dimension.safetensors": (with_entry(VICTIM, shape=[16.5, 16]), f"{VICTIM} has a fractional dimension"),
        "size_mismatch.safetensors": (with_entry(VICTIM, shape=[16, 8]), f"shape and data range of {VICTIM} disagree"),
        "overlapping_offsets.safetensors": (with_entry(VICTIM, data_offsets=[size - 1024, size]), f"{VICTIM} overlaps {FIRST}"),
        "out_of_range_offsets.safetensors": (
            with_entry(VICTIM, data_offsets=[1 << 40, (1 << 40) + 1024]), f"{VICTIM} lies behind the file's end"),
        "reversed_offsets.safetensors": (with_entry(VICTIM, data_offsets=[2048, 1024]), f"{VICTIM} ends before it begins"),
        "negative_offsets.safetensors": (with_entry(VICTIM, data_offsets=[-1024, 0]), f"{VICTIM} begins before the data"),
        "hole.safetensors": (with_hole(), "8 bytes before the first tensor belong to none"),
        "missing_tensor.safetensors": (without(VICTIM), f"{VICTIM} is missing"),
        "misshapen_tensor.safetensors": (misshapen(), f"{VICTIM} is 16x8 instead of 16x16"),
    }


def chunk(kind: bytes, content: bytes) -> bytes:
    """A PNG chunk with its checksum."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width: int, height: int, compressed: bytes, color: int = 2) -> bytes:
    """An 8-bit PNG file; color 2 is RGB."""
    header = struct.pack(">IIBBBBB", width, height, 8, color, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", compressed) + chunk(b"IEND", b"")


def png_files() -> Files:
    """Images."""
    side = PARAMETERS.image_size
    rows = b"".join(b"\0" + bytes(16 * (x + y) + c for x in range(side) for c in range(3)) for y in range(side))
    compressed = zlib.compress(rows, 9)
    valid = png(side, side, compressed)
    checksum = len(valid) - 12 - 4
    bad_checksum = valid[:checksum] + bytes(byte ^ 0xFF for byte in valid[checksum : checksum + 4]) + valid[checksum + 4 :]
    return {
        "valid.png": (valid, ""),
        "empty.png": (b"", "an empty file"),
        "not_a_png.png": (b"This is a text.\n", "not an image"),
        "signature_only.png": (valid[:8], "ends after the signature"),
        "truncated.png": (valid[: len(valid) // 2], "ends inside the image data"),
        "bad_checksum.png": (bad_checksum, "the checksum of the image data is wrong"),
        "bad_compression.png": (png(side, side, b"\x78\xda" + b"\xff" * 40), "the image data does not decompress"),
        "too_few_rows.png": (png(side, side, zlib.compress(rows[: len(rows) // 2])), "half of the rows are missing"),
        "zero_width.png": (png(0, side, compressed), "the width is 0"),
        "huge.png": (png(1 << 30, 1 << 30, compressed), "the image claims 2^30 x 2^30 pixels"),
        "unknown_color_type.png": (png(side, side, compressed, color=5), "the color type 5 does not exist"),
    }


def segment(marker: int, content: bytes) -> bytes:
    """A JPEG segment with its length."""
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


# One quantization table; a Huffman table for DC and one for AC, each of one code, "0". So every block is the bits "00" and gray.
QUANTIZATION = segment(0xDB, b"\0" + bytes([1]) * 64)
HUFFMAN = segment(0xC4, b"".join(bytes([kind, 1, *[0] * 15, 0]) for kind in (0x00, 0x10)))


def frame(width: int, height: int, components: int = 3, process: int = 0xC0, bits: int = 8, sampling: int = 0x11, table: int = 0) -> bytes:
    """A JPEG frame header; process 0xC0 is baseline, 0xC3 lossless."""
    parts = b"".join(bytes([number, sampling, table]) for number in range(1, components + 1))
    return segment(process, struct.pack(">BHHB", bits, height, width, components) + parts)


def scan(components: tuple[int, ...], data: bytes) -> bytes:
    """A JPEG scan of these components."""
    parts = b"".join(bytes([number, 0]) for number in components)
    return segment(0xDA, bytes([len(components)]) + parts + bytes([0, 63, 0])) + data


def jpeg(*segments: bytes) -> bytes:
    """A JPEG file."""
    return b"\xff\xd8" + b"".join(segments) + b"\xff\xd9"


def jpeg_files() -> Files:
    """Photographs."""
    side, data = 64, bytes(48)
    header, pixels = frame(side, side), scan((1, 2, 3), data)
    tables = QUANTIZATION + HUFFMAN
    valid = jpeg(tables, header, pixels)
    small = [frame(8, 8), *[scan((number,), b"\x3f") for _ in range(250) for number in (1, 2, 3)]]
    exif = segment(0xE1, b"Exif\0\0MM\0*\xff\xff\xff\xff")
    many = segment(0xE1, b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + b"\x12\x01\x04\0\xff\xff\xff\xff\x09\0\0\0")
    return {
        "valid.jpg": (valid, ""),
        "empty.jpg": (b"", "an empty file"),
        "not_a_jpeg.jpg": (b"This is a text.\n", "not an image"),
        "start_only.jpg": (b"\xff\xd8\xff", "ends after the start"),
        "truncated_header.jpg": (valid[:30], "ends inside a table"),
        "truncated_data.jpg": (valid[:-30], "ends inside the image data"),
        "no_end.jpg": (valid[:-2], "the end marker is missing"),
        "half_the_data.jpg": (jpeg(tables, header, scan((1, 2, 3), data[:24])), "half of the image data is missing"),
        "bad_code.jpg": (jpeg(tables, header, scan((1, 2, 3), b"\xff\0" * 48)), "the image data have a code that is in no table"),
        "no_pixels.jpg": (jpeg(tables, header), "there is no image data"),
        "no_frame.jpg": (jpeg(tables, pixels), "there is no frame header"),
        "two_frames.jpg": (jpeg(tables, header, header, pixels), "there are two frame headers"),
        "no_quantization.jpg": (jpeg(HUFFMAN, header, pixels), "there is no quantization table"),
        "unknown_quantization.jpg": (jpeg(tables, frame(side, side, table=9), pixels), "the components name a quantization table 9"),
        "oversized_huffman.jpg": (jpeg(segment(0xC4, b"\0" + b"\xff" * 16 + bytes(300)), header, pixels), "a Huffman table of 4,080 codes"),
        "short_segment.jpg": (jpeg(b"\xff\xdb\0\0", tables, header, pixels), "a segment's length is 0"),
        "long_segment.jpg": (jpeg(b"\xff\xdb\xff\xff", tables, header, pixels), "a table's length goes behind the file's end"),
        "zero_width.jpg": (jpeg(tables, frame(0, side), pixels), "the width is 0"),
        "zero_height.jpg": (jpeg(tables, frame(side, 0), pixels), "the height is 0"),
        "large.jpg": (jpeg(tables, frame(65500, 65500), pixels), "the image claims 65,500 x 65,500 pixels"),
        "huge.jpg": (jpeg(tables, frame(65535, 65535), pixels), "the image claims 65,535 x 65,535 pixels"),
        "two_components.jpg": (jpeg(tables, frame(side, side, 2), scan((1, 2), data)), "two color components"),
        "many_components.jpg": (jpeg(tables, frame(side, side, 40), pixels), "forty color components"),
        "unknown_component.jpg": (jpeg(tables, header, scan((1, 2, 7), data)), "the scan names a component 7"),
        "no_sampling.jpg": (jpeg(tables, frame(side, side, sampling=0), pixels), "the sampling factors are 0"),
        "oversized_sampling.jpg": (jpeg(tables, frame(side, side, sampling=0xFF), pixels), "the sampling factors are 15"),
        "twelve_bits.jpg": (jpeg(tables, frame(side, side, process=0xC1, bits=12), pixels), "twelve bits a sample"),
        "lossless.jpg": (jpeg(tables, frame(side, side, process=0xC3), pixels), "lossless compression"),
        "many_scans.jpg": (jpeg(tables, *small), "750 scans"),
        "wild_exif.jpg": (jpeg(exif, tables, header, pixels), "the Exif directory lies behind the file's end"),
        "endless_exif.jpg": (jpeg(many, tables, header, pixels), "the Exif directory claims 65,535 entries, and orientation 9"),
    }


def npy(header: bytes, data: bytes, declared: int | None = None) -> bytes:
    """A version 1.0 .npy file; `declared` replaces the true length of the header."""
    padded = header + b" " * (-(10 + len(header) + 1) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(padded) if declared is None else declared) + padded + data


def npy_header(shape: object, descr: str = "<f4", fortran: bool = False) -> bytes:
    """The dictionary of a .npy file."""
    return f"{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, }}".encode()


def npy_files() -> Files:
    """Raw inputs."""
    shape = (1, PARAMETERS.num_channels, PARAMETERS.image_size, PARAMETERS.image_size)
    array = random_input(INPUT, shape, SEED)
    data, header = array.tobytes(), npy_header(shape)
    valid = npy(header, data)
    return {
        "valid.npy": (valid, ""),
        "empty.npy": (b"", "an empty file"),
        "not_an_npy.npy": (b"This is a text.\n", "not a .npy file"),
        "unknown_version.npy": (valid[:6] + b"\x09" + valid[7:], "the version 9.0 does not exist"),
        "truncated_header.npy": (valid[:40], "ends inside the header"),
        "truncated_data.npy": (valid[:-4], "the last value is missing"),
        "trailing_data.npy": (valid + bytes(4), "four bytes behind the last value"),
        "oversized_header_length.npy": (npy(header, data, declared=65535), "the header's length goes behind the file's end"),
        "garbage_header.npy": (npy(b"{'descr': <<<<, 'shape'", data), "the header is no dictionary"),
        "missing_key.npy": (npy(b"{'descr': '<f4', 'fortran_order': False, }", data), "the header has no shape"),
        "wrong_shape.npy": (npy(npy_header((1, 3, 8, 9)), array.tobytes() + bytes(96)), "the shape is [1, 3, 8, 9], not [1, 3, 8, 8]"),
        "wrong_rank.npy": (npy(npy_header((192,)), data), "the shape is [192], not [1, 3, 8, 8]"),
        "negative_dimension.npy": (npy(npy_header((-1, -3, 8, 8)), data), "the shape has negative dimensions"),
        "overflowing_shape.npy": (npy(npy_header((1 << 33, 1 << 33, 8, 8)), data), "the size overflows 64 bits"),
        "wrong_dtype_f8.npy": (npy(npy_header(shape, "<f8"), array.astype(np.float64).tobytes()), "float64, not float32"),
        "wrong_dtype_big_endian.npy": (npy(npy_header(shape, ">f4"), array.astype(">f4").tobytes()), "big-endian float32"),
        "object_dtype.npy": (npy(npy_header(shape, "|O"), data), "Python objects"),
        "fortran_order.npy": (npy(npy_header(shape, fortran=True), array.tobytes(order="F")), "Fortran order"),
    }


def main() -> None:
    """Write all files and the index."""
    root = Path(sys.argv[1])
    index: dict[str, Any] = {"model": "seed_vit.vtr", "parameters": asdict(PARAMETERS), "valid": [], "malformed": {}, "tolerable": {}}
    for kind, files in (("safetensors", safetensors_files()), ("png", png_files()), ("jpeg", jpeg_files()), ("npy", npy_files())):
        (root / kind).mkdir(parents=True, exist_ok=True)
        for name, (content, fault) in files.items():
            (root / kind / name).write_bytes(content)
            path = f"{kind}/{name}"
            if not fault:
                index["valid"].append(path)
            else:
                index["tolerable" if path in TOLERABLE else "malformed"][path] = fault
    (root / "index.json").write_text(json.dumps(index, indent=2) + "\n")


if __name__ == "__main__":
    main()
