"""The cases that exercise the kernels, one family a kind of kernel."""

from kernel_models import case, family


@family
def linear():
    """Straight from and to row-major ports: tails in depth, columns and rows."""

    def make(rows, depth, columns, **options):
        name = f"{'x'.join(map(str, rows))}x{depth}x{columns}"
        name += "".join(f"-{option}" for option in options)
        return case(name)(lambda m: m.linear(m.input(*rows, depth), columns, **options))

    for depth in 1, 5, 16, 17, 147:
        yield make((1, 3), depth, 24)
    for columns in 1, 7, 17, 33, 120, 1000:
        yield make((1, 5), 33, columns)
    for rows in 1, 2, 13, 14, 15, 29:
        yield make((1, rows), 20, 40)
    yield make((1, 14), 20, 40, bias=False)
    yield make((1, 14), 20, 23, transposed=True)
    yield make((1, 14), 20, 40, bias=False, transposed=True)
    yield make((5,), 17, 19)
    yield make((2, 3, 5), 17, 19)
    yield make((1, 2, 1, 3, 1), 17, 19)
    yield make((3, 7), 17, 32)


@family
def chain():
    """In the middle: panels in, panels out."""

    def make(rows, depth, hidden, columns):
        def build(m):
            x = m.unary("relu", m.linear(m.input(*rows, depth), hidden))
            return m.linear(x, columns)

        name = f"{'x'.join(map(str, rows))}x{depth}x{hidden}x{columns}"
        return case(name)(build)

    for hidden in 1, 5, 7, 17, 32, 147:
        yield make((1, 5), 20, hidden, 20)
    for rows in 1, 2, 13, 14, 15, 29:
        yield make((1, rows), 20, 24, 40)
    yield make((3, 7), 20, 24, 33)
    yield make((4,), 20, 24, 33)


@family
def unary():
    for kind in "neg abs exp exp2 square sin cos tanh erf sigmoid relu gelu gelu_tanh quick_gelu silu".split():
        yield case(kind)(lambda m, kind=kind: m.unary(kind, m.linear(m.input(1, 3, 20), 21)))
        yield case(kind + "-alone")(lambda m, kind=kind: m.unary(kind, m.input(2, 3, 20)))
    for kind in "log", "sqrt", "rsqrt", "reciprocal":
        yield case(kind)(
            lambda m, kind=kind: m.unary(kind, m.positive(m.linear(m.input(1, 3, 20), 21)))
        )

    @case("exp-overflow")
    def overflow(m):
        return m.unary("exp", m.binary("mul", m.input(3, 20), m.constant(1e6)))

    yield overflow


@family
def jumps():
    """Functions that jump, of numbers that f32 holds exactly."""

    def quarters(m):
        return m.binary("mul", m.input(2, 3, 21), m.constant(4.0))

    for kind in "floor", "ceil":
        yield case(kind)(lambda m, kind=kind: m.unary(kind, quarters(m)))
    for kind in "lt", "le", "eq", "ne":

        @case(kind)
        def compare(m, kind=kind):
            return m.binary(kind, m.unary("floor", quarters(m)), m.unary("floor", quarters(m)))

        yield compare

    @case("mod")
    def mod(m):
        return m.binary("mod", m.unary("floor", quarters(m)), m.constant(3.0))

    yield mod


@family
def binary():
    def operand(m, kind, shape):
        x = m.weight(*shape)
        return m.positive(x) if kind == "div" else x

    for kind in "add sub mul div max min".split():
        for shape in (21,), (3, 1), (1, 21), (3, 21), (2, 3, 21), (2, 1, 21), (1,), (2, 1, 1):
            name = f"{kind}-{'x'.join(map(str, shape))}"

            @case(name)
            def build(m, kind=kind, shape=shape):
                y = m.linear(m.input(2, 3, 20), 21)
                return m.binary(kind, y, operand(m, kind, shape))

            yield build

    @case("pow")
    def pow(m):
        return m.binary("pow", m.positive(m.linear(m.input(1, 3, 20), 21)), m.weight(21))

    yield pow
    for kind in "add", "sub", "div":

        @case(f"constant-{kind}")
        def constant(m, kind=kind):
            return m.binary(kind, m.linear(m.input(1, 3, 20), 21), m.constant(1.75))

        yield constant

        @case(f"left-{kind}")
        def left(m, kind=kind):
            return m.binary(kind, m.constant(1.75), m.positive(m.input(3, 4)))

        yield left
    for shape in (21,), (3, 1), (1, 21), (3, 21), (1, 3, 21), (3, 1, 21), (1, 1, 1):

        @case(f"input-{'x'.join(map(str, shape))}")
        def run_time(m, shape=shape):
            return m.binary("mul", m.linear(m.input(3, 3, 20), 21), m.input(*shape))

        yield run_time

        @case(f"input-alone-{'x'.join(map(str, shape))}")
        def alone(m, shape=shape):
            return m.binary("mul", m.input(3, 3, 21), m.input(*shape))

        yield alone


@family
def constants():
    """Numbers in the description: frozen, unless an elementwise op takes one."""
    table = "[" + ", ".join(f"{i}.0" for i in range(24)) + "]"

    def operand(name, shape, function, value=table):
        yield case(name)(lambda m: function(m, m.constant(value, shape)))

    def add(m, c):
        return m.binary("add", m.linear(m.input(1, 5, 20), 24), c)

    yield from operand("epilogue", (24,), add)
    yield from operand("epilogue-splat", (24,), add, 2.5)
    yield from operand("alone", (24,), lambda m, c: m.binary("add", m.input(5, 24), c))

    def biased(m, c):
        x, w = m.input(1, 5, 20), m.weight(24, 20, role="matrix fan_in = 20")
        return m.op(f"linear {x}, {w}, {c}", [x, w, c], (1, 5, 24))

    yield from operand("bias", (24,), biased)
    yield from operand("bias-splat", (24,), biased, 2.5)
    yield from operand(
        "bias-and-epilogue", (24,), lambda m, c: m.binary("mul", biased(m, c), c), 2.5
    )

    def weighted(m, c):
        x = m.input(1, 5, 24)
        return m.op(f"linear {x}, {c}", [x, c], (1, 5, 1))

    yield from operand("weight", (1, 24), weighted, f"[{table}]")

    def scaled(m, c):
        x = m.input(1, 5, 24)
        return m.op(f"norm {x}, {c} axis = 2 eps = 1.0e-5", [x, c], x.shape)

    yield from operand("gain", (24,), scaled)
    yield from operand("gain-splat", (24,), scaled, 2.5)

    def masked(m, c):
        x = m.input(1, 24, 32)
        return m.attention(x, x, x, 2, bias=c)

    yield from operand("mask", (24,), masked)

    def joined(m, c):
        return m.concat([m.input(3, 7), c], 1)

    yield from operand("concat", (3, 5), joined, 1.0)
    yield case("scalar")(lambda m: m.binary("mul", m.input(2, 3, 20), m.weight()))

    @case("scalar-sum")
    def sum(m):
        s = m.binary("add", m.weight(), m.weight())
        return m.binary("sub", m.linear(m.input(2, 3, 20), 24), s)

    yield sum


@family
def epilogue():
    """Who else reads the operands of an anchor."""

    @case("residual")
    def residual(m):
        x = m.input(2, 5, 24)
        return m.binary("add", x, m.linear(x, 24))

    yield residual

    @case("residual-twice")
    def twice(m):
        x = m.unary("relu", m.input(2, 5, 24))
        y = m.binary("add", x, m.linear(x, 24))
        return m.binary("mul", m.binary("sub", y, x), y)

    yield twice

    @case("bias-again")
    def bias_again(m):
        w = m.weight(24, 20, role="matrix fan_in = 20")
        b = m.weight(24, role="bias")
        x = m.input(1, 5, 20)
        y = m.op(f"linear {x}, {w}, {b}", [x, w, b], (1, 5, 24))
        return m.binary("mul", y, b)

    yield bias_again

    @case("weight-again")
    def weight_again(m):
        w = m.weight(24, 24, role="matrix fan_in = 24")
        x = m.input(24, 24)
        y = m.op(f"linear {x}, {w}", [x, w], (24, 24))
        return m.binary("mul", y, w)

    yield weight_again

    @case("gathered-again")
    def gathered_again(m):
        x = m.input(1, 24, 24)
        t = m.rearrange(x, "b n c -> b c n", (1, 24, 24))
        return m.binary("add", m.linear(t, 24), x)

    yield gathered_again

    @case("query-again")
    def query_again(m):
        x = m.input(1, 5, 32)
        return m.binary("add", m.attention(x, x, x, 2), x)

    yield query_again

    @case("reduced-again")
    def reduced_again(m):
        x = m.input(2, 1, 24)
        return m.binary("add", m.reduce("sum", x, keep=True), x)

    yield reduced_again

    @case("norm-input-again")
    def norm_again(m):
        x = m.linear(m.input(2, 3, 20), 24)
        return m.binary("add", m.norm(x), x)

    yield norm_again

    @case("gain-again")
    def gain_again(m):
        g = m.weight(24, role="gain")
        x = m.input(2, 3, 24)
        y = m.op(f"norm {x}, {g} axis = 2 eps = 1.0e-5", [x, g], x.shape)
        return m.binary("add", y, g)

    yield gain_again

    @case("softmax-input-again")
    def softmax_again(m):
        x = m.input(2, 3, 24)
        return m.binary("mul", m.softmax(x), x)

    yield softmax_again

    @case("diamond")
    def diamond(m):
        x = m.linear(m.input(2, 5, 20), 24)
        return m.binary("mul", m.unary("sigmoid", x), m.unary("tanh", x))

    yield diamond

    @case("grows")
    def grows(m):
        x = m.linear(m.input(1, 5, 20), 1)
        return m.binary("mul", x, m.input(1, 5, 24))

    yield grows


@family
def norm():
    for size in 1, 7, 16, 40, 768:
        yield case(f"{size}")(lambda m, size=size: m.norm(m.input(1, 5, size)))

        @case(f"middle-{size}")
        def middle(m, size=size):
            return m.norm(m.linear(m.input(2, 5, 20), size))

        yield middle
    for flags in "rms", "ddof = 1", "eps_outside", "rms ddof = 1", "ddof = 1 eps_outside":

        @case(flags.replace(" ", ""))
        def flagged(m, flags=flags):
            return m.norm(m.linear(m.input(1, 7, 20), 24), flags=flags, eps="1.0e-2")

        yield flagged
    yield case("plain")(lambda m: m.norm(m.input(3, 20), gain=False, bias=False))
    yield case("gain")(lambda m: m.norm(m.input(3, 20), bias=False))
    yield case("bias")(lambda m: m.norm(m.input(3, 20), gain=False))
    yield case("rank-1")(lambda m: m.norm(m.input(20)))

    @case("far-from-zero")
    def far(m):
        return m.norm(m.binary("add", m.input(1, 3, 40), m.constant(100.0)))

    yield far

    @case("run-time-gain")
    def gain(m):
        x, g = m.input(2, 3, 24), m.input(24)
        return m.op(f"norm {x}, {g} axis = 2 eps = 1.0e-5", [x, g], x.shape)

    yield gain


@family
def softmax():
    for size in 1, 10, 16, 1000:
        yield case(f"{size}")(lambda m, size=size: m.softmax(m.input(1, size)))

        @case(f"middle-{size}")
        def middle(m, size=size):
            return m.softmax(m.linear(m.input(2, 5, 20), size))

        yield middle
    yield case("large")(
        lambda m: m.softmax(m.binary("mul", m.input(3, 40), m.constant(100.0)))
    )


@family
def reduce():
    for kind in "sum", "mean", "max", "min":
        for keep in False, True:
            for size in 16, 21, 40:
                name = f"{kind}-{size}" + ("-keep" if keep else "")

                @case(name)
                def build(m, kind=kind, keep=keep, size=size):
                    return m.reduce(kind, m.linear(m.input(2, 5, 20), size), keep)

                yield build
    yield case("port")(lambda m: m.reduce("mean", m.input(1, 5, 21)))
    yield case("one-column")(lambda m: m.reduce("max", m.input(2, 5, 1)))
    yield case("one-token")(lambda m: m.reduce("min", m.input(2, 1, 21)))
    yield case("rank-2")(lambda m: m.reduce("sum", m.input(5, 21)))
    yield case("rank-4")(lambda m: m.reduce("sum", m.input(2, 3, 5, 21)))

    @case("scaled")
    def scaled(m):
        x = m.reduce("mean", m.linear(m.input(2, 5, 20), 21), keep=True)
        return m.binary("mul", m.unary("tanh", x), m.weight(21))

    yield scaled

    @case("excite")
    def excite(m):
        x = m.linear(m.input(2, 5, 20), 24)
        s = m.unary("sigmoid", m.linear(m.reduce("mean", x, keep=True), 24))
        return m.binary("mul", x, s)

    yield excite


@family
def shapes():
    """Views and copies."""

    def middle(m, *shape):
        return m.unary("relu", m.input(*shape))

    def both(name, function):
        """From a port, and from panels to a linear."""
        yield case(name + "-port")(lambda m: function(m, lambda *s: m.input(*s)))

        @case(name + "-middle")
        def inside(m):
            return m.linear(function(m, lambda *s: middle(m, *s)), 18)

        yield inside

        @case(name + "-elementwise")
        def elementwise(m):
            return m.unary("tanh", function(m, lambda *s: middle(m, *s)))

        yield elementwise

    cases = {
        "transpose": lambda m, x: m.rearrange(x(2, 5, 21), "b n c -> b c n", (2, 21, 5)),
        "patches": lambda m, x: m.rearrange(
            x(2, 3, 8, 8), "b c (h p) (w q) -> b (h w) (p q c)", (2, 4, 48), p=4, q=4
        ),
        "rows-of-patches": lambda m, x: m.rearrange(
            x(2, 3, 32, 32), "b c (h p) (w q) -> b (h w) (c p q)", (2, 4, 768), p=16, q=16
        ),
        "windows": lambda m, x: m.rearrange(
            x(2, 16, 21), "b (h p w q) c -> (b h w) (p q) c", (8, 4, 21), h=2, p=2, w=2
        ),
        "split": lambda m, x: m.rearrange(x(2, 6, 21), "b (h w) c -> b h w c", (2, 2, 3, 21), h=2),
        "merge": lambda m, x: m.rearrange(x(2, 3, 5, 21), "b h w c -> b (h w) c", (2, 15, 21)),
        "merge-batch": lambda m, x: m.rearrange(x(2, 3, 21), "b n c -> (b n) c", (6, 21)),
        "merge-one": lambda m, x: m.rearrange(
            m.slice(x(4, 5, 32), (0, 0, 0), (4, 1, 32)), "b n c -> (b n) c", (4, 32)
        ),
        "merge-one-before": lambda m, x: m.rearrange(
            m.slice(x(4, 5, 32), (1, 0, 0), (1, 5, 32)), "b n c -> (b n) c", (5, 32)
        ),
        "drop-one": lambda m, x: m.rearrange(
            m.slice(x(4, 5, 32), (0, 2, 0), (4, 1, 32)), "b 1 c -> b c", (4, 32)
        ),
        "features": lambda m, x: m.rearrange(x(2, 5, 21), "b n (h d) -> b n h d", (2, 5, 3, 7), h=3),
        "merge-features": lambda m, x: m.rearrange(x(2, 5, 3, 7), "b n h d -> b n (h d)", (2, 5, 21)),
        "swap-batch": lambda m, x: m.rearrange(x(2, 5, 21), "b n c -> n b c", (5, 2, 21)),
        "slice-tokens": lambda m, x: m.slice(x(2, 5, 21), (0, 1, 0), (2, 3, 21)),
        "slice-batch": lambda m, x: m.slice(x(3, 5, 21), (1, 0, 0), (2, 5, 21)),
        "slice-panel": lambda m, x: m.slice(x(2, 5, 64), (0, 0, 16), (2, 5, 21)),
        "slice-odd": lambda m, x: m.slice(x(2, 5, 64), (0, 1, 7), (2, 3, 40)),
        "slice-slice": lambda m, x: m.slice(
            m.slice(x(2, 5, 64), (0, 1, 16), (2, 4, 48)), (0, 1, 16), (1, 2, 20)
        ),
        "concat-tokens": lambda m, x: m.concat([x(2, 5, 21), x(2, 1, 21)], 1),
        "concat-batch": lambda m, x: m.concat([x(2, 5, 21), x(1, 5, 21)], 0),
        "concat-panels": lambda m, x: m.concat([x(2, 5, 32), x(2, 5, 21)], 2),
        "concat-odd": lambda m, x: m.concat([x(2, 5, 7), x(2, 5, 21), x(2, 5, 1)], 2),
        "concat-frozen": lambda m, x: m.concat(
            [m.expand(m.weight(1, 1, 21), 2, 1, 21), x(2, 5, 21)], 1
        ),
        "concat-frozen-odd": lambda m, x: m.concat([m.weight(2, 5, 7), x(2, 5, 21)], 2),
        "concat-twice": lambda m, x: (lambda y: m.concat([y, y], 1))(x(2, 5, 21)),
        "concat-nested": lambda m, x: m.concat(
            [m.concat([x(2, 5, 32), x(2, 5, 16)], 2), x(2, 5, 5)], 2
        ),
        "expand": lambda m, x: m.expand(x(1, 1, 21), 2, 5, 21),
        "expand-features": lambda m, x: m.expand(x(2, 5, 1), 2, 5, 21),
        "expand-rank": lambda m, x: m.expand(x(21), 2, 5, 21),
    }
    for name, function in cases.items():
        yield from both(name, function)


@family
def ports():
    """What is returned."""
    yield case("identity")(lambda m: m.input(2, 5, 21))
    yield case("weight")(lambda m: m.weight(2, 5, 21))
    yield case("weight-sum")(lambda m: m.binary("add", m.weight(5, 21), m.weight(21)))
    yield case("constant")(lambda m: m.constant(1.5, (3, 20)))
    yield case("rank-1")(lambda m: m.unary("tanh", m.input(37)))

    def twice(m):
        y = m.linear(m.input(2, 5, 20), 21)
        m.result(y)
        m.result(y)

    yield "twice", twice

    def used(m):
        y = m.linear(m.input(2, 5, 20), 21)
        m.result(y)
        m.result(m.linear(y, 17))
        m.result(m.unary("relu", y))

    yield "used", used

    def concat(m):
        y = m.linear(m.input(2, 5, 20), 21)
        m.result(y)
        m.result(m.concat([y, m.input(2, 1, 21)], 1))

    yield "concat", concat

    def parts(m):
        y = m.concat([m.linear(m.input(2, 5, 20), 32), m.input(2, 5, 21)], 2)
        m.result(y)
        m.result(m.slice(y, (0, 0, 32), (2, 5, 21)))
        m.result(m.slice(y, (0, 0, 8), (2, 5, 32)))

    yield "parts", parts

    def attended(m):
        q, k, v = (m.linear(m.input(1, 9, 20), 32) for _ in range(3))
        for x in q, k, v:
            m.result(x)
        m.result(m.attention(q, k, v, 2))

    yield "attended", attended


@family
def weightless():
    yield case("identity")(lambda m: m.input(2, 5, 21))
    yield case("norm")(lambda m: m.norm(m.input(2, 5, 21), gain=False, bias=False))
    yield case("mixer")(lambda m: m.attention(m.input(1, 5, 32), *[m.input(1, 5, 32)] * 2, 2))
