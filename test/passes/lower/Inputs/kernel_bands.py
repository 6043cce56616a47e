"""Small kernels in a row on windows, samples or queries, which threads keep from one to the next."""

from kernel_models import case, family

same = dict(pads=(1, 1, 1, 1))


def windows(m, units, size, channels, heads=1):
    """Attention within windows between linears: one segment."""
    x = m.input(units, size, size, channels)
    y = m.linear(x, 3 * 16 * heads)
    y = m.rearrange(y, "n h w c -> n (h w) c", (units, size * size, 48 * heads))
    parts = [m.slice(y, (0, 0, 16 * heads * i), (units, size * size, 16 * heads)) for i in range(3)]
    y = m.attention(*parts, heads)
    y = m.linear(y, channels)
    return m.binary("add", m.rearrange(y, "n (h w) c -> n h w c", (units, size, size, channels), h=size), x)


def cascade(m, units, size, part, heads):
    """As in EfficientViT: a head sees channels of its own, and what the one before found."""
    x = m.unary("relu", m.input(units, size, size, heads * part))
    found = []
    for head in range(heads):
        seen = m.slice(x, (0, 0, 0, head * part), (units, size, size, part))
        if found:
            seen = m.binary("add", seen, found[-1])
        y = m.linear(seen, 32 + part)
        query = m.depthwise(m.slice(y, (0, 0, 0, 0), (units, size, size, 16)), (3, 3), **same)
        flat = "n h w c -> n (h w) c"
        rows = units, size * size
        query = m.rearrange(query, flat, (*rows, 16))
        key = m.slice(m.rearrange(y, flat, (*rows, 32 + part)), (0, 0, 16), (*rows, 16))
        value = m.slice(m.rearrange(y, flat, (*rows, 32 + part)), (0, 0, 32), (*rows, part))
        y = m.attention(query, key, value, 1)
        found.append(m.rearrange(y, "n (h w) c -> n h w c", (units, size, size, part), h=size))
    return m.linear(m.unary("relu", m.concat(found, 3)), heads * part)


def encoder(m, samples, tokens, width):
    """One layer for each of some samples."""
    x = m.input(samples, tokens, width)
    y = m.norm(x)
    y = m.attention(*(m.linear(y, width) for _ in range(3)), width // 16)
    x = m.binary("add", x, m.linear(y, width))
    y = m.unary("gelu", m.linear(m.norm(x), 2 * width))
    return m.softmax(m.binary("add", x, m.linear(y, width)))


@family
def bands():
    for units in 4, 5, 12:
        yield case(f"windows-{units}")(lambda m, n=units: windows(m, n, 5, 20))
        yield case(f"cascade-{units}")(lambda m, n=units: cascade(m, n, 5, 16, 3))
    yield case("windows-heads")(lambda m: windows(m, 9, 3, 33, heads=2))
    yield case("windows-2x3")(lambda m: m.unary("neg", m.rearrange(windows(m, 6, 4, 16), "(a b) h w c -> (a h) (b w) c", (8, 12, 16), a=2)))
    yield case("cascade-1")(lambda m: cascade(m, 1, 7, 16, 3))
    # Of one sample, threads keep queries: as many to a part as tiles have, or one less.
    for samples, tokens, width in (4, 7, 16), (6, 33, 48), (15, 2, 32), (1, 65, 32), (1, 50, 48), (1, 97, 16):
        yield case(f"encoder-{samples}-{tokens}-{width}")(lambda m, s=samples, t=tokens, c=width: encoder(m, s, t, c))
