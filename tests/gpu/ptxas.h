#pragma once
// The assembler of the CUDA toolkit, where it is installed.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <regex>
#include <string>

#include <unistd.h>

namespace nuthatch::test {

/// Path of ptxas, from PATH or the toolkit's usual folder; empty where there is none.
inline std::string ptxas() {
  static const std::string found = [] {
    if (std::system("ptxas --version >/dev/null 2>&1") == 0) return std::string("ptxas");
    const std::string usual = "/usr/local/cuda/bin/ptxas";
    return std::filesystem::exists(usual) ? usual : std::string();
  }();
  return found;
}

/// What it says of a kernel.
struct Assembled {
  std::string messages;  // empty without errors
  int registers = 0, stack = -1, spilled = -1, shared = 0;
};

inline Assembled assemble(const std::string& ptx, const std::string& architecture = "sm_90") {
  const auto folder = std::filesystem::temp_directory_path() / ("nuthatch-ptx-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "a.ptx") << ptx;
  const auto path = folder.string();
  const int rc = std::system((ptxas() + " -v -arch " + architecture + " " + path + "/a.ptx -o " + path + "/a.cubin >" + path + "/log 2>&1").c_str());
  std::ifstream in(folder / "log");
  const std::string log{std::istreambuf_iterator<char>(in), {}};
  std::filesystem::remove_all(folder);
  Assembled out;
  if (rc != 0) {
    out.messages = log.empty() ? "ptxas failed" : log;
    return out;
  }
  auto number = [&](const char* pattern) {
    std::smatch m;
    return std::regex_search(log, m, std::regex(pattern)) ? std::stoi(m[1]) : -1;
  };
  out.registers = number("Used (\\d+) registers");
  out.stack = number("(\\d+) bytes stack frame");
  out.spilled = number("(\\d+) bytes spill stores");
  out.shared = number("(\\d+) bytes smem");
  return out;
}

}  // namespace nuthatch::test
