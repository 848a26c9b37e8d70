// nh-opt: reads a module of nh operations, applies the passes named on the command line in their order, prints it.
//   nh-opt [passes] [file]      file - or none: standard input
#include <cstdio>
#include <string>
#include <vector>

#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Support/SourceMgr.h>
#include <llvm/Support/raw_ostream.h>
#include <mlir/IR/Verifier.h>
#include <mlir/Parser/Parser.h>

#include "ir/trace/program.h"
#include "ir/trace/read.h"
#include "tools/nh-opt/passes.h"

using namespace nuthatch;

static int usage() {
  llvm::errs() << "usage: nh-opt [passes] [file]\n";
  for (const opt::Pass& pass : opt::passes()) llvm::errs() << "  --" << pass.name << "  " << pass.summary << "\n";
  return 2;
}

int main(int argc, char** argv) {
  std::vector<std::pair<const opt::Pass*, std::string>> pipeline;
  std::string file = "-";
  for (int i = 1; i < argc; ++i) {
    std::string word = argv[i];
    if (!word.starts_with("--")) {
      file = word;
      continue;
    }
    size_t equals = word.find('=');
    std::string name = word.substr(2, equals == std::string::npos ? equals : equals - 2);
    const opt::Pass* pass = opt::find(name);
    if (!pass) return usage();
    pipeline.emplace_back(pass, equals == std::string::npos ? "" : word.substr(equals + 1));
  }

  auto context = ir::makeContext();
  auto buffer = llvm::MemoryBuffer::getFileOrSTDIN(file);
  if (!buffer) {
    llvm::errs() << "nh-opt: cannot read " << file << "\n";
    return 1;
  }
  if (auto wrong = ir::undefinedName((*buffer)->getBuffer().str()); !wrong.empty()) {
    llvm::errs() << "nh-opt: " << file << ": " << wrong << "\n";
    return 1;
  }
  llvm::SourceMgr sources;
  sources.AddNewSourceBuffer(std::move(*buffer), llvm::SMLoc());
  mlir::SourceMgrDiagnosticHandler handler(sources, context.get());
  auto module = mlir::parseSourceFile<mlir::ModuleOp>(sources, context.get());
  if (!module) return 1;
  for (auto& [pass, argument] : pipeline)
    if (mlir::failed(pass->run(*module, argument)) || mlir::failed(mlir::verify(*module))) {
      llvm::errs() << "nh-opt: " << pass->name << " failed\n";
      return 1;
    }
  module->print(llvm::outs());
  llvm::outs() << "\n";
}
