"""Prints a vision transformer in the vitrail dialect.

The shapes are what tests of whole models need, and they need no weights: the
published sizes are as cheap as small ones.
"""

import argparse


class Writer:
    def __init__(self):
        self.lines, self.count, self.shapes = [], 0, {}

    def emit(self, text, operands, shape):
        name = f"%{self.count}"
        self.count += 1
        self.shapes[name] = shape
        types = ", ".join(tensor(self.shapes[o]) for o in operands)
        self.lines.append(f"    {name} = vitrail.{text} : ({types}) -> {tensor(shape)}")
        return name

    def weight(self, name, role, shape):
        value = f"%{self.count}"
        self.count += 1
        self.shapes[value] = shape
        if role == "matrix":
            fan_in = 1
            for size in shape[1:]:
                fan_in *= size
            role += f" fan_in = {fan_in}"
        self.lines.append(f'    {value} = vitrail.weight "{name}" {role} : {tensor(shape)}')
        return value

    def linear(self, name, x, features):
        shape = self.shapes[x]
        w = self.weight(name + ".weight", "matrix", [features, shape[-1]])
        b = self.weight(name + ".bias", "bias", [features])
        return self.emit(f"linear {x}, {w}, {b}", [x, w, b], shape[:-1] + [features])

    def norm(self, name, x, eps):
        shape = self.shapes[x]
        g = self.weight(name + ".weight", "gain", [shape[-1]])
        b = self.weight(name + ".bias", "bias", [shape[-1]])
        axis = len(shape) - 1
        return self.emit(f"norm {x}, {g} bias {b} axis = {axis} eps = {eps}", [x, g, b], shape)

    def unary(self, kind, x):
        name = f"%{self.count}"
        self.count += 1
        self.shapes[name] = self.shapes[x]
        self.lines.append(f"    {name} = vitrail.unary {kind} {x} : {tensor(self.shapes[x])}")
        return name

    def add(self, x, y):
        return self.emit(f"binary add {x}, {y}", [x, y], self.shapes[x])


def tensor(shape):
    return "tensor<" + "x".join(map(str, shape)) + "xf32>"


def attention(w, name, x, heads):
    shape = w.shapes[x]
    q, k, v = (w.linear(f"{name}.{part}", x, shape[-1]) for part in ("query", "key", "value"))
    scale = repr((shape[-1] // heads) ** -0.5)
    a = w.emit(f"attention {q}, {k}, {v} heads = {heads} scale = {scale}", [q, k, v], shape)
    return w.linear(f"{name}.output", a, shape[-1])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--image", type=int, default=224)
    parser.add_argument("--patch", type=int, default=16)
    parser.add_argument("--hidden", type=int, default=768)
    parser.add_argument("--mlp", type=int, default=3072)
    parser.add_argument("--heads", type=int, default=12)
    parser.add_argument("--blocks", type=int, default=12)
    parser.add_argument("--classes", type=int, default=1000)
    parser.add_argument("--post-norm", action="store_true",
                        help="norms behind the residuals, no norm before the head, a second linear in it")
    args = parser.parse_args()

    w, d = Writer(), args.hidden
    tokens = (args.image // args.patch) ** 2
    w.shapes["%image"] = [args.batch, 3, args.image, args.image]
    filters = w.weight("patch.weight", "matrix", [d, 3, args.patch, args.patch])
    bias = w.weight("patch.bias", "bias", [d])
    x = w.emit(f"patch_embed %image, {filters}, {bias}", ["%image", filters, bias], [args.batch, tokens, d])
    cls = w.weight("cls", "token", [1, 1, d])
    cls = w.emit(f"broadcast {cls} shape = [{args.batch}, 1, {d}]", [cls], [args.batch, 1, d])
    x = w.emit(f"concat {cls}, {x} axis = 1", [cls, x], [args.batch, tokens + 1, d])
    x = w.add(x, w.weight("position", "position", [1, tokens + 1, d]))
    for i in range(args.blocks):
        name, eps = f"layer.{i}", "1.0e-6" if args.post_norm else "1.0e-12"
        y = x if args.post_norm else w.norm(f"{name}.norm1", x, eps)
        x = w.add(x, attention(w, f"{name}.attention", y, args.heads))
        if args.post_norm:
            x = w.norm(f"{name}.norm1", x, eps)
        y = x if args.post_norm else w.norm(f"{name}.norm2", x, eps)
        y = w.unary("relu" if args.post_norm else "gelu", w.linear(f"{name}.fc1", y, args.mlp))
        x = w.add(x, w.linear(f"{name}.fc2", y, d))
        if args.post_norm:
            x = w.norm(f"{name}.norm2", x, eps)
    if not args.post_norm:
        x = w.norm("norm", x, "1.0e-12")
    x = w.emit(f"slice {x} offsets = [0, 0, 0] sizes = [{args.batch}, 1, {d}]", [x], [args.batch, 1, d])
    x = w.emit(f'rearrange {x} "b 1 c -> b c"', [x], [args.batch, d])
    if args.post_norm:
        x = w.unary("gelu_tanh", w.linear("hidden", x, args.mlp))
    x = w.linear("head", x, args.classes)

    print(f"func.func @main(%image: {tensor(w.shapes['%image'])}) -> {tensor(w.shapes[x])} {{")
    print("\n".join(w.lines))
    print(f"    return {x} : {tensor(w.shapes[x])}\n}}")


main()
