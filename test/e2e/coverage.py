"""What is here is run: every golden case whose model exists, and every test that a script has.

    coverage.py
"""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

from support import GOLDEN, HERE, MODELS, TEST, main, require


def check_cases() -> None:
    """Compares the folders of golden cases with the RUN lines."""
    text = "".join(path.read_text() for path in HERE.glob("golden-*.test"))
    published = (HERE / "published.py").read_text()
    missing = []
    for path in sorted(GOLDEN.glob("*/*/case.json")):
        case = json.loads(path.read_text())
        name = f"{path.parent.parent.name}/{path.parent.name}"
        model, folder = name.split("/")
        tested = f"golden.py {name} " in text or f'GOLDEN / "{model}" / "{folder}"' in published
        if (MODELS / case["model"]).exists() and not tested:
            missing.append(name)
    require(not missing, f"golden cases without a test: {missing}")


def tests_of(script: Path) -> list[str]:
    """The tests that a script gives to main_of, as its command line names them."""
    calls = [node for node in ast.walk(ast.parse(script.read_text())) if isinstance(node, ast.Call)]
    (arguments,) = [call.args for call in calls if isinstance(call.func, ast.Name) and call.func.id == "main_of"]
    return [argument.id.replace("_", "-") for argument in arguments]


def check_scripts() -> None:
    """Compares the tests of scripts with the RUN lines."""
    text = "".join(path.read_text() for path in TEST.rglob("*.test"))
    scripts = [path for path in sorted(TEST.rglob("*.py")) if re.search(r"^    main_of\(", path.read_text(), re.M)]
    require(len(scripts) > 1, "no scripts are found")
    missing = [f"{script.name} {name}" for script in scripts for name in tests_of(script) if not re.search(rf"/{script.name} {name} ", text)]
    require(not missing, f"tests that nothing runs: {missing}")


def test() -> None:
    """Both."""
    check_cases()
    check_scripts()


if __name__ == "__main__":
    main(test)
