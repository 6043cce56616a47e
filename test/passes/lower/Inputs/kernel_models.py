"""Models as text in the dialect, and the register of families of cases."""


class Tensor:
    def __init__(self, name, shape):
        self.name, self.shape = name, tuple(shape)

    def __str__(self):
        return self.name

    @property
    def type(self):
        return "tensor<" + "".join(f"{size}x" for size in self.shape) + "f32>"


def broadcast(*shapes):
    rank = max(map(len, shapes))
    padded = [(1,) * (rank - len(shape)) + tuple(shape) for shape in shapes]
    return [max(sizes) for sizes in zip(*padded)]


class Model:
    def __init__(self):
        self.lines, self.inputs, self.results = [], [], []
        self.case, self.count = "", 0

    def add(self, text, shape):
        self.count += 1
        result = Tensor(f"%v{self.count}", shape)
        self.lines.append(f"  {result} = {text}{result.type}")
        return result

    def op(self, text, operands, shape):
        types = ", ".join(operand.type for operand in operands)
        return self.add(f"vitrail.{text} : ({types}) -> ", shape)

    def input(self, *shape):
        self.inputs.append(Tensor(f"%x{len(self.inputs)}", shape))
        return self.inputs[-1]

    def weight(self, *shape, role="position"):
        name = f'"w{self.count}"'
        return self.add(f"vitrail.weight {name} {role} : ", shape)

    def constant(self, value, shape=()):
        return self.add(f"arith.constant dense<{value}> : ", shape)

    def result(self, tensor):
        self.results.append((self.case, tensor))

    def linear(self, x, features, bias=True, transposed=False):
        depth = x.shape[-1]
        shape = (depth, features) if transposed else (features, depth)
        operands = [x, self.weight(*shape, role=f"matrix fan_in = {depth}")]
        if bias:
            operands.append(self.weight(features, role="bias"))
        text = "linear " + ", ".join(map(str, operands))
        text += " transposed" if transposed else ""
        return self.op(text, operands, x.shape[:-1] + (features,))

    def unary(self, kind, x):
        return self.add(f"vitrail.unary {kind} {x} : ", x.shape)

    def binary(self, kind, lhs, rhs):
        shape = broadcast(lhs.shape, rhs.shape)
        return self.op(f"binary {kind} {lhs}, {rhs}", [lhs, rhs], shape)

    def positive(self, x):
        return self.binary("add", self.unary("square", x), self.constant(0.25))

    def norm(self, x, gain=True, bias=True, flags="", eps="1.0e-5", axis=-1):
        axis %= len(x.shape)
        size = x.shape[axis]
        operands, text = [x], f"norm {x}"
        if gain:
            operands.append(self.weight(size, role="gain"))
            text += f", {operands[-1]}"
        if bias:
            operands.append(self.weight(size, role="bias"))
            text += f" bias {operands[-1]}"
        return self.op(f"{text} axis = {axis} eps = {eps} {flags}", operands, x.shape)

    def softmax(self, x, axis=-1):
        axis %= len(x.shape)
        return self.add(f"vitrail.softmax {x} axis = {axis} : ", x.shape)

    def reduce(self, kind, x, keep=False, axes=(-2,)):
        axes = sorted(axis % len(x.shape) for axis in axes)
        sizes = [(1,) if axis in axes and keep else (size,) for axis, size in enumerate(x.shape) if axis not in axes or keep]
        flag = " keep_dims" if keep else ""
        return self.op(f"reduce {kind} {x} axes = {axes}{flag}", [x], sum(sizes, ()))

    def window(self, text, operands, kernel, strides=None, pads=None, dilations=None):
        """An op with a window over its first operand."""
        *outer, channels = operands[0].shape
        rank = len(kernel)
        for name, values in ("strides", strides), ("pads", pads), ("dilations", dilations):
            text += f" {name} = {list(values)}" if values else ""
        strides, pads, dilations = strides or [1] * rank, pads or [0] * 2 * rank, dilations or [1] * rank
        for axis in range(rank):
            reach = (kernel[axis] - 1) * dilations[axis] + 1
            padded = outer[axis - rank] + pads[axis] + pads[rank + axis]
            outer[axis - rank] = (padded - reach) // strides[axis] + 1
        return text, operands, (*outer, channels)

    def depthwise(self, x, kernel, bias=True, **window):
        channels = x.shape[-1]
        operands = [x, self.weight(*kernel, channels, role="matrix fan_in = 9")]
        if bias:
            operands.append(self.weight(channels, role="bias"))
        text = "depthwise_conv " + ", ".join(map(str, operands))
        return self.op(*self.window(text, operands, kernel, **window))

    def winograd(self, x, features, bias=True, **window):
        operands = [x, self.weight(16, x.shape[-1], features, role=f"matrix fan_in = {16 * x.shape[-1]}")]
        if bias:
            operands.append(self.weight(features, role="bias"))
        text = "winograd_conv " + ", ".join(map(str, operands))
        text, operands, shape = self.window(text, operands, (3, 3), **window)
        return self.op(text, operands, (*shape[:-1], features))

    def unfold(self, x, kernel, **window):
        text, operands, shape = self.window(f"unfold {x} kernel = {list(kernel)}", [x], kernel, **window)
        features = shape[-1]
        for size in kernel:
            features *= size
        return self.op(text, operands, (*shape[:-1], features))

    def conv(self, x, features, kernel, bias=True, **window):
        return self.linear(self.unfold(x, kernel, **window), features, bias)

    def roll(self, x, *shifts):
        return self.add(f"vitrail.roll {x} shifts = {list(shifts)} : ", x.shape)

    def pool(self, kind, x, kernel, counted=False, **window):
        text, operands, shape = self.window(f"pool {kind} {x} kernel = {list(kernel)}", [x], kernel, **window)
        return self.op(text + (" count_pads" if counted else ""), operands, shape)

    def einsum(self, equation, *operands):
        terms, result = equation.split("->")
        sizes = {}
        for term, operand in zip(terms.split(","), operands):
            sizes.update(zip(term, operand.shape))
        text = f'einsum "{equation}" ' + ", ".join(map(str, operands))
        return self.op(text, operands, tuple(sizes[index] for index in result))

    def attention(self, q, k, v, heads, bias=None, mask="", scale=0.25, base=""):
        name = "attention" if q.shape[-2] == k.shape[-2] else "cross_attention"
        operands = [q, k, v] + ([bias] if bias else [])
        text = f"{name} {q}, {k}, {v}" + (f" bias {bias}" if bias else "")
        text += f" heads = {heads} scale = {scale}"
        text += f" mask = {mask}" if mask else ""
        return self.op(f"{text} {base}", operands, q.shape[:-1] + v.shape[-1:])

    def rearrange(self, x, pattern, shape, **sizes):
        text = f'rearrange {x} "{pattern}"'
        if sizes:
            items = (f"{axis} = {size} : i64" for axis, size in sizes.items())
            text += " sizes = {" + ", ".join(items) + "}"
        return self.op(text, [x], shape)

    def slice(self, x, offsets, sizes):
        text = f"slice {x} offsets = {list(offsets)} sizes = {list(sizes)}"
        return self.op(text, [x], sizes)

    def concat(self, operands, axis):
        shape = list(operands[0].shape)
        shape[axis] = sum(operand.shape[axis] for operand in operands)
        text = "concat " + ", ".join(map(str, operands)) + f" axis = {axis}"
        return self.op(text, operands, shape)

    def expand(self, x, *shape):
        return self.op(f"broadcast {x} shape = {list(shape)}", [x], shape)

    def print(self, file):
        inputs = ", ".join(
            f'{x}: {x.type} {{vitrail.name = "x{i}"}}' for i, x in enumerate(self.inputs)
        )
        results = ", ".join(
            f'{y.type} {{vitrail.name = "{name}"}}' for name, y in self.results
        )
        print(f"func.func @main({inputs}) -> ({results}) {{", file=file)
        print("\n".join(self.lines), file=file)
        names = ", ".join(str(y) for _, y in self.results)
        types = ", ".join(y.type for _, y in self.results)
        print(f"  return {names} : {types}\n}}", file=file)


# A family is a list of (name, what adds the case to a model).
families = {}


def family(function):
    families[function.__name__] = list(function())
    return function


def case(name):
    """Turns a function of a model that returns a tensor into a case."""
    return lambda function: (name, lambda m: m.result(function(m)))
