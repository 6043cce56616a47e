"""Kernels with so much work that threads take it range by range: one of each kind that shares work in a way of its own."""

from kernel_models import case, family


@family
def ranges():
    same = dict(pads=(1, 1, 1, 1))
    for name, build in {
        "linear": lambda m: m.linear(m.input(1, 300, 128), 128),
        "deep": lambda m: m.linear(m.linear(m.input(1, 301, 100), 800), 100),
        "gathered": lambda m: m.linear(m.rearrange(m.input(1, 64, 64, 36), "b (h p) (w q) c -> b (h w) (p q c)", (1, 1024, 144), p=2, q=2), 64),
        "conv": lambda m: m.conv(m.linear(m.input(1, 40, 40, 16), 32), 40, (3, 3), **same),
        "depthwise": lambda m: m.depthwise(m.linear(m.input(1, 60, 60, 16), 70), (5, 5), pads=(2, 2, 2, 2)),
        "attention": lambda m: m.attention(*(m.linear(m.input(1, 230, 32), 96) for _ in range(3)), 3),
        "long-attention": lambda m: m.attention(*(m.linear(m.input(1, 1100, 16), 32) for _ in range(3)), 2),
        "batch-attention": lambda m: m.attention(*(m.linear(m.input(7, 130, 16), 48) for _ in range(3)), 3, mask="causal"),
        "einsum": lambda m: m.einsum("bnd,bmd->bnm", m.linear(m.input(3, 150, 64), 64), m.linear(m.input(3, 170, 64), 64)),
        "norm": lambda m: m.norm(m.linear(m.input(1, 9001, 16), 40)),
        "softmax": lambda m: m.softmax(m.linear(m.input(1, 9001, 16), 40), axis=1),
        "mean": lambda m: m.reduce("mean", m.linear(m.input(1, 9000, 16), 64), axes=(1,)),
        "elementwise": lambda m: m.unary("gelu", m.binary("add", m.input(1, 30011, 32), m.input(1, 30011, 32))),
    }.items():
        yield case(name)(build)
