"""Depthwise convolutions and pooling."""

from kernel_models import case, family


def both(name, function, shape):
    """Of a port, and of a value in panels."""
    yield case(name + "-port")(lambda m: function(m, m.input(*shape)))
    yield case(name)(lambda m: function(m, m.unary("neg", m.input(*shape))))


def title(shape, kernel, window):
    parts = ["x".join(map(str, shape)), "x".join(map(str, kernel))]
    parts += [key[0] + "-".join(map(str, value)) for key, value in window.items()]
    return "-".join(parts)


# A map, a kernel, and how it moves.
windows = [
    # Channels that fill no panel, a vector of AVX2, or just some.
    *(((1, 9, 9, channels), (3, 3), dict(pads=(1, 1, 1, 1))) for channels in (1, 3, 8, 13, 16, 24, 29, 40)),
    # Lines that are tiled: whole tiles, tiles of two heights, one tile.
    *(((1, 3, width, 16), (1, 3), dict(pads=(0, 1, 0, 1))) for width in (1, 2, 7, 12, 16, 31, 37)),
    ((1, 14, 14, 32), (7, 7), dict(pads=(3, 3, 3, 3))),
    ((1, 10, 31, 16), (7, 7), dict(pads=(3, 3, 3, 3))),
    ((1, 6, 29, 16), (5, 5), {}),
    # A batch, and further axes in front.
    ((3, 5, 6, 20), (3, 3), dict(pads=(1, 1, 1, 1))),
    ((2, 3, 5, 6, 20), (3, 3), dict(pads=(1, 1, 1, 1))),
    # Strides and dilations, of one axis or both; pads that differ.
    ((1, 9, 11, 20), (3, 3), dict(strides=(2, 2), pads=(1, 1, 1, 1))),
    ((1, 8, 40, 20), (7, 7), dict(strides=(2, 2), pads=(3, 3, 3, 3))),
    ((1, 8, 40, 20), (3, 3), dict(strides=(1, 3))),
    ((1, 13, 26, 20), (3, 3), dict(pads=(2, 2, 2, 2), dilations=(2, 2))),
    ((1, 13, 15, 20), (3, 3), dict(strides=(2, 3), pads=(4, 0, 1, 3), dilations=(3, 2))),
    ((1, 6, 7, 20), (3, 4), dict(pads=(2, 0, 0, 3))),
    # Windows that do not fit the map, or cover it.
    ((1, 3, 4, 20), (7, 7), dict(pads=(3, 3, 3, 3))),
    ((1, 2, 2, 20), (9, 5), dict(pads=(8, 4, 8, 4))),
    ((1, 7, 5, 20), (7, 5), {}),
    ((1, 1, 1, 20), (3, 3), dict(pads=(1, 1, 1, 1))),
    ((1, 4, 40, 20), (1, 11), dict(pads=(0, 5, 0, 5))),
    ((1, 4, 50, 20), (2, 19), dict(pads=(0, 9, 0, 9))),
    # Too many taps, or tiles at the edge, to be unrolled.
    ((1, 3, 50, 20), (3, 35), dict(pads=(1, 17, 1, 17))),
    ((1, 3, 300, 8), (1, 3), dict(pads=(0, 148, 0, 148), dilations=(1, 148))),
    # One element, and other ranks.
    ((1, 5, 6, 20), (1, 1), dict(strides=(2, 2))),
    ((1, 37, 20), (5,), dict(pads=(4, 0))),
    ((37, 20), (3,), dict(strides=(2,), pads=(1, 1))),
    ((1, 3, 4, 5, 20), (2, 3, 3), dict(pads=(1, 1, 1, 1, 1, 1))),
]


@family
def depthwise():
    for shape, kernel, window in windows:
        name = title(shape, kernel, window)
        yield from both(name, lambda m, x, kernel=kernel, window=window: m.depthwise(x, kernel, **window), shape)
    pads = dict(pads=(1, 1, 1, 1))
    for bias in False, True:
        for columns in 16, 20:

            @case(f"between-{columns}-{bias}")
            def between(m, bias=bias, columns=columns):
                x = m.linear(m.input(2, 5, 9, 12), columns)
                return m.linear(m.depthwise(x, (3, 3), bias, **pads), 17)

            yield between


@family
def depthwise_epilogue():
    pads = dict(pads=(1, 1, 1, 1))
    for columns in 16, 21:
        shape = (2, 6, 13, columns)
        yield from both(f"gelu-{columns}", lambda m, x: m.unary("gelu", m.depthwise(x, (3, 3), **pads)), shape)
        yield from both(f"residual-{columns}", lambda m, x: m.binary("add", m.depthwise(x, (3, 3), **pads), x), shape)
        yield from both(
            f"gate-{columns}",
            lambda m, x: m.binary("mul", m.unary("silu", m.depthwise(x, (3, 3), **pads)), m.weight(x.shape[-1])),
            shape,
        )

    @case("row-broadcast")
    def rows(m):
        y = m.depthwise(m.linear(m.input(2, 5, 6, 12), 20), (3, 3), **pads)
        return m.linear(m.binary("add", m.binary("mul", y, m.weight(6, 1)), m.weight(5, 1, 20)), 16)

    yield rows

    @case("parts")  # a strided view in, a part of a larger buffer out
    def parts(m):
        x = m.unary("relu", m.input(2, 5, 14, 48))
        y = m.slice(x, (0, 1, 2, 16), (2, 4, 11, 20))
        z = m.slice(x, (0, 0, 0, 0), (2, 4, 11, 16))
        return m.linear(m.concat([z, m.depthwise(y, (3, 3), **pads)], 3), 24)

    yield parts

    @case("tokens")  # positions of tokens that are a map
    def tokens(m):
        x = m.linear(m.input(2, 30, 12), 32)
        y = m.rearrange(x, "b (h w) c -> b h w c", (2, 5, 6, 32), h=5, w=6)
        y = m.rearrange(m.depthwise(y, (3, 3), **pads), "b h w c -> b (h w) c", (2, 30, 32))
        return m.binary("add", x, y)

    yield tokens

    @case("run-time-filter")
    def run_time(m):
        x, w, b = m.input(2, 5, 6, 20), m.unary("relu", m.input(3, 3, 20)), m.input(20)
        return m.op(f"depthwise_conv {x}, {w}, {b} pads = [1, 1, 1, 1]", [x, w, b], x.shape)

    yield run_time


@family
def pool():
    for number, (shape, kernel, window) in enumerate(windows):
        kind = ("max", "min", "sum")[number % 3]
        name = title(shape, kernel, window)
        port = lambda m, shape=shape, kind=kind, kernel=kernel, window=window: m.pool(kind, m.input(*shape), kernel, **window)
        yield case(f"{kind}-{name}-port")(port)
        mean = lambda m, shape=shape, kernel=kernel, window=window: m.pool("mean", m.unary("neg", m.input(*shape)), kernel, **window)
        yield case(f"mean-{name}")(mean)
    for kernel, window in ((3, 3), dict(pads=(1, 1, 1, 1))), ((2, 3), dict(pads=(0, 1, 0, 1))), ((3, 3), dict(strides=(2, 2), pads=(1, 0, 1, 0))):
        for counted in False, True:
            yield from both(
                f"mean-{title((), kernel, window)}-{counted}",
                lambda m, x, kernel=kernel, window=window, counted=counted: m.pool("mean", x, kernel, counted=counted, **window),
                (2, 7, 18, 24),
            )

    for kind in "max", "min":

        @case(f"{kind}-of-nan")  # roots of what is below zero, first or later
        def of_nan(m, kind=kind):
            y = m.pool(kind, m.unary("sqrt", m.input(1, 9, 19, 20)), (1, 2))
            return m.binary("ne", y, y)

        yield of_nan

    @case("mixer")  # PoolFormer's
    def mixer(m):
        x = m.norm(m.input(1, 7, 9, 20))
        return m.binary("sub", m.pool("mean", x, (3, 3), pads=(1, 1, 1, 1)), x)

    yield mixer

    @case("between")
    def between(m):
        x = m.linear(m.input(2, 9, 9, 12), 40)
        return m.linear(m.unary("gelu", m.pool("max", x, (3, 3), strides=(2, 2), pads=(1, 1, 1, 1))), 17)

    yield between


@family
def winograd():
    pads = dict(pads=(1, 1, 1, 1))
    # Channels and features that fill no panel, maps of odd sizes, pads that differ.
    for channels, features in (16, 16), (24, 40), (5, 3), (33, 20):
        for height, width, window in (6, 8, pads), (7, 9, pads), (5, 4, {}), (4, 7, dict(pads=(2, 0, 1, 2))):
            yield from both(
                f"{channels}-{features}-{height}x{width}",
                lambda m, x, features=features, window=window: m.winograd(x, features, **window),
                (2, height, width, channels),
            )
    # Blocks of one line of tiles and of several, of two heights; no axis in front.
    yield from both("blocks", lambda m, x: m.winograd(x, 32, **pads), (22, 30, 96))
    yield from both("lines", lambda m, x: m.winograd(x, 16, bias=False, **pads), (1, 6, 90, 48))

    # What stands behind it, short or long, between other kernels, with a part of
    # a buffer in and out.
    yield from both("residual", lambda m, x: m.unary("relu", m.binary("add", m.winograd(x, 20, **pads), x)), (2, 7, 8, 20))
    yield from both("gelu", lambda m, x: m.unary("gelu", m.winograd(x, 20, **pads)), (2, 7, 8, 24))

    @case("between")
    def between(m):
        return m.linear(m.winograd(m.linear(m.input(2, 9, 7, 12), 40), 24, **pads), 17)

    yield between

    @case("parts")
    def parts(m):
        x = m.unary("relu", m.input(2, 8, 14, 48))
        y = m.slice(x, (0, 1, 2, 16), (2, 6, 11, 20))
        z = m.slice(x, (0, 0, 0, 0), (2, 6, 11, 16))
        return m.linear(m.concat([z, m.winograd(y, 32, **pads)], 3), 24)

    yield parts

    @case("tokens")
    def tokens(m):
        y = m.rearrange(m.linear(m.input(2, 30, 12), 32), "b (h w) c -> b h w c", (2, 5, 6, 32), h=5, w=6)
        return m.rearrange(m.winograd(y, 32, **pads), "b h w c -> b (h w) c", (2, 30, 32))

    yield tokens
