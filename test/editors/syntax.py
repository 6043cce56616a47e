"""The grammars in editors/ highlight the words that the compiler knows: all of them, no others, and only where they are words."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "e2e"))
from support import TEST, main, require  # noqa: E402

ROOT = TEST.parent
FRONTEND = ROOT / "compiler" / "frontend"
TEXTMATE = ROOT / "editors" / "vscode" / "syntaxes" / "vitrail.tmLanguage.json"
VIM = ROOT / "editors" / "vim" / "syntax" / "vitrail.vim"

# Words that are names elsewhere, each where it is a word.
CONTEXTS = {
    "vitrail": "vitrail 1",
    "model": "model name() {",
    "block": "block name(x) {",
    "op": "op name(x)",
    "input": "input x : tensor[3]",
    "output": "output y : tensor[3] = x",
    "alias": "alias {",
    "require": 'require n > 0, "text"',
    "parameter": "t = @t parameter[4] : bias",
    "shared": "x = shared @layer block(x)",
    "shape": "n = x.shape[0]",
}
# The same words as names.
NAMES = ("model = 1", "block = input + 1", "output += op", "require = 2", "alias = parameter", "y = shared - vitrail", "shape = 3", "bias = gain")


# ---------------------------------------------------------------------------
# What the compiler knows
# ---------------------------------------------------------------------------


def reserved_words() -> set[str]:
    """Words that are no names anywhere."""
    text = (FRONTEND / "Parser.cpp").read_text()
    found = re.search(r"keywords\[\] = \{(.*?)\};", text, re.S)
    require(found is not None, "Parser.cpp has no list of keywords")
    return set(re.findall(r'"(\w+)"', found[1]))


def parser_words() -> set[str]:
    """Words that the parser asks for."""
    words = set()
    for file in ("Parser.cpp", "ParseExpr.cpp"):
        words |= set(re.findall(r'\b(?:is|consume|expect)\("([a-z_]+)"', (FRONTEND / file).read_text()))
    require({"model", "alias", "shared"} <= words, f"the parser's words are not found: {sorted(words)}")
    return words


def type_words() -> set[str]:
    """Types of parameters, kinds of ports and roles of weights."""
    types = re.search(r"typeNames\[\] = \{(.*?)\};", (FRONTEND / "Datum.cpp").read_text(), re.S)
    kinds = re.findall(r"\bkinds = \{(.*?)\};", (FRONTEND / "Model.cpp").read_text(), re.S)
    roles = re.search(r"def Vitrail_WeightRole .*?\]>;", (ROOT / "dialects" / "vitrail" / "VitrailBase.td").read_text(), re.S)
    require(types and len(kinds) == 2 and roles, "types, kinds and roles are not found")
    words = set(re.findall(r'"(\w+)"', types[1] + " ".join(kinds))) - {"none"}
    return words | set(re.findall(r'I32EnumAttrCase<"\w+", \d+, "(\w+)"', roles[0]))


# ---------------------------------------------------------------------------
# The TextMate grammar
# ---------------------------------------------------------------------------


class Grammar:
    """As much of a TextMate engine as the grammar needs."""

    def __init__(self, document: dict) -> None:
        self.document = document

    def rules(self, patterns: list[dict]) -> list[dict]:
        """The patterns with what they include."""
        result = []
        for pattern in patterns:
            if "include" in pattern:
                result += self.rules([self.document["repository"][pattern["include"][1:]]])
            elif "patterns" in pattern and "begin" not in pattern:
                result += self.rules(pattern["patterns"])
            else:
                result.append(pattern)
        return result

    def scopes(self, line: str) -> list[str]:
        """The innermost scope of every character."""
        marks = [""] * len(line)

        def mark(begin: int, end: int, name: str) -> None:
            marks[begin:end] = [name or mark_ for mark_ in marks[begin:end]]

        def scan(at: int, patterns: list[dict], end: str | None) -> int:
            while at < len(line):
                stop = re.compile(end).search(line, at) if end else None
                matches = [(rule, re.compile(rule.get("match") or rule["begin"]).search(line, at)) for rule in self.rules(patterns)]
                matches = [(rule, match) for rule, match in matches if match and match.end() > match.start()]
                rule, match = min(matches, key=lambda found: found[1].start(), default=(None, None))
                if stop and (match is None or stop.start() <= match.start()):
                    return stop.end()
                if match is None:
                    return len(line)
                name = rule.get("name", "")
                at = match.end()
                if "begin" in rule:
                    inner = at
                    mark(match.start(), len(line), name)
                    at = scan(inner, rule.get("patterns", []), rule["end"])
                    marks[at:] = [""] * (len(line) - at)
                else:
                    mark(*match.span(), name)
                    for group, capture in rule.get("captures", {}).items():
                        mark(*match.span(int(group)), capture["name"])
            return at

        scan(0, self.document["patterns"], None)
        return marks

    def scope_of(self, word: str, line: str) -> str:
        """The scope of a word in a line."""
        scopes = self.scopes(line)
        (found,) = re.finditer(rf"\b{word}\b", line)
        (scope,) = set(scopes[found.start() : found.end()])
        return scope


def check_textmate() -> None:
    """Every word where it is one, and names where they are names."""
    grammar = Grammar(json.loads(TEXTMATE.read_text()))
    for word in sorted(reserved_words()):
        scope = grammar.scope_of(word, f"x = a {word} b")
        require(scope.startswith(("keyword.control", "constant.language", "keyword.operator.word")), f"TextMate: '{word}' is {scope!r}")
    for word, line in CONTEXTS.items():
        scope = grammar.scope_of(word, line)
        require(scope.startswith(("keyword.declaration", "keyword.other", "support.variable")), f"TextMate: '{word}' in '{line}' is {scope!r}")
    for word in sorted(type_words()):
        scope = grammar.scope_of(word, f"x : {word}[3]")
        require(scope == "storage.type.vitrail", f"TextMate: the type '{word}' is {scope!r}")
    for line in NAMES:
        for word in re.findall(r"[a-z]+", line):
            scope = grammar.scope_of(word, line)
            require(scope == "variable.other.vitrail", f"TextMate: the name '{word}' in '{line}' is {scope!r}")
    line = '@vit.layer.{i + 1} linear(x, 3) # if "x" {y}'
    for word, scope in {"vit": "entity.name.namespace", "linear": "entity.name.function.call", "1": "constant.numeric", "if": "comment"}.items():
        require(grammar.scope_of(word, line).startswith(scope), f"TextMate: '{word}' in '{line}' is {grammar.scope_of(word, line)!r}")
    # What is no type and no word is not in the grammar.
    listed = set(re.findall(r"\w+", " ".join(re.findall(r"\(((?:[a-z_]+\|)+[a-z_]+)\)", TEXTMATE.read_text()))))
    known = reserved_words() | set(CONTEXTS) | type_words()
    require(listed <= known, f"TextMate: the language has no {sorted(listed - known)}")


# ---------------------------------------------------------------------------
# The Vim syntax
# ---------------------------------------------------------------------------


def check_vim() -> None:
    """The words in the file, and with Vim itself what it makes of lines."""
    text = VIM.read_text()
    keywords = set()
    for line in re.findall(r"^syn keyword \w+ (.*)$", text, re.M):
        keywords |= set(line.split())
    require(keywords == reserved_words(), f"Vim: reserved are {sorted(reserved_words())}, highlighted are {sorted(keywords)}")
    listed = set()
    for pattern in re.findall(r'^syn match \w+ "(.*)"', text, re.M):
        listed |= set(re.findall(r"[a-z_]{2,}", " ".join(re.findall(r"<\(?([a-z_|]{2,})\)?>", pattern))))
    known = set(CONTEXTS) | type_words()
    require(listed == known, f"Vim: {sorted(listed ^ known)} are known to one side alone")
    if not shutil.which("vim"):
        return
    samples = [(word, line, True) for word, line in CONTEXTS.items()]
    samples += [(word, f"x = a {word} b", True) for word in sorted(reserved_words())]
    samples += [(word, f"x : {word}[3]", True) for word in sorted(type_words())]
    samples += [(word, line, False) for line in NAMES for word in re.findall(r"[a-z]+", line)]
    with tempfile.TemporaryDirectory() as folder:
        source, script, output = (Path(folder, name) for name in ("lines.vtr", "script.vim", "groups"))
        source.write_text("\n".join(line for _, line, _ in samples) + "\n")
        columns = [re.search(rf"\b{word}\b", line).start() + 1 for word, line, _ in samples]
        looks = [f"call add(groups, synIDattr(synID({i + 1}, {column}, 1), 'name'))" for i, column in enumerate(columns)]
        script.write_text("\n".join(["syntax on", f"source {VIM}", "let groups = []", *looks, f"call writefile(groups, '{output}')", "qall!"]))
        subprocess.run(["vim", "-es", "-u", "NONE", "-S", script, source], stdin=subprocess.DEVNULL, timeout=60, check=False)
        if not output.exists():  # a Vim without syntax highlighting
            return
        for (word, line, is_word), group in zip(samples, output.read_text().split("\n")):
            require(bool(group) == is_word, f"Vim: '{word}' in '{line}' is {group or 'nothing'}")


def test() -> None:
    """Both grammars."""
    contextual = parser_words() - reserved_words()
    require(contextual == set(CONTEXTS), f"the parser asks for {sorted(contextual ^ set(CONTEXTS))}, which this test does not know (or the reverse)")
    check_textmate()
    check_vim()


if __name__ == "__main__":
    main(test)
