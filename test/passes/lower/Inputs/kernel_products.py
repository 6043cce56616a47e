"""Einsums: every way in which indices of two operands meet, and what is made of other einsums."""

from kernel_models import case, family

# By index: odd everywhere, or whole panels.
ODD = dict(a=2, b=3, c=21, d=18, e=37, h=5, k=7, m=23, n=33)
EVEN = dict(a=2, b=2, c=32, d=16, e=48, h=4, k=16, m=32, n=64)


def make(equation, sizes=ODD, weights="", after=None, before=None):
    """The operands numbered in `weights` are frozen."""
    name = equation.replace("->", "-to-").replace(",", "-") or "scalar"
    name += f"-w{weights}" if weights else ""
    name += "-even" if sizes is EVEN else ""
    name += f"-{before}" if before else ""
    name += "-after" if after else ""

    @case(name)
    def build(m):
        operands = []
        for number, term in enumerate(equation.split("->")[0].split(",")):
            shape = tuple(sizes[index] for index in term)
            operand = (m.weight if str(number) in weights else m.input)(*shape)
            if before and str(number) not in weights:
                operand = m.unary(before, operand)
            operands.append(operand)
        y = m.einsum(equation, *operands)
        return after(m, y) if after else y

    return build


PRODUCTS = """
    bnd,bmd->bnm bnd,bdm->bnm bdn,bdm->bnm bdn,bmd->bnm nd,md->nm nm,mc->nc
    bnd,bmd->bmn bnm,bmd->bnd bnm,bmd->bdn
    bhnd,bhmd->bhnm bhnm,bhmd->bhnd bnhd,bmhd->bhnm bhnm,bmhd->bnhd bnhd,bmhd->bnmh
    bnd,bne->bde bnd,bde->bne bnhd,bnhe->bhde bnhd,bhde->bnhe bhde,bnhd->bnhe
    bhnm,hk->bknm hk,bhnm->bknm bnmh,hk->bnmk bnc,mn->bmc mn,bnc->bmc nc,mn->mc
    bnhd,hdc->bnc bhnd,hdc->bnc bnc,chd->bnhd bnc,chd->bhnd nc,hdc->nhd
    bnd,bd->bn bd,bnd->bn bnd,d->bn d,dn->n nd,d->n
    abnd,abmd->abnm bnkc,bmkc->bnm bnkc,bmck->bnm bnkc,bmkc->mbn
""".split()

ELEMENTWISE = """
    bnd,bnd->bnd bnd,bd->bnd bnd,d->bnd bnd,nd->bdn bn,bm->bnm bn,bm->bmn b,n->bn bnd,bn->bnd n,n->n
    bnd,bnd->bn bnd,bnd->bd bnd,bnd->b bkc,kc->bc bknc,kc->bnc bknc,kc->bcn nd,nd->n bndk,bnk->bnd
    bndk,bmdk->bnmd
""".split()

SEVERAL = """
    bnd,bmd,bme->bne bnd,dk,bke->bne bnm,bmd,d->bnd bnd,bnd,bnd->bn nd,nk,nc->dkc
    bnd,bn,b->bd bnd,kd,ck->bnc
""".split()

ALONE = """
    bnd->bdn bnd->bn bnd->d bnd->b bnd->bnd bnd,mk->bn bnd,bmk->bnm bnk,bm->bn
    nn->n bnn->bn bnnd->bnd bdnn->bd nbn->bn bnn->b nmnm->nm nnn->n nnm,m->n
""".split()


@family
def einsum():
    for equation in PRODUCTS + ELEMENTWISE + SEVERAL:
        yield make(equation)
    for equation in PRODUCTS:
        yield make(equation, EVEN, before="relu")
        yield make(equation, weights="1", before="relu")
    for equation in "nm,mc->nc", "mn,bnc->bmc", "hk,bhnm->bknm", "bnd,bmd->bnm", "bnd,bnd->bn", "bnd,kd,ck->bnc":
        yield make(equation, weights="0", before="tanh")
    yield make("bnd,kd,ck->bnc", weights="12")
    yield make("nc,ck,kd->nd", weights="12")
    for equation in ALONE:
        yield make(equation, dict(ODD, n=19, m=7))


@family
def einsum_sizes():
    """Rows, columns and depths that no tile and no panel divides, both ways of the right operand."""
    for equation in "bnd,bmd->bnm", "bnd,bdm->bnm", "bdn,bdm->bnm":
        for rows in 1, 2, 13, 15, 29:
            yield make(equation, dict(b=2, n=rows, m=20, d=17), before="relu" if rows % 2 else None)
        for columns in 1, 7, 16, 33, 120:
            yield make(equation, dict(b=1, n=5, m=columns, d=20), before=None if columns % 2 else "relu")
        for depth in 1, 5, 15, 16, 49:
            yield make(equation, dict(b=3, n=9, m=24, d=depth))


@family
def einsum_epilogue():
    """What follows an einsum in one kernel."""

    def short(m, y):
        return m.binary("add", m.binary("mul", y, m.constant(0.25)), m.weight(*y.shape[-2:]))

    def long(m, y):
        return m.unary("gelu", m.binary("add", y, m.input(*y.shape)))

    for equation in "bnd,bmd->bnm", "bnm,bmd->bnd", "bhnd,bhmd->bhnm", "bnc,mn->bmc", "bnhd,bmhd->bnmh":
        for after in short, long:
            yield make(equation, after=after)
            yield make(equation, EVEN, before="relu", after=after)

    @case("operand-again")
    def again(m):
        x = m.unary("relu", m.input(2, 21, 21))
        return m.binary("add", m.einsum("bnm,bmd->bnd", x, x), x)

    yield again

    @case("attention-by-hand")
    def attention(m):
        q, k, v = (m.linear(m.input(2, 9, 20), 32) for _ in range(3))
        scores = m.binary("mul", m.einsum("bnd,bmd->bnm", q, k), m.constant(0.2))
        return m.linear(m.einsum("bnm,bmd->bnd", m.softmax(scores), v), 20)

    yield attention


@family
def run_time_weights():
    """Linears whose weight or bias depends on an input."""
    for transposed in False, True:

        @case("weight" + ("-transposed" if transposed else ""))
        def weight(m, transposed=transposed):
            x, w = m.input(2, 5, 20), m.unary("relu", m.input(*((20, 24) if transposed else (24, 20))))
            flag = " transposed" if transposed else ""
            return m.op(f"linear {x}, {w}{flag}", [x, w], (2, 5, 24))

        yield weight

    def linear(m, w, b):
        x = m.input(5, 20)
        return m.op(f"linear {x}, {w}, {b}", [x, w, b], (5, 24))

    yield case("bias")(lambda m: linear(m, m.weight(24, 20), m.input(24)))
    yield case("both")(lambda m: linear(m, m.input(24, 20), m.input(24)))
    yield case("frozen-bias")(lambda m: linear(m, m.input(24, 20), m.weight(24)))
