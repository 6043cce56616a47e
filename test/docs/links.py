"""Checks what documents refer to: links.py ROOT

Relative links of README.md and docs/*.md name files of the repository and
headings in them, and so do paths in backticks that begin with one of its
folders. What a path leaves open (an asterisk, a word in capitals) fits anything.
"""

import pathlib
import re
import sys

FOLDERS = "compiler dialects passes runtime models test scripts docs".split()


def anchors(text: str) -> set[str]:
    """The anchors of headings, as the usual renderers make them."""
    titles = re.findall(r"^#+ +(.*)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", t.lower()).replace(" ", "-") for t in titles}


def check_link(root: pathlib.Path, document: pathlib.Path, link: str) -> bool:
    name, _, anchor = link.partition("#")
    target = (document.parent / name).resolve() if name else document
    if root not in target.parents or not target.exists():
        return False
    return not anchor or anchor in anchors(target.read_text())


def check_path(root: pathlib.Path, path: str) -> bool:
    pattern = re.sub(r"\b(?!README|LICENSE)[A-Z]+\b|\{[^}]*\}", "*", path)
    return any(root.glob(pattern.rstrip("/")))


def main() -> int:
    root = pathlib.Path(sys.argv[1]).resolve()
    links = failed = 0
    for document in [root / "README.md", *sorted((root / "docs").glob("*.md"))]:
        text = document.read_text()
        prose = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
        # Examples of other formats (regular expressions, IR) are in backticks.
        plain = re.sub(r"`[^`\n]*`", "", prose)
        wrong = [
            link
            for link in re.findall(r"\]\(([^)\s]+)\)", plain)
            if not re.match(r"\w+:", link) and not check_link(root, document, link)
        ]
        paths = re.findall(r"`((?:%s)/[\w./*\-{},]*)`" % "|".join(FOLDERS), prose)
        wrong += [path for path in paths if not check_path(root, path)]
        for name in wrong:
            print(f"{document.relative_to(root)}: '{name}' does not exist")
        failed += len(wrong)
        links += len(paths) + len(re.findall(r"\]\(", plain))
    print(f"{links} references, {failed} wrong")
    return 1 if failed or not links else 0


if __name__ == "__main__":
    sys.exit(main())
