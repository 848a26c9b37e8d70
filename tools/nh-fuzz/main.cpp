// nh-fuzz: random programs, run by the interpreter, by every pass alone and as native code, whose results must agree
// bit for bit. A program that fails is reduced and printed. Runs until stopped.
//   nh-fuzz [--seed N] [--count N] [--seconds N] [--widths 1,4,8 | none] [--groups 1,4,32] [--device gpu:0] [--out FOLDER] [file.mlir ...]
// Files are checked, and reduced when they fail, instead of random programs. --print writes the program of a seed.
// --texts FOLDER feeds changed copies of the texts below a folder to the parser, the verifier and the passes.
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nuthatch/device.h"
#include "tools/nh-fuzz/check.h"
#include "tools/nh-fuzz/generate.h"
#include "tools/nh-fuzz/mutate.h"
#include "tools/nh-fuzz/reduce.h"

using namespace nuthatch;
using namespace nuthatch::fuzz;

namespace {

struct Options {
  std::uint64_t seed = 0, count = ~std::uint64_t(0);
  double seconds = 1e18;
  std::vector<int> widths{1, 4, 8}, groups;
  std::string out = ".", texts;
  bool print = false;
  std::vector<std::string> files;
};

/// What the child tells the parent, also when it crashes.
struct SharedProgress {
  std::uint64_t seed = 0, refused = 0;
  char message[4000] = {};
};
SharedProgress* shared = nullptr;

/// Runs in a process of its own, which may crash or hang; whether it ended well.
bool succeeds(const std::function<bool()>& work, unsigned seconds) {
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(seconds);
    const bool good = work();
    std::fflush(nullptr);
    ::_exit(good ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WIFSIGNALED(status)) std::snprintf(shared->message, sizeof shared->message, "ended by signal %d", WTERMSIG(status));
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool agrees(const detail::ProgramPtr& program, const Options& options, std::uint64_t seed) {
  // Every second program is compiled with guard zones and poisoned buffers.
  ::setenv("NUTHATCH_CHECK", seed % 2 ? "plan,memory" : "plan", 1);
  Ways ways;
  ways.widths = options.widths;
  ways.groups = options.groups;
  if (default_device().is_gpu()) ways.gpu_threads = {0, std::array{1, 8, 32, 64}[seed % 4]};
  ways.seed = seed;
  const Outcome outcome = check(program, ways);
  shared->refused += outcome.refused;
  if (outcome.failed()) std::snprintf(shared->message, sizeof shared->message, "%s", outcome.message.c_str());
  return !outcome.failed();
}

std::string reduced(const std::string& text, const Options& options, std::uint64_t seed) {
  return reduce(text, [&](const std::string& candidate) {
    return !succeeds([&] {
      std::freopen("/dev/null", "w", stderr);
      auto program = readProgram(candidate);
      return !program || agrees(program, options, seed);
    }, 60);
  });
}

void report(const std::string& name, const std::string& text, const Options& options, std::uint64_t seed) {
  std::printf("%s: %s\nreducing ...\n", name.c_str(), shared->message);
  std::fflush(stdout);
  const std::string small = reduced(text, options, seed);
  (void)succeeds([&] {
    auto program = readProgram(small);
    return !program || agrees(program, options, seed);
  }, 60);
  const std::string file = options.out + "/fuzz-" + std::to_string(seed) + ".mlir";
  std::ofstream(file) << "// nh-fuzz --seed " << seed << " --count 1: " << std::string(shared->message).substr(0, std::string(shared->message).find('\n')) << "\n" << small << "\n";
  std::printf("%s: %s\n%s\n", file.c_str(), shared->message, small.c_str());
  std::fflush(stdout);
}

/// The parser and the passes on texts that are almost programs.
int checkTexts(const Options& options) {
  const auto texts = textsBelow(options.texts);
  std::uint64_t next = options.seed, failures = 0;
  while (next - options.seed < options.count) {
    shared->message[0] = 0;
    shared->seed = next;
    const bool good = succeeds([&] {
      std::freopen("/dev/null", "w", stderr);
      for (; shared->seed < next + 1000 && shared->seed - options.seed < options.count; ++shared->seed) {
        ::alarm(60);
        try {
          readAndTransform(mutated(texts, shared->seed));
        } catch (const std::exception& e) {
          std::snprintf(shared->message, sizeof shared->message, "%s", e.what());
          return false;
        }
      }
      return true;
    }, 60);
    if (!good) {
      ++failures;
      const std::string file = options.out + "/text-" + std::to_string(shared->seed) + ".mlir";
      std::ofstream(file) << mutated(texts, shared->seed);
      std::printf("text %llu: %s; written to %s\n", (unsigned long long)shared->seed, shared->message, file.c_str());
      std::fflush(stdout);
      ++shared->seed;
    }
    next = shared->seed;
  }
  std::printf("texts %llu to %llu: %llu failures\n", (unsigned long long)options.seed, (unsigned long long)next - 1, (unsigned long long)failures);
  return failures > 0;
}

int checkFiles(const Options& options) {
  int failures = 0;
  for (const auto& file : options.files) {
    std::ifstream in(file);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    auto program = readProgram(text);
    if (!program) {
      std::printf("%s: does not parse\n", file.c_str());
      return 2;
    }
    if (succeeds([&] { return agrees(program, options, options.seed); }, 120)) continue;
    ++failures;
    report(file, text, options, options.seed);
  }
  return failures > 0;
}

int checkSeeds(const Options& options) {
  constexpr std::uint64_t kBatch = 200;
  const auto begin = std::chrono::steady_clock::now();
  auto seconds = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(); };
  std::uint64_t next = options.seed, failures = 0;
  auto done = [&] { return next - options.seed >= options.count || seconds() > options.seconds; };
  while (!done()) {
    shared->message[0] = 0;
    const bool good = succeeds([&] {
      for (std::uint64_t k = 0; k < kBatch && !(next + k - options.seed >= options.count) && seconds() < options.seconds; ++k) {
        shared->seed = next + k;
        ::alarm(120);
        if (!agrees(generate(next + k, mixOf(next + k)), options, next + k)) return false;
      }
      return true;
    }, 120);
    next = shared->seed + 1;
    if (good) {
      std::fprintf(stderr, "\rseeds %llu to %llu: %llu failures, %llu refused, %.0f s ", (unsigned long long)options.seed,
                   (unsigned long long)next - 1, (unsigned long long)failures, (unsigned long long)shared->refused, seconds());
      continue;
    }
    ++failures;
    report("seed " + std::to_string(shared->seed), generate(shared->seed, mixOf(shared->seed))->text(), options, shared->seed);
  }
  std::fprintf(stderr, "\n");
  std::printf("seeds %llu to %llu: %llu failures, %llu refused\n", (unsigned long long)options.seed, (unsigned long long)next - 1,
              (unsigned long long)failures, (unsigned long long)shared->refused);
  return failures > 0;
}

int usage() {
  std::fprintf(stderr, "usage: nh-fuzz [--seed N] [--count N] [--seconds N] [--widths 1,4,8 | none] [--groups 1,4,32] [--device gpu:0] [--out FOLDER] [--print] [--texts FOLDER | file.mlir ...]\n");
  return 2;
}

bool parse(int argc, char** argv, Options& options) {
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (!word.starts_with("--")) {
      options.files.push_back(word);
      continue;
    }
    if (word == "--print") {
      options.print = true;
      continue;
    }
    if (++i >= argc) return false;
    if (word == "--seed") options.seed = std::strtoull(argv[i], nullptr, 10);
    else if (word == "--count") options.count = std::strtoull(argv[i], nullptr, 10);
    else if (word == "--seconds") options.seconds = std::atof(argv[i]);
    else if (word == "--out") options.out = argv[i];
    else if (word == "--texts") options.texts = argv[i];
    else if (word == "--widths") {
      options.widths.clear();
      for (const char* p = argv[i]; *p; ++p)
        if (*p == '1' || *p == '4' || *p == '8') options.widths.push_back(*p - '0');
    } else if (word == "--device") {
      ::setenv("NUTHATCH_DEVICE", argv[i], 1);  // read by the processes that check programs
    } else if (word == "--groups") {
      std::stringstream numbers(argv[i]);
      for (std::string n; std::getline(numbers, n, ',');) options.groups.push_back(std::max(std::atoi(n.c_str()), 1));
    } else return false;
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (!parse(argc, argv, options)) return usage();
  ::setenv("NUTHATCH_CACHE", "off", 1);
  shared = static_cast<SharedProgress*>(::mmap(nullptr, sizeof(SharedProgress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  if (options.print) {
    std::puts(generate(options.seed, mixOf(options.seed))->text().c_str());
    return 0;
  }
  if (!options.texts.empty()) return checkTexts(options);
  return options.files.empty() ? checkSeeds(options) : checkFiles(options);
}
