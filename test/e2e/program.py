"""What compiled programs offer their users.

    program.py TEST --work FOLDER
"""

from __future__ import annotations

import json
import os
import re
import shutil
import struct
import subprocess
from pathlib import Path

from support import (
    GOLDEN,
    IMAGES,
    MODELS,
    TINY,
    check_agreement,
    compile_tiny,
    fresh_folder,
    main_of,
    model_arguments,
    one_line,
    read_npy,
    require,
    require_files,
    run,
    tool,
    vitrail,
)

SMALLEST = GOLDEN / "seed_vit" / "smallest"


def throughput(work: Path) -> None:
    """Several contexts at the same time: the keys, and one copy of the weights."""
    program = work / "program"
    # Its weights are nearly all of its memory: 33 MB, of which each layer's are read once a run.
    vitrail("compile", MODELS / "seed_vit.vtr", "-D", "d_model=512", "-D", "mlp_dim=1024",
            "--weights", "random:1", "-o", program, "--external-weights", work / "program.weights")

    def bench(*arguments) -> dict:
        return json.loads(run([program, "--bench", "--json", "--runs", "8", "--warmup", "1", *arguments]).stdout)

    document = bench("--throughput", "--contexts", "2", "--threads", "1")
    keys = ["median_ms", "p10_ms", "p90_ms", "runs", "threads", "gflops", "contexts", "images_per_second"]
    require(list(document) == keys, f"keys {list(document)}")
    require(document["contexts"] == 2 and document["threads"] == 1 and document["runs"] == 8, f"{document}")
    # Two contexts that are each as fast as the median says.
    require(0.3 < document["images_per_second"] * document["median_ms"] / 2000 < 3, f"{document}")
    require(bench("--throughput")["threads"] == 1, "one thread each")

    weights = (work / "program.weights").stat().st_size
    require(weights > 20e6, f"{weights} bytes of weights")

    def memory(contexts: int) -> int:
        """The most bytes that the program had in memory."""
        arguments = [str(program), "--bench", "--throughput", "--contexts", str(contexts), "--threads", "1", "--runs", "8"]
        process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        require(status == 0, f"{arguments}: {status}")
        return usage.ru_maxrss * 1024

    one, four = memory(1), memory(4)
    require(one > weights, f"{one} bytes in memory, {weights} of weights")
    require(four - one < weights / 4, f"{one} bytes in memory with one context, {four} with four, {weights} of weights")


def pages(work: Path) -> None:
    """Weights of many pages are aligned for huge ones, and complete; few take no room for that."""
    large = "-D", "d_model=512", "-D", "mlp_dim=1024"

    def compiled(name: str, *arguments) -> bytes:
        vitrail("compile", MODELS / "seed_vit.vtr", "--weights", "random:1", "-o", work / name, *arguments)
        return (work / name).read_bytes()

    def alignments(program: bytes) -> list[int]:
        """Of the segments that are loaded, in order."""
        begin, count = struct.unpack_from("<Q", program, 32)[0], struct.unpack_from("<H", program, 56)[0]
        headers = (struct.unpack_from("<IIQQQQQQ", program, begin + 56 * number) for number in range(count))
        return [header[7] for header in headers if header[0] == 1]

    for name in ("large", "large.so"):
        require(alignments(compiled(name, *large))[:2] == [2 << 20, 4096], f"the segments of {name}")
    require(set(alignments(compiled("small"))) == {4096}, "the segments of small")
    compiled("external", *large, "--external-weights", work / "external.weights")
    weights = (work / "external.weights").read_bytes()[4096:]
    program = (work / "large").read_bytes()
    require(len(weights) > 32 << 20 and program.find(weights) > 0, "the weights inside the program are those of the file")


def info(work: Path) -> None:
    """--info says what the program is, --json the same for machines."""
    program = compile_tiny(work / "tiny", "--target", "x86-64-v3", "--batch", 2)
    text = run([program, "--info"]).stdout
    for expected in ("pixel_values: f32 [2, 3, 8, 8] (image)", "probabilities: f32 [2, 3] (probabilities)", "x86-64-v3", "avx2"):
        require(expected in text, f"--info lacks {expected!r}:\n{text}")
    for title in ("model", "inputs", "outputs", "weights", "memory", "threads", "cpu features", "compiler", "target"):
        require(re.search(rf"^{title}  +\S", text, re.M) is not None, f"--info lacks {title!r}:\n{text}")
    document = json.loads(run([program, "--info", "--json"]).stdout)
    version = run([tool("vitrail"), "--version"]).stdout.strip()
    for key, expected in {
        "name": "seed_vit",
        "abi_version": 4,
        "inputs": [{"name": "pixel_values", "kind": "image", "dtype": "f32", "shape": [2, 3, 8, 8]}],
        "outputs": [{"name": "probabilities", "kind": "probabilities", "dtype": "f32", "shape": [2, 3]}],
        "batch": 2,
        "target": "x86-64-v3",
        "dtype": "f32",
        "definitions": {name: str(value) for name, value in TINY["parameters"].items() if name != "num_channels"},
        "missing_cpu_features": "",
        "compiler": version,
    }.items():
        found = document.get(key)
        if key == "definitions":
            found = {name: value for name, value in (found or {}).items() if name != "num_channels"}
        require(found == expected, f"{key}: {found}, expected {expected}")
    # No less than the parameters, as floats.
    require(document["weights"]["bytes"] >= 4 * 2899 and document["weights"]["file"] is None, f"weights: {document['weights']}")
    require(re.fullmatch(r"[0-9a-f]{16}", document["weights"]["hash"]) is not None, f"weights: {document['weights']}")
    require(document["memory"]["arena_bytes"] > 0, f"memory: {document['memory']}")
    require(document["flops"] > 0 and document["regions"] > 0 and document["threads"] > 0, f"{document}")
    require("avx2" in document["cpu_features"].split() and "avx512f" not in document["cpu_features"], document["cpu_features"])
    require(run([program, "--version"]).stdout == f"seed_vit (compiled by {version})\n", "--version")
    usage = run([program, "--help"]).stdout
    for option in ("--info", "--bench", "--profile", "--input", "--output", "--threads", "--weights", "--runs", "--warmup", "--json"):
        require(option in usage, f"--help lacks {option}")


def licenses(work: Path) -> None:
    """The notices of what is inside a program: the image libraries only where an input is an image."""

    def names(program: Path) -> list[str]:
        parts = json.loads(run([program, "--info", "--licenses", "--json"]).stdout)["licenses"]
        text = run([program, "--info", "--licenses"]).stdout
        for part in parts:
            require(len(part["text"]) > 500 and part["text"] in text, f"the notice of {part['name']}:\n{part['text']}")
        return [re.split("[ /]", part["name"])[0] for part in parts]

    def contains(program: Path, word: bytes) -> bool:
        return word in program.read_bytes()

    images = compile_tiny(work / "images")
    require(names(images) == ["Vitrail's", "libjpeg-turbo", "libpng", "zlib"], f"{names(images)}")
    (work / "tensors.vtr").write_text("vitrail 1\nmodel tensors() {\n  input x : tensor[3]\n  output y : tensor[3] = x + x\n}\n")
    vitrail("compile", work / "tensors.vtr", "-o", work / "tensors")
    require(names(work / "tensors") == ["Vitrail's"], f"{names(work / 'tensors')}")
    for word in (b"Corrupt JPEG data", b"invalid distance too far back", b"IHDR"):
        require(contains(images, word), f"{word} is not to be found")
        require(not contains(work / "tensors", word), f"a program without images contains {word}")
    require("LLVM Exceptions" in run([work / "tensors", "--info", "--licenses"]).stdout, "the exceptions are missing")


def targets(work: Path) -> None:
    """One program for several processors takes the code for the best it finds itself on; all have one copy of the weights."""
    case, folder = json.loads((SMALLEST / "case.json").read_text()), SMALLEST
    names = ["x86-64-v3", "x86-64-v4", "znver4"]
    program = work / "several"
    # Listed in any order; the most demanding comes last. Wide enough for weights to outweigh code.
    vitrail("compile", *model_arguments(case, {"d_model": 256, "mlp_dim": 1024}), "--weights", "random:1", "--target", "znver4,x86-64-v3,x86-64-v4", "-o", program)
    document = json.loads(run([program, "--info", "--json"]).stdout)
    require([variant["target"] for variant in document["variants"]] == names, f"{document['variants']}")
    require([variant["vector_bits"] for variant in document["variants"]] == [256, 512, 512], f"{document['variants']}")
    runnable = [variant["target"] for variant in document["variants"] if not variant["missing_cpu_features"]]
    require(document["variant"] == runnable[-1], f"{document['variant']} runs, of {runnable}")
    vitrail("compile", *model_arguments(case, {"d_model": 256, "mlp_dim": 1024}), "--weights", "random:1", "--target", "x86-64-v3", "-o", work / "one")
    more = program.stat().st_size - (work / "one").stat().st_size
    require(more < document["weights"]["bytes"] / 4, f"two more targets make {more} more bytes, the weights are {document['weights']['bytes']}")

    # What one target's code computes here, it computes there, to the bit.
    vitrail("compile", *model_arguments(case), "--weights", case["weights"], "--target", ",".join(names), "-o", program)
    golden = read_npy(folder / "output.npy")[1]
    for name in runnable:
        vitrail("compile", *model_arguments(case), "--weights", case["weights"], "--target", name, "-o", work / "one")
        run([work / "one", folder / "input.npy", "--output", work / "one.npy"])
        run([program, folder / "input.npy", "--output", work / "option.npy", "--target", name])
        run([program, folder / "input.npy", "--output", work / "variable.npy"], environment={"VITRAIL_TARGET": name})
        check_agreement(name, case, read_npy(work / "option.npy")[1], golden)
        for other in ("option", "variable"):
            require((work / f"{other}.npy").read_bytes() == (work / "one.npy").read_bytes(), f"{name}, chosen by {other}: other bytes than from a program of its own")
    lesser = {"VITRAIL_HIDE_CPU_FEATURES": "avx512f"}
    require(json.loads(run([program, "--info", "--json"], environment=lesser).stdout)["variant"] == "x86-64-v3", "without AVX-512")
    require("x86-64-v3, which runs here\n" in run([program, "--info"], environment=lesser).stdout, "--info without AVX-512")
    nothing = {"VITRAIL_HIDE_CPU_FEATURES": "avx,avx512f"}
    line = one_line(run([program, folder / "input.npy"], status=1, environment=nothing), "several: ")
    require("lacks instructions of all 3 variants of the program, even of x86-64-v3: avx;" in line, line)
    require(json.loads(run([program, "--info", "--json"], environment=nothing).stdout)["variant"] is None, "--info where nothing runs")
    line = one_line(run([program, folder / "input.npy", "--target", "haswell"], status=1), "several: ")
    require("no code for 'haswell'; it has code for x86-64-v3, x86-64-v4, znver4" in line, line)
    line = one_line(run([program, folder / "input.npy", "--target", "x86-64-v4"], status=1, environment=lesser), "several: ")
    require("lacks instructions of the code for x86-64-v4: avx512f" in line, line)
    # What runs before the choice, runs everywhere.
    text = run([tool("llvm-objdump"), "--disassemble-symbols=main,vitrail_main,vitrail_create,vitrail_choose_variant", program]).stdout
    require("<main>:" in text and "<vitrail_choose_variant>:" in text, text[:500])
    require(re.search(r"%[xyz]mm(1[6-9]|2\d|3[01])|%[yz]mm|\tv[a-z]+ps", text) is None, "AVX before the processor is known")


def bench(work: Path) -> None:
    """The keys of --bench --json, and what they hold."""
    program = compile_tiny(work / "tiny")
    for threads in (1, 2):
        result = run([program, "--bench", "--json", "--runs", "7", "--warmup", "1", "--threads", threads])
        document = json.loads(result.stdout)
        require(list(document) == ["median_ms", "p10_ms", "p90_ms", "runs", "threads", "gflops"], f"keys {list(document)}")
        require(document["runs"] == 7 and document["threads"] == threads, f"{document}")
        require(0 < document["p10_ms"] <= document["median_ms"] <= document["p90_ms"] < 1000, f"{document}")
        flops = json.loads(run([program, "--info", "--json"]).stdout)["flops"]
        require(abs(document["gflops"] * document["median_ms"] * 1e6 - flops) <= 1e-3 * flops, f"{document}, {flops} FLOP")
    text = run([program, "--bench", "--runs", "3", "--threads", "1"]).stdout
    pattern = r"median \d+\.\d{3} ms, p10 \d+\.\d{3} ms, p90 \d+\.\d{3} ms \(3 runs, 1 thread\), \d+\.\d GFLOP/s\n"
    require(re.fullmatch(pattern, text) is not None, text)


def profile(work: Path) -> None:
    """A table, and a trace of every region on every thread, with so much work that there are barriers."""
    program = work / "small"
    larger = {"image_size": 32, "d_model": 64, "num_heads": 4, "mlp_dim": 128}
    vitrail("compile", *model_arguments(TINY, larger), "--weights", "random:1", "-o", program)
    facts = json.loads(run([program, "--info", "--json"]).stdout)
    regions, flops = facts["regions"], facts["flops"]
    for threads in (1, 3):
        trace = work / f"trace{threads}.json"
        table = run([program, "--profile", trace, "--threads", threads]).stdout.splitlines()
        plural = "s" if threads > 1 else ""
        require(re.match(rf" +ms +share +GFLOP/s  region \(the median run, {threads} thread{plural}\)$", table[0]) is not None, table[0])
        require(re.match(r" *\d+\.\d{3} +100\.0% +\d+\.\d  total$", table[-1]) is not None, table[-1])
        require(len(table) == regions + 3 + (threads > 1), f"{regions} regions, but {len(table)} lines")
        require(any(line.endswith("waiting at barriers") for line in table) == (threads > 1), "\n".join(table))
        shares = [float(line.split()[1].rstrip("%")) for line in table[1:-1]]
        require(abs(sum(shares) - 100) < 0.06 * len(shares), f"the shares add up to {sum(shares)}")
        require(shares[: regions] == sorted(shares[: regions], reverse=True), f"not in order: {shares}")
        for name in ("blocks.0.attention: cross_attention", "patch_embedding: linear+add", "blocks.0.mlp.fc1: linear+relu", "head.fc2: linear"):
            require(any(line.endswith("  " + name) for line in table), f"no region {name!r}:\n" + "\n".join(table))
        check_trace(json.loads(trace.read_text()), threads, regions, flops)
    # Without a file: the table alone. What follows is an image, and stays one.
    image = work / "image.png"
    shutil.copy(IMAGES[0], image)
    for arguments in ([], [image], ["--threads", "1"]):
        require(run([program, "--profile", *arguments]).stdout.splitlines()[-1].endswith("  total"), f"--profile {arguments}")
    require(image.read_bytes() == IMAGES[0].read_bytes(), "--profile writes over the image")
    run([program, f"--profile={work / 'trace'}"])
    require(json.loads((work / "trace").read_text())["traceEvents"], "--profile=FILE takes any name")
    require_files(work, "image.png", "small", "trace", "trace1.json", "trace3.json")


def check_trace(document: dict, threads: int, regions: int, flops: float) -> None:
    """Chrome's trace event format: one track a thread, whose events follow one another within the inference."""
    require(document["displayTimeUnit"] == "ms" and set(document) == {"displayTimeUnit", "traceEvents"}, f"{list(document)}")
    events = document["traceEvents"]
    for event in events:
        require(event["ph"] in ("X", "M") and event["pid"] == 1 and isinstance(event["name"], str), f"{event}")
    names = {event["tid"]: event["args"]["name"] for event in events if event["name"] == "thread_name"}
    require(names == {i + 1: f"thread {i}" for i in range(threads)}, f"tracks {names}")
    events = [event for event in events if event["ph"] == "X"]
    (whole,) = [event for event in events if event["name"] == "inference"]
    require(whole["ts"] == 0 and whole["dur"] > 0 and whole["tid"] == 1, f"{whole}")
    tolerance = 0.01  # of rounding to nanoseconds
    for tid in names:
        parts = [event for event in events if event["tid"] == tid and event is not whole]
        require(sum(event["cat"] == "region" for event in parts) == regions, f"thread {tid}: {len(parts)} events of {regions} regions")
        require({event["name"] for event in parts if event["cat"] != "region"} == ({"waiting"} if threads > 1 else set()), f"thread {tid}: {parts}")
        end = 0
        for event in parts:
            require(event["ts"] >= end - tolerance and event["dur"] >= 0, f"{event} begins before {end}")
            end = event["ts"] + event["dur"]
        require(end <= whole["dur"] + tolerance, f"{parts[-1]} in {whole}")
        # What lies between is little, on the caller's thread: fetching arguments.
        if threads == 1:
            require(sum(event["dur"] for event in parts) >= 0.5 * whole["dur"], f"the parts of thread {tid} do not add up to {whole}")
        total = sum(event["args"]["flops"] for event in parts if event["cat"] == "region")
        require(abs(total - flops) <= 1e-6 * flops, f"the regions' FLOPs are {total}, the program's {flops}")
        require(all({"flops", "bytes", "gflops"} == set(event["args"]) for event in parts if event["cat"] == "region"), f"{parts[0]}")


def statuses(work: Path) -> None:
    """0; 1 with one line; 2 for wrong usage, with one line, too."""
    program = compile_tiny(work / "tiny")
    golden = SMALLEST / "input.npy"
    run([program, golden])
    run([program, "--", golden])
    for arguments in (
        [],
        ["--nope"],
        ["--threads"],
        ["--threads", "0"],
        ["--threads", "many", golden],
        ["--runs", "0", "--bench"],
        ["--runs", "3", golden],
        ["--json", golden],
        ["--info", "--bench"],
        ["--bench", "--profile", "trace.json"],
        ["--input", "nothing=x.npy"],
        ["--output", "nothing=x.npy", golden],
        ["--output=", golden],
        ["--input", f"pixel_values={golden}", "--input", f"pixel_values={golden}"],
        ["--output", "x.npy", "--info"],
        ["--bench", golden, golden],
        ["--throughput", golden],
        ["--bench", "--contexts", "2"],
    ):
        one_line(run([program, *arguments], status=2, cwd=work), "tiny: ")
    for arguments, word in (
        (["missing.png"], "missing.png"),
        (["missing.npy"], "missing.npy"),
        (["."], "."),
        (["--weights", "missing.weights", golden], "missing.weights"),
        ([GOLDEN / "seed_vit" / "odd" / "input.npy"], "[1, 3, 24, 24]"),
        ([IMAGES[0], "missing.png", "--output", "x.npy"], "missing.png"),
    ):
        line = one_line(run([program, *arguments], status=1, cwd=work), "tiny: ")
        require(word in line, f"expected {word!r} in {line!r}")
    require_files(work, "tiny")
    # A name that would break the line.
    one_line(run([program, "two\nlines.png"], status=1, cwd=work), "tiny: ")


def external(work: Path) -> None:
    """Weights in a file beside: found from any folder, shared with nobody else's program."""
    build = fresh_folder(work / "build")
    vitrail("compile", *model_arguments(TINY), "--weights", "random:1", "-o", "tiny", "--external-weights", "tiny.weights", cwd=build)
    require((build / "tiny").exists() and (build / "tiny.weights").exists(), "two files")
    inside = work / "inside"
    vitrail("compile", *model_arguments(TINY), "--weights", "random:1", "-o", inside)
    golden = SMALLEST / "input.npy"
    run([inside, golden, "--output", work / "expected.npy"])
    expected = (work / "expected.npy").read_bytes()

    def check(program: Path, cwd: Path, *arguments) -> None:
        (work / "out.npy").unlink(missing_ok=True)
        run([program, golden, "--output", work / "out.npy", *arguments], cwd=cwd)
        require((work / "out.npy").read_bytes() == expected, f"{program} in {cwd}: other bytes than with the weights inside")

    elsewhere = fresh_folder(work / "elsewhere")
    check(build / "tiny", build)
    check(build / "tiny", elsewhere)
    document = json.loads(run([build / "tiny", "--info", "--json"]).stdout)
    require(document["weights"]["file"] == "tiny.weights", f"{document['weights']}")
    moved = work / "moved"
    build.rename(moved)
    check(moved / "tiny", elsewhere)
    shutil.move(moved / "tiny.weights", elsewhere / "renamed.weights")
    check(moved / "tiny", work, "--weights", elsewhere / "renamed.weights")

    line = one_line(run([moved / "tiny", golden], status=1, cwd=work), "tiny: ")
    require("tiny.weights" in line and "not found" in line and "--weights" in line, line)
    # --info needs no weights.
    run([moved / "tiny", "--info"], cwd=work)
    vitrail("compile", *model_arguments(TINY), "--weights", "random:2", "-o", work / "other", "--external-weights", moved / "tiny.weights")
    line = one_line(run([moved / "tiny", golden], status=1, cwd=work), "tiny: ")
    require("another program" in line, line)
    whole = (elsewhere / "renamed.weights").read_bytes()
    (moved / "tiny.weights").write_bytes(whole[:-1])
    line = one_line(run([moved / "tiny", golden], status=1, cwd=work), "tiny: ")
    require("truncated" in line, line)
    (moved / "tiny.weights").write_bytes(b"")
    line = one_line(run([moved / "tiny", golden], status=1, cwd=work), "tiny: ")
    require("tiny.weights" in line, line)


def needed(work: Path) -> None:
    """Programs need libc and libm alone, libraries no more."""
    for name, allowed in {"tiny": {"libc.so.6", "libm.so.6"}, "tiny.so": {"libc.so.6", "libm.so.6"}}.items():
        compile_tiny(work / name)
        text = run([tool("llvm-readelf"), "-d", work / name]).stdout
        libraries = re.findall(r"\(NEEDED\).*\[(.*)\]", text)
        require("libc.so.6" in libraries, f"{name} needs {libraries}")
        require(set(libraries) <= allowed, f"{name} needs {libraries}, expected {sorted(allowed)} alone")
        require("RUNPATH" not in text and "RPATH" not in text, f"{name} has a run path:\n{text}")


def onednn(work: Path) -> None:
    """Programs whose matrices oneDNN multiplies need it besides, and say so."""
    for name in ("tiny", "tiny.so"):
        compile_tiny(work / name, "--matmul", "onednn")
        text = run([tool("llvm-readelf"), "-d", work / name]).stdout
        libraries = set(re.findall(r"\(NEEDED\).*\[(.*)\]", text))
        require({"libc.so.6", "libdnnl.so.2"} <= libraries, f"{name} needs {libraries}")
        require(libraries <= {"libc.so.6", "libm.so.6", "libdnnl.so.2"}, f"{name} needs {libraries}")
    lines = run([work / "tiny", "--info"]).stdout.splitlines()
    require(any(re.match(r"library +oneDNN \d+\.\d+\.\d+$", line) for line in lines), f"{lines}")
    require(any(re.match(r"matmul +onednn$", line) for line in lines), f"{lines}")
    facts = json.loads(run([work / "tiny", "--info", "--json"]).stdout)
    require(facts["matmul_library"].startswith("oneDNN ") and facts["matmul"] == "onednn", f"{facts}")
    compile_tiny(work / "generated")
    facts = json.loads(run([work / "generated", "--info", "--json"]).stdout)
    require("matmul_library" not in facts and facts["matmul"] == "codegen", f"{facts}")
    for name, says in (("with.a", True), ("without.a", False)):
        compile_tiny(work / name, "--matmul", "onednn" if says else "codegen")
        require(("-ldnnl" in (work / name).with_suffix(".h").read_text()) == says, f"the header of {name}")


def repeatable(work: Path) -> None:
    """The same input gives the same bytes, wherever the output lies."""
    first, second = fresh_folder(work / "first"), fresh_folder(work / "second")
    for name in ("tiny", "tiny.so", "tiny.a", "tiny.o", "tiny.s"):
        for folder in (first, second):
            compile_tiny(folder / name)
        require((first / name).read_bytes() == (second / name).read_bytes(), f"{name}: two compilations give different bytes")


if __name__ == "__main__":
    main_of(throughput, pages, info, licenses, targets, bench, profile, statuses, external, needed, onednn, repeatable)
