"""Attention: queries and keys of any number, masks, heads that are no panels."""

from kernel_models import case, family


def attention_case(name, queries, keys, heads, size, value=None, batch=1, **options):
    @case(name)
    def build(m):
        q = m.linear(m.input(batch, queries, 20), heads * size)
        s = m.input(batch, keys, 20)
        k = m.linear(s, heads * size)
        v = m.linear(s, heads * (value or size))
        bias = options.get("bias")
        kind, shape = bias if bias else (None, None)
        tensor = bias and (m.weight if kind == "weight" else m.input)(*shape)
        return m.attention(q, k, v, heads, **{**options, "bias": tensor})

    return build


@family
def attention():
    make = attention_case
    for count in 1, 5, 16, 17, 50, 197:
        yield make(f"n{count}", count, count, 2, 16)
    for size in 32, 48, 64, 80:
        yield make(f"d{size}", 17, 17, 2, size)
    yield make("values", 9, 9, 2, 32, value=16)
    yield make("wide-values", 9, 9, 2, 16, value=48)
    for queries, keys in (1, 17), (17, 1), (3, 50), (50, 3):
        yield make(f"cross-{queries}-{keys}", queries, keys, 3, 16)
        yield make(f"causal-{queries}-{keys}", queries, keys, 3, 16, mask="causal")
    yield make("causal", 21, 21, 2, 16, mask="causal")
    yield make("batch-3", 9, 9, 2, 16, batch=3)
    yield make("batch-3-causal", 9, 9, 2, 16, batch=3, mask="causal")
    yield make("base2", 9, 9, 2, 16, base="base2")
    yield make("sharp", 9, 9, 2, 16, scale=30.0)
    for kind in "weight", "input":
        for batch, shape in (
            (1, (2, 17, 21)),
            (1, (1, 17, 21)),
            (3, (3, 2, 17, 21)),
            (3, (1, 2, 17, 21)),
            (3, (3, 1, 1, 21)),
            (1, (17, 21)),
            (1, (21,)),
            (1, (2, 17, 1)),
        ):
            name = f"bias-{kind}-{'x'.join(map(str, shape))}"
            yield make(name, 17, 21, 2, 16, batch=batch, bias=(kind, shape))
    yield make("bias-causal", 17, 21, 2, 16, bias=("weight", (2, 17, 21)), mask="causal")

    @case("ports")
    def ports(m):
        return m.attention(m.input(2, 7, 32), m.input(2, 9, 32), m.input(2, 9, 32), 2)

    yield ports

    @case("rank-2")
    def rank_2(m):
        return m.attention(m.input(7, 32), m.input(9, 32), m.input(9, 32), 2)

    yield rank_2

    @case("rank-4")
    def rank_4(m):
        x = m.linear(m.input(2, 3, 7, 20), 32)
        return m.attention(x, x, x, 2)

    yield rank_4

    @case("merged")
    def merged(m):
        x = m.input(2, 7, 20)
        q, k, v = (m.linear(x, 32) for _ in range(3))
        return m.linear(m.attention(q, k, v, 2), 20)

    yield merged

    @case("epilogue")
    def epilogue(m):
        x = m.linear(m.input(2, 7, 20), 32)
        y = m.attention(x, x, x, 2)
        return m.unary("relu", m.binary("add", y, m.weight(7, 32)))

    yield epilogue


@family
def long_attention():
    """Keys that meet the queries block by block."""
    make = attention_case
    yield make("several-blocks", 29, 1500, 1, 16)
    yield make("one-key-more", 15, 1025, 2, 32, value=16)
    yield make("several-chunks", 1100, 780, 1, 80)
    yield make("batch-3", 17, 901, 2, 16, batch=3)
    yield make("sharp", 17, 901, 2, 16, scale=30.0)
    for queries, keys in (300, 300), (37, 400), (400, 300), (1, 300):
        yield make(f"causal-{queries}-{keys}", queries, keys, 2, 16, mask="causal")
    yield make("causal-batch-2", 270, 270, 2, 16, batch=2, mask="causal")
    yield make("bias", 17, 901, 2, 16, bias=("weight", (2, 17, 901)))
    yield make("bias-input", 17, 901, 2, 16, bias=("input", (901,)))
    yield make("bias-causal", 300, 300, 2, 16, bias=("input", (300, 1)), mask="causal")

    @case("epilogue")
    def epilogue(m):
        x = m.linear(m.input(2, 801, 20), 32)
        y = m.attention(x, x, x, 2)
        return m.unary("relu", m.binary("add", y, m.weight(801, 32)))

    yield epilogue

    @case("masked")
    def masked_keys(m):
        q, k = m.linear(m.input(1, 5, 20), 32), m.linear(m.input(1, 901, 20), 32)
        hidden = m.constant("-1.0e38")
        bias = m.binary("mul", m.unary("relu", m.input(901)), hidden)
        return m.attention(q, k, k, 2, bias=bias)

    yield masked_keys


@family
def heads():
    """Heads that are no whole panels, between linears."""
    for size in 6, 11, 24:
        for options in {}, {"mask": "causal"}, {"batch": 3}:
            name = "-".join([str(size), *map(str, options)])

            @case(name)
            def build(m, size=size, options=options):
                x = m.input(options.get("batch", 1), 9, 20)
                q, k, v = (m.linear(x, 2 * size) for _ in range(3))
                y = m.attention(q, k, v, 2, mask=options.get("mask", ""))
                return m.linear(y, 20)

            yield build

    @case("values")
    def values(m):
        x = m.input(1, 9, 20)
        q, k, v = m.linear(x, 32), m.linear(x, 32), m.linear(x, 22, transposed=True)
        return m.linear(m.attention(q, k, v, 2), 20, transposed=True)

    yield values

    @case("ports")
    def ports(m):
        return m.attention(m.input(2, 9, 22), m.input(2, 7, 22), m.input(2, 7, 14), 2)

    yield ports

    @case("shared")
    def shared(m):
        x = m.linear(m.input(1, 9, 20), 36)
        return m.linear(m.attention(x, x, x, 3), 20)

    yield shared

    @case("no-bias")
    def no_bias(m):
        x = m.input(1, 9, 20)
        q, k, v = (m.linear(x, 24, bias=False) for _ in range(3))
        return m.linear(m.attention(q, k, v, 2), 20, bias=False)

    yield no_bias

    for size in 6, 24:

        @case(f"copies-{size}")
        def copies(m, size=size):
            q, k, v = (m.input(2, 9, 2 * size) for _ in range(3))
            return m.unary("tanh", m.attention(q, k, v, 2))

        yield copies

    @case("one-value")
    def one_value(m):
        x = m.linear(m.input(1, 9, 20), 24)
        return m.linear(m.attention(x, x, x, 2), 20)

    yield one_value
