"""Checks that every ```mlir example in the ODS descriptions is a valid program.

An example names values it does not define. They become arguments of a function
around it, with the types that the example's own type signatures give them.

Usage: examples.py FILE.td...     prints a module; pipe it into vitrail-opt
"""

import re
import sys


def split_types(text):
    """Splits at the commas outside of <> and ()."""
    types, depth = [""], 0
    for i, char in enumerate(text):
        if char in "<(":
            depth += 1
        elif char == ")" or (char == ">" and text[i - 1] != "-"):
            depth -= 1
        if char == "," and depth == 0:
            types.append("")
        else:
            types[-1] += char
    return [t.strip() for t in types if t.strip()]


def statements(example):
    """The ops of an example, with their continuation lines joined."""
    result = []
    for line in example.splitlines():
        if re.match(r"\s*(%\w+ = )?vitrail\.|\s*}", line) or not result:
            result.append(line.strip())
        else:
            result[-1] += " " + line.strip()
    return result


def free_values(example):
    """Values an example uses and does not define, with their types."""
    defined, free = set(), {}
    for op in statements(example):
        left, equals, right = op.rpartition(" = vitrail.")
        # A region's arguments: (%inner = %outer : type, ...).
        for inner, outer, of in re.findall(r"(%\w+) = (%\w+) : (\w+<[^>]*>)", right):
            defined.add(inner)
            free.setdefault(outer, of)
        operands, types = [], ""
        if " : " in right and not right.endswith("{"):
            head, types = right.rsplit(" : ", 1)
            operands = re.findall(r"%\w+", head)
            # Behind the arrow stands the result, or the second operand of `write`.
            types = types.partition(" -> ")[0] if equals else types.replace(" -> ", ", ")
            types = types.strip().removeprefix("(").removesuffix(")")
        of = split_types(types)
        if len(of) == 1:
            of *= len(operands)
        for operand, type_ in zip(operands, of):
            if operand not in defined:
                free.setdefault(operand, type_)
        if equals:
            defined.add(left.strip())
    return free


def main():
    count = 0
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as file:
            text = file.read()
        for example in re.findall(r"```mlir\n(.*?)```", text, re.DOTALL):
            arguments = ", ".join(f"{n}: {t}" for n, t in free_values(example).items())
            print(f"func.func @example{count}({arguments}) {{\n{example}  return\n}}")
            count += 1
    if not count:
        sys.exit("no example found")


if __name__ == "__main__":
    main()
