"""A linear and the depthwise convolutions behind it, in one kernel."""

from kernel_models import case, family

same = dict(pads=(1, 1, 1, 1))


def mixer(m, x, features, *convs, activation="gelu"):
    """1x1, then depthwise convolutions with an activation between."""
    y = m.linear(x, features)
    for number, (kernel, window) in enumerate(convs):
        if number:
            y = m.unary(activation, y)
        y = m.depthwise(y, kernel, **window)
    return y


def chain(name, size, features, *convs, **options):
    """On maps enough for threads to share, which are one block each, and on one map,
    cut into blocks of rows. There the linear is not deep: to compute rows twice pays."""
    shapes = (name, (8, *size, 12)), (f"{name}-blocks", (1, *size, 1))
    for name, shape in shapes:
        yield case(name)(lambda m, shape=shape: mixer(m, m.unary("neg", m.input(*shape)), features, *convs, **options))


three, seven = ((3, 3), same), ((7, 7), dict(pads=(3, 3, 3, 3)))
halves = (3, 3), dict(strides=(2, 2), **same)
dilated = (3, 3), dict(pads=(2, 2, 2, 2), dilations=(2, 2))


@family
def chains():
    # Channels that fill no panel, a vector of AVX2, or just some.
    for features in 20, 29, 40, 130:
        yield from chain(f"channels-{features}", (9, 9), features, three)
        yield case(f"channels-{features}-port")(lambda m, c=features: mixer(m, m.input(8, 9, 9, 12), c, three))
    for features in 3, 8, 16:
        yield case(f"channels-{features}")(lambda m, c=features: mixer(m, m.unary("neg", m.input(16, 9, 9, 12)), c, three))
    # Depths of the linear.
    for depth in 1, 16, 35:
        yield case(f"depth-{depth}")(lambda m, d=depth: mixer(m, m.unary("neg", m.input(8, 7, 10, d)), 24, three))
    # Maps of a line, of a place, narrower than a tile, large ones.
    for height, width in (1, 1), (1, 9), (9, 1), (2, 3), (5, 4), (17, 31), (40, 6), (60, 90):
        yield from chain(f"map-{height}x{width}", (height, width), 24, three)
    # Axes in front of the map's.
    yield case("windows")(lambda m: mixer(m, m.unary("neg", m.input(2, 4, 7, 7, 12)), 20, three))
    yield case("rank-3")(lambda m: mixer(m, m.unary("neg", m.input(9, 8, 12)), 256, three))
    # Strides, dilations, pads that differ, even windows.
    yield from chain("seven", (30, 20), 20, seven)
    yield from chain("strided", (9, 11), 40, halves)
    yield from chain("gaps", (16, 12), 40, ((2, 2), dict(strides=(4, 3))))
    yield from chain("dilated", (13, 15), 40, dilated)
    yield from chain("mixed", (13, 15), 40, ((3, 3), dict(strides=(2, 3), pads=(4, 0, 1, 3), dilations=(3, 2))))
    yield from chain("even", (6, 7), 40, ((3, 4), dict(pads=(2, 0, 0, 3))))
    yield from chain("unpadded", (8, 9), 40, ((3, 3), {}))
    # Windows that do not fit the map, or are too wide to be unrolled.
    yield from chain("wide", (3, 4), 40, seven)
    yield from chain("walked", (3, 50), 20, ((3, 35), dict(pads=(1, 17, 1, 17))))


@family
def chains_of_two():
    for features in 20, 40, 130:
        yield from chain(f"channels-{features}", (33, 9), features, three, three)
    yield from chain("seven", (19, 7), 40, three, seven)
    yield from chain("large", (60, 90), 20, three, three)
    yield from chain("strided", (39, 11), 40, halves, three)
    yield from chain("strided-behind", (39, 21), 40, three, halves)
    yield from chain("dilated", (41, 15), 40, dilated, three)
    yield from chain("unpadded", (42, 13), 40, ((3, 3), {}), ((3, 3), {}))
    yield from chain("three", (33, 13), 40, three, three, three, activation="relu")
    yield case("rank-3")(lambda m: mixer(m, m.unary("neg", m.input(9, 8, 12)), 256, seven, three))

    for columns in 32, 21:

        @case(f"residual-{columns}")  # FFNet's mixer
        def residual(m, columns=columns):
            x = m.input(8, 7, 9, columns)
            return m.binary("add", x, mixer(m, x, columns, three, three))

        @case(f"residual-panels-{columns}")
        def panels(m, columns=columns):
            x = m.unary("neg", m.input(8, 7, 9, columns))
            return m.binary("add", x, mixer(m, x, columns, three, three))

        yield from (residual, panels)


@family
def chains_epilogue():
    for features in 32, 21:

        @case(f"relu-{features}")  # MBConv's
        def relu(m, features=features):
            x = m.unary("relu", m.linear(m.input(8, 9, 7, 12), features))
            return m.linear(m.unary("silu", m.depthwise(x, (3, 3), **same)), 12)

        @case(f"operands-{features}")  # by rows, by columns, by both, of ports
        def operands(m, features=features):
            x = m.linear(m.input(8, 5, 6, 12), features)
            x = m.binary("add", m.binary("mul", x, m.weight(6, 1)), m.weight(5, 1, features))
            x = m.binary("add", x, m.input(8, 5, 6, features))
            x = m.binary("mul", m.depthwise(x, (3, 3), **same), m.input(8, 5, 6, features))
            return m.depthwise(m.binary("add", x, m.weight(features)), (3, 3), **same)

        @case(f"operands-blocks-{features}")
        def blocks(m, features=features):
            x = m.binary("add", m.linear(m.input(1, 33, 6, 1), features), m.input(1, 33, 6, features))
            x = m.binary("mul", m.depthwise(x, (3, 3), **same), m.input(1, 33, 6, features))
            return m.binary("add", m.depthwise(x, (3, 3), **same), m.weight(33, 1, 1))

        @case(f"gate-{features}")  # the linear's own result, and its input, again
        def gate(m, features=features):
            x = m.unary("neg", m.input(8, 5, 6, features))
            y = m.linear(x, features)
            y = m.binary("mul", y, m.unary("sigmoid", y))
            return m.binary("mul", m.depthwise(m.binary("sub", y, x), (3, 3), **same), x)

        yield from (relu, operands, blocks, gate)

    @case("parts")  # a strided view in, a part of a larger buffer out
    def parts(m):
        x = m.unary("relu", m.input(8, 5, 14, 48))
        y = m.slice(x, (0, 1, 2, 16), (8, 4, 11, 20))
        z = m.slice(x, (0, 0, 0, 0), (8, 4, 11, 16))
        return m.linear(m.concat([z, mixer(m, y, 20, three)], 3), 24)

    @case("lines")  # a strided view in, the map in several blocks
    def lines(m):
        x = m.unary("relu", m.input(2, 50, 64, 16))
        return mixer(m, m.slice(x, (0, 1, 2, 0), (2, 48, 60, 16)), 20, three)

    @case("used-twice")  # no chain
    def twice(m):
        y = m.linear(m.input(8, 5, 6, 12), 20)
        return m.binary("add", m.depthwise(y, (3, 3), **same), y)

    @case("no-bias")
    def no_bias(m):
        y = m.linear(m.input(8, 5, 6, 12), 20, bias=False)
        return m.depthwise(y, (3, 3), bias=False, **same)

    @case("transposed")
    def transposed(m):
        return m.depthwise(m.linear(m.input(8, 5, 6, 12), 20, transposed=True), (3, 3), **same)

    @case("run-time-filter")
    def run_time(m):
        y, w, b = m.linear(m.input(8, 5, 6, 12), 20), m.unary("relu", m.input(3, 3, 20)), m.input(20)
        return m.op(f"depthwise_conv {y}, {w}, {b} pads = [1, 1, 1, 1]", [y, w, b], y.shape)

    @case("one-bias")  # that of both
    def one_bias(m):
        x, w, f, b = m.input(8, 5, 6, 12), m.weight(20, 12), m.weight(3, 3, 20), m.weight(20)
        y = m.op(f"linear {x}, {w}, {b}", [x, w, b], (8, 5, 6, 20))
        y = m.binary("add", y, b)
        return m.op(f"depthwise_conv {y}, {f}, {b} pads = [1, 1, 1, 1]", [y, f, b], y.shape)

    yield from (parts, lines, twice, no_bias, transposed, run_time, one_bias)
