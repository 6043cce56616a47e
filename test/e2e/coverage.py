"""Every golden case whose model exists has a test here.

    coverage.py
"""

from __future__ import annotations

import json

from support import GOLDEN, HERE, MODELS, main, require


def test() -> None:
    """Compares the folders with the RUN lines."""
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


if __name__ == "__main__":
    main(test)
