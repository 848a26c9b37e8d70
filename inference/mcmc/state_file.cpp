#include "inference/mcmc/state_file.h"

#include <cstring>

#include "nuthatch/error.h"

namespace nuthatch::mcmc {
namespace {

constexpr std::int64_t magic = 0x4e48535441544532;  // "NHSTATE2"

class Writer {
 public:
  void integer(std::int64_t x) { raw(&x, sizeof x); }
  void array(const detail::Array& a) {
    integer(std::int64_t(a.dtype));
    integer(std::int64_t(a.shape.size()));
    for (const std::int64_t n : a.shape) integer(n);
    raw(a.data.get(), a.bytes());
  }
  std::vector<std::byte> bytes;

 private:
  void raw(const void* data, std::size_t size) {
    const auto* begin = static_cast<const std::byte*>(data);
    bytes.insert(bytes.end(), begin, begin + size);
  }
};

class Reader {
 public:
  explicit Reader(const std::vector<std::byte>& bytes) : bytes_(bytes) {}
  std::int64_t integer() {
    std::int64_t x;
    raw(&x, sizeof x);
    return x;
  }
  std::int64_t count(std::int64_t limit) {
    const std::int64_t n = integer();
    if (n < 0 || n > limit) damaged();
    return n;
  }
  detail::Array array() {
    const Dtype dtype = Dtype(count(std::int64_t(Dtype::f64)));
    Shape shape;
    std::int64_t elements = 1;
    const auto left = std::int64_t(bytes_.size() - position_);
    for (std::int64_t n = count(16); n > 0; --n) {
      shape.push_back(count(std::int64_t(1) << 40));  // of an empty array, too
      if (shape.back() > 0 && elements > left / shape.back()) damaged();
      elements *= shape.back();
    }
    if (elements * std::int64_t(size_of(dtype)) > left) damaged();
    detail::Array a(dtype, shape);
    raw(a.data.get(), a.bytes());
    return a;
  }
  [[noreturn]] static void damaged() { throw Error("resume: the sampler state is damaged or of another version"); }

 private:
  void raw(void* to, std::size_t size) {
    if (size > bytes_.size() - position_) damaged();
    std::memcpy(to, bytes_.data() + position_, size);
    position_ += size;
  }
  const std::vector<std::byte>& bytes_;
  std::size_t position_ = 0;
};

}  // namespace

std::vector<std::byte> to_bytes(const StoredRun& run) {
  Writer w;
  w.integer(magic);
  w.integer(run.num_warmup);
  w.integer(run.thinning);
  w.integer(run.save_warmup);
  w.integer(std::int64_t(run.states.size()));
  for (const auto& a : run.states) w.array(a);
  w.integer(run.draws.chains);
  w.integer(run.draws.capacity);
  if (run.draws.chains > 0) {
    w.array(run.draws.positions);
    w.array(run.draws.stats);
    for (std::int64_t c = 0; c < run.draws.chains; ++c) w.integer(run.draws.dropped_of(c));
  }
  return std::move(w.bytes);
}

StoredRun from_bytes(const std::vector<std::byte>& bytes) {
  Reader r(bytes);
  if (bytes.size() < sizeof magic || r.integer() != magic) Reader::damaged();
  StoredRun run;
  run.num_warmup = r.integer();
  run.thinning = r.integer();
  run.save_warmup = r.integer() != 0;
  for (std::int64_t n = r.count(1 << 16); n > 0; --n) run.states.push_back(r.array());
  run.draws.chains = r.integer();
  run.draws.capacity = r.integer();
  if (run.draws.chains > 0) {
    run.draws.positions = r.array();
    run.draws.stats = r.array();
    for (std::int64_t c = 0; c < run.draws.chains; ++c) run.draws.dropped.push_back(r.integer());
  }
  return run;
}

}  // namespace nuthatch::mcmc
