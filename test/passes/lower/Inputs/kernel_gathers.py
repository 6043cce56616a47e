"""Kernels that take their input through windows, rolls and rearrangements."""

from kernel_models import case, family
from kernel_windows import both, title, windows


@family
def conv():
    for shape, kernel, window in windows:
        if len(kernel) > 2:
            continue  # is unfolded in memory: see `unfolded`
        name = title(shape, kernel, window)
        yield from both(name, lambda m, x, kernel=kernel, window=window: m.conv(x, 24, kernel, **window), shape)
    pads = dict(pads=(1, 1, 1, 1))
    for columns in 1, 16, 40, 200:
        yield from both(f"columns-{columns}", lambda m, x, columns=columns: m.conv(x, columns, (3, 3), False, **pads), (1, 7, 7, 20))
    # More than one block of rows.
    yield from both("blocks", lambda m, x: m.conv(x, 20, (3, 3), **pads), (2, 23, 24, 128))
    yield from both("strided-blocks", lambda m, x: m.conv(x, 20, (3, 3), strides=(2, 2), **pads), (1, 33, 40, 96))


@family
def conv_epilogue():
    pads = dict(pads=(1, 1, 1, 1))
    for columns in 16, 21:
        shape = (2, 6, 13, columns)
        yield from both(
            f"residual-{columns}",
            lambda m, x, columns=columns: m.unary("relu", m.binary("add", m.conv(x, columns, (3, 3), **pads), x)),
            shape,
        )
        yield from both(
            f"table-{columns}",
            lambda m, x, columns=columns: m.binary("add", m.conv(x, columns, (3, 3), **pads), m.weight(6, 13, columns)),
            shape,
        )


@family
def unfolded():
    """Read by what is no linear, or by more axes than a linear unfolds."""
    for channels in 3, 16, 20:
        yield from both(
            f"softmax-{channels}", lambda m, x: m.softmax(m.unfold(x, (3, 3), pads=(1, 1, 1, 1))), (2, 4, 5, channels)
        )
    yield from both("three-axes", lambda m, x: m.conv(x, 20, (2, 3, 3), pads=(1,) * 6), (1, 3, 4, 5, 12))


def windows_of(m, x):
    """Windows of three by three places."""
    b, h, w, c = x.shape
    return m.rearrange(x, "b (h p) (w q) c -> b h w (p q) c", (b, h // 3, w // 3, 9, c), p=3, q=3)


def back(m, x):
    """The map that `windows_of` cut."""
    b, h, w, _, c = x.shape
    return m.rearrange(x, "b h w (p q) c -> b (h p) (w q) c", (b, h * 3, w * 3, c), p=3)


def merged(m, x):
    """Two by three places as one of more features."""
    b, h, w, c = x.shape
    return m.rearrange(x, "b (h p) (w q) c -> b h w (q p c)", (b, h // 2, w // 3, 6 * c), p=2, q=3)


def channels_last(m, x):
    b, c, h, w = x.shape
    return m.rearrange(x, "b c h w -> b h w c", (b, h, w, c))


@family
def gathered():
    for channels in 8, 16, 20, 32, 96:
        shape = (2, 6, 9, channels)

        yield from both(f"windows-{channels}", lambda m, x: m.linear(windows_of(m, x), 40), shape)
        yield from both(f"merged-{channels}", lambda m, x: m.linear(merged(m, x), 24), shape)
        yield from both(f"rolled-{channels}", lambda m, x: m.linear(windows_of(m, m.roll(x, 0, -1, 2, 0)), 40), shape)
        yield from both(
            f"there-and-back-{channels}",
            lambda m, x: m.linear(m.roll(back(m, m.unary("relu", m.linear(windows_of(m, x), 48))), 0, 1, -2, 0), 20),
            shape,
        )
        yield from both(
            f"unfolded-back-{channels}",
            lambda m, x: m.conv(back(m, m.unary("neg", m.linear(windows_of(m, x), 20))), 16, (3, 3), pads=(1, 1, 1, 1)),
            shape,
        )

    stem = dict(strides=(2, 2), pads=(3, 3, 3, 3))
    yield from both("image", lambda m, x: m.conv(channels_last(m, x), 24, (7, 7), **stem), (2, 3, 15, 17))
    # A norm gathers, too: merged places, and, unfolded, what is in no panel.
    for channels in 5, 16, 24:
        yield from both(f"norm-{channels}", lambda m, x: m.norm(merged(m, x)), (2, 6, 9, channels))
        yield from both(
            f"norm-unfolded-{channels}", lambda m, x: m.norm(m.unfold(x, (3, 3), pads=(1, 1, 1, 1))), (1, 5, 6, channels)
        )
        yield from both(
            f"unfolded-moved-{channels}",
            lambda m, x, channels=channels: m.linear(
                m.rearrange(m.unfold(x, (3, 3), pads=(1, 1, 1, 1)), "b h w c -> b (w h) c", (2, 30, 9 * channels)), 24
            ),
            (2, 5, 6, channels),
        )
    # Rows enough for several blocks, depth enough for few.
    yield from both(
        "deep",
        lambda m, x: m.linear(m.rearrange(x, "b n h d -> b h n d", (1, 3, 70, 1040)), 40),
        (1, 70, 3, 1040),
    )
    yield case("copied-roll")(lambda m: m.softmax(m.roll(m.unary("neg", m.input(1, 4, 5, 20)), 0, 1, 2, 0)))


@family
def gathered_norm():
    """The norm of unfolded rows is taken where a linear gathers them."""
    window = dict(pads=(1, 1, 1, 1))

    def normalized(m, x, flags="", moved=False):
        rows = m.norm(m.unfold(x, (3, 3), **window), gain=False, bias=False, flags=flags)
        b, h, w, c = rows.shape
        return m.rearrange(rows, "b h w c -> (b h) w c", (b * h, w, c)) if moved else rows

    for channels in 3, 16, 21, 40:
        yield from both(f"columns-{channels}", lambda m, x: m.linear(normalized(m, x), 40), (2, 5, 7, channels))
    yield from both("moved", lambda m, x: m.unary("relu", m.linear(normalized(m, x, moved=True), 24)), (2, 6, 9, 20))
    yield from both("rms", lambda m, x: m.linear(normalized(m, x, flags="rms"), 24), (1, 6, 9, 20))
    # Rows enough for several blocks.
    yield from both("blocks", lambda m, x: m.linear(normalized(m, x), 20, False), (2, 23, 24, 64))

    # In another order, rows are gathered once they are normalized.
    yield from both(
        "reordered",
        lambda m, x: m.linear(m.rearrange(normalized(m, x), "b h w c -> b w h c", (2, 9, 6, 180)), 24),
        (2, 6, 9, 20),
    )
    # What others read as well, and three axes, are unfolded in memory.
    @case("shared")
    def shared(m):
        rows = m.unfold(m.input(1, 4, 5, 20), (3, 3), **window)
        return m.binary("add", m.linear(m.norm(rows, gain=False, bias=False), 24), m.linear(m.softmax(rows), 24))

    yield shared
    yield from both("three-axes", lambda m, x: m.linear(m.norm(m.unfold(x, (2, 3, 3), pads=(1,) * 6), gain=False, bias=False), 20), (1, 3, 4, 5, 12))


@family
def moved():
    """Elementwise ops gather, too."""
    for channels in 1, 5, 16, 40:
        shape = (2, 6, 9, channels)

        yield from both(
            f"windows-{channels}",
            lambda m, x, channels=channels: m.unary("gelu", m.binary("add", windows_of(m, x), m.weight(2, 3, 9, channels))),
            shape,
        )
        yield from both(f"rolled-{channels}", lambda m, x: m.binary("sub", x, m.roll(x, 0, 2, -1, 0)), shape)
        yield from both(f"merged-{channels}", lambda m, x: m.unary("abs", merged(m, x)), shape)
        yield from both(
            f"two-{channels}", lambda m, x: m.binary("mul", m.roll(x, 0, 1, 0, 0), m.roll(x, 0, 0, 1, 0)), shape
        )
        yield from both(
            f"residual-{channels}",
            lambda m, x, channels=channels: m.binary("add", m.linear(x, channels), back(m, m.unary("neg", windows_of(m, x)))),
            shape,
        )


def repeated(m, x, times):
    """Each channel so many times in turn."""
    *outer, channels = x.shape
    y = m.rearrange(x, "b h w c -> b h w c 1", (*outer, channels, 1))
    y = m.expand(y, *outer, channels, times)
    return m.rearrange(y, "b h w c n -> b h w (c n)", (*outer, channels * times))


@family
def filters():
    """Several for each channel."""
    for channels, times in (10, 2), (16, 2), (3, 4), (20, 4), (5, 8), (1, 16), (3, 16), (7, 3), (2, 32):
        yield from both(
            f"{channels}-{times}",
            lambda m, x, times=times: m.depthwise(repeated(m, x, times), (3, 3), strides=(2, 2), pads=(1, 1, 1, 1)),
            (2, 7, 9, channels),
        )
    yield from both(
        "epilogue",
        lambda m, x: m.binary("add", m.unary("relu", m.depthwise(repeated(m, x, 2), (3, 3), pads=(1, 1, 1, 1))), m.weight(40)),
        (1, 7, 18, 20),
    )


@family
def joined():
    """Written in place through several ops."""
    for channels in 5, 32:

        @case(f"map-{channels}")
        def tokens(m, channels=channels):
            x, y = m.input(2, 3, 4, channels), m.input(2, 5, channels)
            z = m.rearrange(m.softmax(x), "b h w c -> b (h w) c", (2, 12, channels))
            z = m.concat([m.unary("neg", y), z], 1)
            return m.linear(m.concat([z, m.unary("relu", y)], 1), 24)

        yield tokens

    @case("parts")  # columns of windows, of tokens, and of what is joined
    def parts(m):
        x = windows_of(m, m.unary("neg", m.input(2, 6, 6, 48)))
        first = m.linear(m.slice(x, (0,) * 5, (2, 2, 2, 9, 16)), 32)
        second = m.binary("add", m.slice(x, (0, 0, 0, 0, 16), (2, 2, 2, 9, 32)), first)
        maps = []
        for y in first, second:
            part = m.slice(y, (0, 0, 0, 0, 16), (2, 2, 2, 9, 16))
            tokens = m.softmax(m.rearrange(part, "b h w n c -> b (h w n) c", (2, 36, 16)))
            maps.append(m.rearrange(tokens, "b (h w n) c -> b h w n c", (2, 2, 2, 9, 16), h=2, w=2))
        joined = back(m, m.unary("relu", m.concat(maps, 4)))
        return m.binary("add", m.input(2, 6, 6, 32), joined)

    yield parts
