import os
import platform
import shutil
import sys

import lit.formats
from lit.llvm import llvm_config

config.name = "Vitrail"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".vtr", ".test"]
config.excludes = ["Inputs", "golden", "malformed", "unit"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.vitrail_obj_root, "test")

config.substitutions.append(("%models", os.path.join(config.vitrail_src_root, "models")))
config.substitutions.append(("%golden", os.path.join(config.vitrail_src_root, "test", "golden")))
config.substitutions.append(("%malformed", os.path.join(config.vitrail_src_root, "test", "malformed")))
config.substitutions.append(("%e2e", os.path.join(config.vitrail_src_root, "test", "e2e")))
config.substitutions.append(("%capi", os.path.join(config.vitrail_src_root, "test", "capi")))
config.substitutions.append(("%build", config.vitrail_obj_root))
config.substitutions.append(("%python", sys.executable))

# Whether programs for a processor level run here: x86-64-v3 and x86-64-v4.
if platform.machine() == "x86_64":
    with open("/proc/cpuinfo") as cpuinfo:
        flags = next((line.split() for line in cpuinfo if line.startswith("flags")), [])
    if {"avx2", "fma", "bmi2", "f16c"} <= set(flags):
        config.available_features.add("avx2")
    if {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"} <= set(flags):
        config.available_features.add("avx512")

# Callers of compiled libraries are built in tests.
if shutil.which("clang-22") and shutil.which("clang++-22"):
    config.available_features.add("clang")

# Programs can be looked at with a debugger.
if shutil.which("gdb"):
    config.available_features.add("gdb")

# Debian packages can be made.
if shutil.which("cpack") and shutil.which("dpkg-shlibdeps"):
    config.available_features.add("deb")

# Tests of published sizes; lit -Dquick=1 leaves them out.
if not lit_config.params.get("quick"):
    config.available_features.add("published-sizes")

llvm_config.with_environment("PATH", config.llvm_tools_dir, append_path=True)
llvm_config.with_environment(
    "PATH", os.path.join(config.vitrail_obj_root, "bin"), append_path=True
)
# Byte-for-byte diagnostics, whatever the user's locale and terminal.
llvm_config.with_environment("LC_ALL", "C")
