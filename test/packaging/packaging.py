"""Installs the compiler, or packs it, and uses what came out.

    packaging.py install|deb --build FOLDER --work FOLDER
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "e2e"))
from support import TEST, fresh_folder, main, require, run  # noqa: E402

ROOT = TEST.parent


def installed(program, *arguments, cwd: Path, **options) -> subprocess.CompletedProcess:
    """Runs a program without the build tree in PATH, and as if there were no source tree."""
    result = run(["env", "-i", "PATH=/usr/bin:/bin", program, *arguments], cwd=cwd, **options)
    for text in (result.stdout, result.stderr):
        # The test itself works in the build tree, below "Output".
        require(not re.search(re.escape(str(ROOT)) + r"(?!\S*/Output/)", text), f"{program} speaks of the source tree: {text}")
    return result


def check_prefix(prefix: Path, build: Path, cwd: Path) -> None:
    """Compiles and runs the digit classifier with what lies in `prefix`."""
    for path in (
        "bin/vitrail",
        "bin/vitrail-lsp-server",
        "lib/vitrail/libvitrail_rt.a",
        "lib/vitrail/libvitrail_cli.a",
        "include/vitrail/runtime.h",
        "include/vitrail/program.h",
        "share/vitrail/models/vit.vtr",
        "share/vitrail/editors/vim/syntax/vitrail.vim",
        "share/doc/vitrail/README.md",
        "share/doc/vitrail/docs/language.md",
        "share/doc/vitrail/copyright",
    ):
        require((prefix / path).is_file(), f"{path} is not installed")
    archives = {path.name for path in (build / "lib" / "vitrail").glob("*.a")}
    require(archives == {path.name for path in (prefix / "lib" / "vitrail").iterdir()}, f"the runtime lacks some of {sorted(archives)}")
    models = {path.relative_to(ROOT) for path in (ROOT / "models").rglob("*") if path.is_file()}
    shipped = {path.relative_to(prefix / "share" / "vitrail") for path in (prefix / "share" / "vitrail" / "models").rglob("*") if path.is_file()}
    require(models == shipped, f"models differ: {sorted(map(str, models ^ shipped))}")
    text = (prefix / "share" / "doc" / "vitrail" / "copyright").read_text()
    for part in ("Apache License", "LLVM Exceptions", "libjpeg.a", "libpng16.a", "libz.a"):
        require(part in text, f"the copyright lacks {part}")
    for tool in ("vitrail", "vitrail-lsp-server"):
        content = (prefix / "bin" / tool).read_bytes()
        for tree in (ROOT, build):
            require(str(tree).encode() not in content, f"{tool} holds the path {tree}")

    compiler = prefix / "bin" / "vitrail"
    digits = prefix / "share" / "vitrail" / "models" / "digits"
    # The program has the model's name, which then is not the model.
    installed(compiler, "compile", "seed_vit", "--weights", digits / "digits.safetensors", "-o", "seed_vit", cwd=cwd)
    image = digits / "images" / "07-label-3.png"
    require(re.match(r" *\d+\.\d\d%  class 3\n", installed("./seed_vit", image, cwd=cwd).stdout) is not None, "the classifier does not see a 3")
    totals = [installed(compiler, "summary", name, cwd=cwd).stdout for name in ("seed_vit", "seed_vit.vtr", "models/seed_vit.vtr")]
    require(len(set(totals)) == 1 and "150,858" in totals[0], f"three names of one model give\n{totals}")
    installed(compiler, "verify", "seed_vit", "-D", "num_layers=1", cwd=cwd)

    # A file of the working folder is meant before an installed one of that name.
    own = cwd / "vit.vtr"
    own.write_text("vitrail 1\nmodel own() {\n  input x : tensor[3]\n  output y : tensor[3] = @fc affine(x, @w parameter[3, 3] : matrix)\n}\n")
    require("9" in installed(compiler, "summary", "vit.vtr", cwd=cwd).stdout.splitlines()[-1], "vit.vtr of the working folder is passed over")
    require("86,567,656" in installed(compiler, "summary", "vit", cwd=cwd).stdout, "'vit' is the installed model")
    own.unlink()
    line = installed(compiler, "summary", "vut", cwd=cwd, status=1).stderr
    require(line.count("\n") == 1 and "'vut'" in line and "seed_vit, " in line and "vut.vtr" in line, line)
    line = installed(compiler, "summary", "models/vut.vtr", cwd=cwd, status=1).stderr
    require(line.count("\n") == 1 and "models/vut.vtr" in line, line)


def install(build: Path, work: Path) -> None:
    """cmake --install, and what was installed moved elsewhere."""
    prefix = work / "first" / "prefix"
    run(["cmake", "--install", build, "--prefix", prefix])
    check_prefix(prefix, build, fresh_folder(work / "here"))
    moved = work / "moved"
    prefix.rename(moved)
    check_prefix(moved, build, fresh_folder(work / "there"))
    # A link to the compiler is the compiler.
    os.symlink(moved / "bin" / "vitrail", work / "vitrail")
    require("86,567,656" in installed(work / "vitrail", "summary", "vit", cwd=work / "there").stdout, "a link to the compiler does not find its models")
    # Without its runtime the compiler says so.
    (moved / "lib" / "vitrail" / "libvitrail_rt.a").unlink()
    line = installed(moved / "bin" / "vitrail", "compile", "seed_vit", "--weights", "random:0", "-o", "x", cwd=work, status=1).stderr
    require(line.count("\n") == 1 and "libvitrail_rt.a" in line and "lib/vitrail" in line, line)


def deb(build: Path, work: Path) -> None:
    """The package's facts, its files and what they do."""
    run(["cpack", "--config", build / "CPackConfig.cmake", "-G", "DEB", "-B", work / "made"], cwd=work)
    (package,) = (work / "made").glob("*.deb")
    fields = run(["dpkg-deb", "--field", package]).stdout
    require(re.search(r"^Package: vitrail$", fields, re.M) is not None, fields)
    require(re.search(r"^Version: \d+\.\d+\.\d+$", fields, re.M) is not None, fields)
    depends = re.search(r"^Depends: (.*)$", fields, re.M)
    require(depends is not None, fields)
    names = {part.split()[0] for part in depends[1].split(",")}
    for needed in (r"libmlir-\d+", r"libllvm\d+", "libc6-dev", "libc6", r"libstdc\+\+6"):
        require(any(re.fullmatch(needed, name) for name in names), f"the package does not depend on {needed}: {depends[1]}")
    require(not any(name.endswith("-dev") for name in names - {"libc6-dev"}), f"the package depends on what only builds need: {depends[1]}")
    for line in run(["dpkg-deb", "--contents", package]).stdout.splitlines():
        mode, owner, *_ = line.split()
        require(owner == "root/root" and re.match(r"[-d]rw[-x]r-[-x]r-[-x]", mode) is not None, f"owner or mode: {line}")
        require("./usr/" in line, f"outside of /usr: {line}")
    root = work / "root"
    run(["dpkg-deb", "-x", package, root])
    for path in ("doc/vitrail/changelog.gz", "man/man1/vitrail.1.gz"):
        require((root / "usr" / "share" / path).is_file(), f"{path} is missing")
    check_prefix(root / "usr", build, fresh_folder(work / "here"))


def test() -> None:
    """The test that the command line names."""
    tests = {"install": install, "deb": deb}
    parser = argparse.ArgumentParser()
    parser.add_argument("test", choices=tests)
    parser.add_argument("--build", required=True, type=Path)
    parser.add_argument("--work", required=True)
    options = parser.parse_args()
    tests[options.test](options.build.resolve(), fresh_folder(options.work).resolve())


if __name__ == "__main__":
    main(test)
