"""Products so deep that AVX2 walks them in blocks, and what comes with it: sums that wait, tiles across the lines of a map."""

from kernel_gathers import windows_of
from kernel_models import case, family
from kernel_windows import both, title


@family
def deep():
    # Depths of whole and of broken panels and blocks; columns that fill no
    # panel; blocks of rows; what stands in front.
    for rows, depth, columns in (
        ((1, 40), 700, 40),
        ((1, 17), 336, 7),
        ((16,), 321, 300),
        ((2, 19), 768, 33),
        ((1, 230), 330, 20),
        ((3, 5, 14), 400, 16),
    ):
        name = "x".join(map(str, (*rows, depth, columns)))
        yield from both(name, lambda m, x, columns=columns: m.linear(x, columns), (*rows, depth))
    yield from both("no-bias", lambda m, x: m.linear(x, 40, bias=False), (1, 20, 400))
    yield from both("residual", lambda m, x: m.unary("relu", m.binary("add", m.linear(x, 350), x)), (1, 21, 350))
    yield from both("gathered", lambda m, x: m.linear(windows_of(m, x), 20), (1, 9, 12, 340))


@family
def deep_conv():
    same = dict(pads=(1, 1, 1, 1))
    for shape, kernel, window in (
        # A line of the window in a visit, one of its elements, and some of an
        # element's channels.
        ((1, 7, 7, 64), (3, 3), same),
        ((2, 5, 9, 144), (3, 3), same),
        ((1, 7, 7, 400), (3, 3), same),
        ((1, 5, 5, 406), (2, 2), {}),
        ((1, 14, 14, 512), (1, 1), dict(strides=(2, 2))),
        ((2, 29, 400), (3,), dict(pads=(1, 1))),
        # More is staged than L2 may hold at once; blocks of unequal rows.
        ((1, 15, 15, 256), (3, 3), dict(strides=(2, 2), **same)),
        ((1, 23, 14, 160), (3, 3), same),
        ((1, 13, 13, 100), (3, 3), dict(dilations=(2, 3), pads=(2, 3, 2, 3))),
        # Tiles go on from line to line, or have to keep to them.
        ((1, 7, 7, 20), (3, 3), same),
        ((3, 6, 5, 20), (3, 3), same),
        ((1, 7, 8, 20), (3, 3), dict(strides=(1, 2), **same)),
    ):
        name = title(shape, kernel, window)
        yield from both(name, lambda m, x, kernel=kernel, window=window: m.conv(x, 24, kernel, **window), shape)
    yield from both("residual", lambda m, x: m.binary("add", m.conv(x, 130, (3, 3), **same), x), (1, 7, 7, 130))
