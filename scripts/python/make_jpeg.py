"""Make photographs and what Pillow reads in them: python make_jpeg.py test/golden/jpeg

Each NAME.jpg comes with NAME.png, its pixels as Pillow decodes it and turns it upright, converted to RGB. Kinds of compression, of color
and all orientations; the picture is small and has sharp edges, so that upsampling shows.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image, ImageOps

WIDTH, HEIGHT = 31, 22


def picture() -> Image.Image:
    """Colored bars over gradients."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    channels = [(8 * x + 3 * y) % 256, (x // 5 % 2) * 180 + 2 * y, (x * y) % 200 + 40]
    return Image.fromarray(np.stack(channels, axis=-1).astype(np.uint8))


def encode(image: Image.Image, **options: object) -> bytes:
    """The bytes of a JPEG file."""
    stream = io.BytesIO()
    image.save(stream, "JPEG", **{"quality": 85, **options})
    return stream.getvalue()


def as_ycck(data: bytes) -> bytes:
    """An Adobe CMYK file whose header says YCCK: other colors, but a valid file."""
    at = data.index(b"Adobe") + 11
    assert data[at] == 0
    return data[:at] + b"\x02" + data[at + 1 :]


def files() -> dict[str, bytes]:
    """Names and contents."""
    image = picture()
    made = {
        "color_444": encode(image, subsampling=0),
        "color_422": encode(image, subsampling=1),
        "color_420": encode(image, subsampling=2),
        "color_411": encode(image, subsampling="4:1:1"),
        "progressive": encode(image, progressive=True),
        "restart": encode(image, restart_marker_blocks=2),
        "rgb": encode(image, keep_rgb=True),
        "gray": encode(image.convert("L")),
        "gray_progressive": encode(image.convert("L"), progressive=True),
        "cmyk": encode(image.convert("CMYK")),
        "ycck": as_ycck(encode(image.convert("CMYK"))),
    }
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif.endian = "<>"[orientation % 2]
        exif[ExifTags.Base.Make] = "a maker"
        exif[ExifTags.Base.Orientation] = orientation
        made[f"orientation_{orientation}"] = encode(image, exif=exif)
    return made


def main() -> None:
    """Write all files."""
    root = Path(sys.argv[1])
    root.mkdir(parents=True, exist_ok=True)
    for name, data in files().items():
        (root / f"{name}.jpg").write_bytes(data)
        ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB").save(root / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
