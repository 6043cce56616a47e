"""Reductions, softmax and norms along every axis."""

from itertools import chain, combinations

from kernel_models import case, family


def middle(m, *shape):
    """A value that lies in panels."""
    return m.unary("relu", m.input(*shape))


def both(name, function):
    """Of a port, and of a value in panels."""
    yield case(name + "-port")(lambda m: function(m, m.input))
    yield case(name)(lambda m: function(m, lambda *shape: middle(m, *shape)))


@family
def reduce_axes():
    for shape in (2, 5, 21), (3, 2, 3, 40), (33, 16), (2, 19, 1):
        rank = len(shape)
        sets = chain.from_iterable(combinations(range(rank), count) for count in range(1, rank + 1))
        for number, axes in enumerate(sets):
            for keep in False, True:
                if len(axes) == rank and not keep:
                    continue  # a scalar has no layout
                kind = ("sum", "mean", "max", "min")[(number + keep) % 4]
                name = f"{kind}-{'x'.join(map(str, shape))}-{''.join(map(str, axes))}" + ("-keep" if keep else "")
                yield from both(name, lambda m, x, kind=kind, axes=axes, keep=keep, shape=shape: m.reduce(kind, x(*shape), keep, axes))
    for kind in "sum", "mean", "max", "min":
        yield from both(f"last-{kind}", lambda m, x, kind=kind: m.reduce(kind, x(2, 37, 50), axes=(-1,)))
        yield from both(f"last-{kind}-keep", lambda m, x, kind=kind: m.reduce(kind, x(2, 37, 50), True, axes=(-1,)))
    yield from both("rank-1", lambda m, x: m.reduce("sum", x(37), True, axes=(0,)))

    @case("normalize")
    def normalize(m):
        x = m.linear(m.input(2, 19, 20), 24)
        return m.binary("div", x, m.reduce("sum", m.unary("exp", x), True, axes=(-1,)))

    yield normalize

    @case("epilogue")
    def epilogue(m):
        y = m.reduce("mean", m.linear(m.input(2, 19, 20), 24), axes=(-1,))
        return m.unary("gelu", m.binary("add", y, m.weight(19)))

    yield epilogue


@family
def softmax_axes():
    for shape, axis in ((2, 5, 21), 1), ((2, 5, 21), 0), ((17, 40), 0), ((2, 3, 5, 16), 1), ((2, 3, 5, 17), 2), ((1, 7, 1), 1), ((3, 1, 20), 1):
        yield from both(
            f"softmax-{'x'.join(map(str, shape))}-{axis}",
            lambda m, x, shape=shape, axis=axis: m.softmax(m.binary("mul", x(*shape), m.constant(3.0)), axis),
        )

    @case("softmax-epilogue")
    def epilogue(m):
        y = m.softmax(m.linear(m.input(2, 9, 20), 24), 1)
        return m.binary("add", m.binary("mul", y, m.input(2, 9, 24)), m.weight(24))

    yield epilogue


@family
def norm_axes():
    for shape, axis in ((2, 5, 21), 1), ((3, 5, 21), 0), ((17, 40), 0), ((2, 3, 5, 16), 1), ((2, 16, 32), 1):
        for flags in "", "rms", "ddof = 1", "eps_outside":
            name = f"norm-{'x'.join(map(str, shape))}-{axis}{flags.replace(' ', '')}"
            yield from both(
                name,
                lambda m, x, shape=shape, axis=axis, flags=flags: m.norm(x(*shape), flags=flags, eps="1.0e-2", axis=axis),
            )

    @case("plain")
    def plain(m):
        return m.norm(m.linear(m.input(2, 9, 20), 24), gain=False, bias=False, axis=1)

    yield plain

    @case("far-from-zero")
    def far(m):
        return m.norm(m.binary("add", m.input(1, 40, 20), m.constant(100.0)), axis=1)

    yield far

    @case("gain-and-epilogue")
    def gain(m):
        x, g = m.input(2, 24, 24), m.weight(24, role="gain")
        y = m.op(f"norm {x}, {g} axis = 1 eps = 1.0e-5", [x, g], x.shape)
        return m.binary("add", m.binary("mul", y, g), x)

    yield gain

    @case("run-time-gain")
    def run_time(m):
        x, g = m.input(2, 9, 24), m.input(9)
        return m.op(f"norm {x}, {g} axis = 1 eps = 1.0e-5", [x, g], x.shape)

    yield run_time
