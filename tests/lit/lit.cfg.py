# The passes on IR text. Run: lit tests/lit --param nh_opt=<build>/bin/nh-opt --param llvm=<LLVM's bin folder>
import os

import lit.formats

config.name = "nuthatch"
config.test_format = lit.formats.ShTest(True)
config.suffixes = [".mlir"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = lit_config.params.get("output", os.path.join(config.test_source_root, "Output"))
tools = [
    os.path.dirname(os.path.abspath(lit_config.params["nh_opt"])),
    lit_config.params.get("llvm", "/usr/lib/llvm-22/bin"),
]
config.environment["PATH"] = os.pathsep.join(tools + [os.environ.get("PATH", "")])
