#include "tests/gpu/simulated/assembler.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <unistd.h>

namespace nuthatch::simulated {
namespace {

/// "sm_90" of the line ".target sm_90".
std::string targetOf(const std::string& ptx) {
  const auto begin = ptx.find(".target ") + 8;
  return ptx.substr(begin, ptx.find_first_of(" ,\n", begin) - begin);
}

}  // namespace

std::string complaintsOfAssembler(const std::string& ptx) {
  const char* assembler = std::getenv("NUTHATCH_PTXAS");
  if (!assembler || !*assembler) return {};
  static std::atomic<int> count{0};
  const auto file = std::filesystem::temp_directory_path() / ("nuthatch-" + std::to_string(::getpid()) + "-" + std::to_string(count++) + ".ptx");
  std::ofstream(file) << ptx;
  FILE* pipe = ::popen((std::string(assembler) + " -arch " + targetOf(ptx) + " " + file.string() + " -o /dev/null 2>&1").c_str(), "r");
  std::string text;
  for (int c = std::getc(pipe); c != EOF; c = std::getc(pipe)) text += char(c);
  const int status = ::pclose(pipe);
  std::filesystem::remove(file);
  return status == 0 ? std::string() : text.empty() ? "ptxas failed" : text;
}

}  // namespace nuthatch::simulated
