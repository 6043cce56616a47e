"""Small models that exercise the kernels, in families of cases.

kernels.py FAMILY FILE vitrail verify...     verifies programs of a few cases each,
                                             written to FILE
kernels.py FAMILY --print CASE...            prints the model of some cases
"""

import subprocess
import sys

import kernel_attention  # these fill the register
import kernel_axes
import kernel_bands
import kernel_chains
import kernel_deep
import kernel_families
import kernel_gathers
import kernel_products
import kernel_ranges
import kernel_windows
from kernel_models import Model, families


def build(cases):
    model = Model()
    for model.case, add in cases:
        add(model)
    return model


def verify(cases, command, path):
    """Whether one model of all `cases` agrees; prints what disagrees."""
    with open(path, "w") as file:
        build(cases).print(file)
    run = subprocess.run(
        [*command, path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    lines = run.stdout.splitlines()
    good = [line for line in lines if line.endswith(": agrees")]
    if run.returncode == 0 and good == lines and good:
        return True
    if len(cases) > 1:
        alone = [verify([case], command, path) for case in cases]
        if not all(alone):
            return False
    rest = [line for line in lines if line not in good]
    print("; ".join(name for name, _ in cases) + f": exit {run.returncode}")
    print("\n".join(rest[:5]))
    return False


def groups(cases, limit=16):
    """Cases together as long as a program has no more ports than it may have."""
    group = []
    for case in cases:
        model = build(group + [case])
        if group and len(model.inputs) + len(model.results) > limit:
            yield group
            group = []
        group.append(case)
    yield group


def main(arguments):
    family, path, *command = arguments
    cases = families[family]
    if path == "--print":
        build([case for case in cases if case[0] in command]).print(sys.stdout)
        return 0
    good = [verify(group, command, path) for group in groups(cases)]
    print(f"{len(cases)} cases in {len(good)} programs")
    return 0 if all(good) else 1


sys.exit(main(sys.argv[1:]))
