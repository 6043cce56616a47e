import os

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

llvm_config.with_environment("PATH", config.llvm_tools_dir, append_path=True)
llvm_config.with_environment(
    "PATH", os.path.join(config.vitrail_obj_root, "bin"), append_path=True
)
# Byte-for-byte diagnostics, whatever the user's locale and terminal.
llvm_config.with_environment("LC_ALL", "C")
