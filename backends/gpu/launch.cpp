#include "backends/gpu/launch.h"

#include <cstring>

#include "nuthatch/detail/available_memory.h"
#include "nuthatch/error.h"

namespace nuthatch::gpu {
namespace {

constexpr std::size_t kAlign = 256;
/// Smaller arrays travel together.
constexpr std::size_t kSmall = std::size_t(1) << 16;

std::size_t aligned(std::size_t bytes) { return (bytes + kAlign - 1) / kAlign * kAlign; }

std::size_t bytesOf(const detail::TensorType& t) { return std::size_t(t.shape.num_elements()) * size_of(t.dtype); }

/// Small arrays and tables of pointers, as they will lie in one block of the card.
class Package {
 public:
  std::size_t add(const void* data, std::size_t bytes) {
    const std::size_t at = data_.size();
    data_.resize(at + aligned(std::max<std::size_t>(bytes, 1)));
    if (bytes) std::memcpy(data_.data() + at, data, bytes);
    return at;
  }
  std::size_t size() const { return data_.size(); }
  void* at(std::size_t offset) { return data_.data() + offset; }
  const std::byte* data() const { return data_.data(); }

 private:
  std::vector<std::byte> data_;
};

struct StreamRecord {  // detail::Stream, as generated code reads it
  cuda::Pointer data;
  std::int64_t capacity;
};

}  // namespace

Results::Results(const std::vector<detail::TensorType>& types, std::int64_t chains) : types_(types) {
  for (auto& t : types_) {
    if (chains > 0) t.shape.insert(t.shape.begin(), chains);
    if (bytesOf(t) < kSmall) small_bytes_ += aligned(std::max<std::size_t>(bytesOf(t), 1));
    else large_bytes_ += double(bytesOf(t));
  }
}

std::vector<detail::Array> Results::take(Card& card) {
  std::vector<detail::Array> arrays;
  Shared<Bundle> small = small_bytes_ ? share<Bundle>(card, small_bytes_) : Shared<Bundle>();
  std::size_t next = 0;
  for (const auto& t : types_) {
    const std::size_t bytes = bytesOf(t);
    const bool alone = bytes >= kSmall;
    const Shared<Bundle> bundle = alone ? share<Bundle>(card, bytes) : small;
    const std::size_t at = alone ? 0 : next;
    if (!alone) next += aligned(std::max<std::size_t>(bytes, 1));
    places_.push_back(bundle->at() + at);
    arrays.push_back(arrayIn(bundle, at, t.dtype, t.shape));
  }
  return arrays;
}

double bytesToMove(Card& card, const std::vector<detail::Array>& arguments) {
  double bytes = 0;
  for (const auto& a : arguments)
    if (!placeOn(card, a) && !mirrors(card).has(card, a)) bytes += double(a.bytes());
  return bytes;
}

void requireCardMemory(Card& card, double results, double workspace, double streams, double arguments, std::int64_t chains) {
  mirrors(card).forget(card);
  const double needed = results + workspace + streams + arguments, free = card.available();
  if (needed <= free) return;
  std::string message = "this program needs " + detail::memory_text(needed) + " of memory, more than the " + detail::memory_text(free) +
                        " that are free on gpu:" + std::to_string(card.index()) + " (" + card.facts().name + "): " +
                        detail::memory_text(results) + " for its results, " + detail::memory_text(workspace) + " for intermediate values";
  if (chains > 1) message += " (" + detail::memory_text(workspace / double(chains)) + " for each of " + std::to_string(chains) + " chains)";
  if (streams > 0) message += ", " + detail::memory_text(streams) + " for draws";
  if (arguments > 0) message += ", " + detail::memory_text(arguments) + " for its arguments";
  throw Error(message);
}

void launch(Card& card, const LoadedKernel& kernel, const PtxProgram& program, const LaunchShape& shape,
            const std::vector<detail::Array>& arguments, const std::vector<cuda::Pointer>& results, const std::vector<DeviceStream>& streams) {
  const std::lock_guard lock(card.mutex());
  card.use();
  Package package;
  std::vector<Shared<Bundle>> kept;  // until the kernel is in the stream: later users of the memory come after it
  std::vector<std::size_t> inside(arguments.size(), SIZE_MAX);
  std::vector<cuda::Pointer> places(arguments.size());
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const auto& a = arguments[i];
    if (const auto there = placeOn(card, a)) {
      kept.push_back(bundleOf(a));
      places[i] = *there;
    } else if (a.bytes() < kSmall) {
      inside[i] = package.add(a.data.get(), a.bytes());
    } else {
      kept.push_back(mirrors(card).of(card, a));
      places[i] = kept.back()->at();
    }
  }
  std::vector<StreamRecord> records;
  for (const auto& s : streams) records.push_back({s.memory ? s.memory->at() : 0, s.capacity});
  const std::size_t argument_table = package.add(places.data(), places.size() * sizeof(cuda::Pointer)),
                    result_table = package.add(results.data(), results.size() * sizeof(cuda::Pointer)),
                    stream_table = package.add(records.data(), records.size() * sizeof(StreamRecord));
  const Block block(card, package.size());
  auto* table = static_cast<cuda::Pointer*>(package.at(argument_table));
  for (std::size_t i = 0; i < arguments.size(); ++i)
    if (inside[i] != SIZE_MAX) table[i] = block.at() + inside[i];
  card.toDevice(block.at(), package.data(), package.size());

  const Block workspace(card, std::size_t(program.workspace_bytes) * std::size_t(shape.chains) + kAlign);
  cuda::Pointer a = block.at() + argument_table, r = block.at() + result_table, w = workspace.at(), s = block.at() + stream_table;
  std::int64_t chains = shape.chains;
  void* parameters[] = {&a, &r, &w, &chains, &s};
  const auto& d = cuda::driver();
  const auto blocks = unsigned(shape.blocks), threads = unsigned(program.block_threads), shared = unsigned(program.shared_bytes);
  card.check(shape.cooperative ? d.launchCooperative(kernel.function(), blocks, 1, 1, threads, 1, 1, shared, card.stream(), parameters)
                               : d.launch(kernel.function(), blocks, 1, 1, threads, 1, 1, shared, card.stream(), parameters, nullptr),
             "starting a program");
}

}  // namespace nuthatch::gpu
