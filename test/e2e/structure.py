"""The tools use the shared MLIR and LLVM, and hold no copy of them.

    structure.py TOOL...
"""

from __future__ import annotations

import re
import sys

from support import main, require, run, tool

# Functions that any static copy would define, and that every tool calls or reaches.
SYMBOLS = (
    "mlir::PassManager::run(",
    "mlir::MLIRContext::MLIRContext(",
    "mlir::Operation::create(",
    "mlir::Operation::verifyInvariants(",
    "mlir::RankedTensorType::get(",
    "llvm::cl::ParseCommandLineOptions(",
    "llvm::SmallVectorBase<unsigned int>::grow_pod(",
    "llvm::LLVMContext::LLVMContext(",
    "llvm::SelectionDAG::SelectionDAG(",
    "llvm::PassBuilder::PassBuilder(",
)


def test() -> None:
    """Checks each tool."""
    require(len(sys.argv) > 1, "no tools")
    for name in sys.argv[1:]:
        path = tool(name)
        text = run([tool("llvm-readelf"), "-d", path]).stdout
        needed = re.findall(r"\(NEEDED\).*\[(.*)\]", text)
        ours = [library for library in needed if re.match(r"lib(MLIR|LLVM|clang|lld)", library)]
        for kind in ("MLIR", "LLVM"):
            require(any(re.match(rf"lib{kind}(-22)?\.so\.22", library) for library in ours), f"{name} needs {needed}: no shared lib{kind}")
        require(len(ours) == 2, f"{name} needs {ours}")
        defined = run([tool("llvm-nm"), "--defined-only", "-C", path]).stdout.splitlines()
        imported = run([tool("llvm-nm"), "-D", "--undefined-only", "-C", path]).stdout
        require(any(" vitrail::" in line for line in defined), f"{name} has no symbols to look at")
        require("mlir::" in imported, f"{name} imports nothing of MLIR")
        for symbol in SYMBOLS:
            copies = [line for line in defined if re.match(r"^[0-9a-f]+ [TtWV] ", line) and symbol in line.split(" ", 2)[2][: len(symbol)]]
            require(not copies, f"{name} holds a copy of {symbol}...): {copies}")
        # Static registration of LLVM's code generators or MLIR's passes leaves many symbols; ours are in namespace vitrail.
        foreign = [line for line in defined if re.match(r"^[0-9a-f]+ T (mlir|llvm)::", line)]
        require(len(foreign) < 20, f"{name} defines {len(foreign)} functions of MLIR or LLVM, such as\n" + "\n".join(foreign[:5]))


if __name__ == "__main__":
    main(test)
