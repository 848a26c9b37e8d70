#include "backends/gpu/step_run.h"

#include <limits>

#include "nuthatch/error.h"

namespace nuthatch::gpu {
namespace {

constexpr std::size_t kAlign = 256;
/// Smaller arguments travel with the tables.
constexpr std::size_t kSmall = std::size_t(1) << 16;

struct StreamRecord {  // detail::Stream, as generated code reads it
  cuda::Pointer data;
  std::int64_t capacity;
};

std::vector<ValueId> arraysOf(const Step& step) {
  if (const auto* p = std::get_if<Product>(&step.what)) return {p->a.value, p->b.value, p->c.value};
  if (const auto* f = std::get_if<Factor>(&step.what)) return {f->x, f->factor, f->info};
  if (const auto* s = std::get_if<Substitution>(&step.what)) return {s->a, s->b, s->y};
  return {};
}

}  // namespace

std::size_t Parcel::add(const void* data, std::size_t bytes) {
  const std::size_t at = data_.size();
  data_.resize(at + (std::max<std::size_t>(bytes, 1) + kAlign - 1) / kAlign * kAlign);
  if (bytes) std::memcpy(data_.data() + at, data, bytes);
  return at;
}

ScheduleRun::ScheduleRun(CompiledSchedule& c, const std::vector<detail::Array>& arguments, const Pointers& results,
                         const std::vector<DeviceStream>& streams)
    : c_(c), card_(c.card_), kept_(*c.kept_), places_(c.schedule_.values.size(), 0) {
  const cuda::Pointer block = room(kept_.arrays, std::size_t(c.places_.bytes));
  for (std::size_t id = 0; id < places_.size(); ++id)
    if (c.places_.offset[id] >= 0) places_[id] = block + cuda::Pointer(c.places_.offset[id]);
  for (std::size_t k = 0; k < results.size(); ++k) places_[std::size_t(c.schedule_.results[k])] = results[k];
  workspace_ = room(kept_.workspace, std::size_t(c.workspace_bytes_));
  solver_ = room(kept_.solver, std::size_t(c.solver_bytes_));
  placeArguments(arguments, streams);
  Parcel tables;
  commands_ = prepare(c.schedule_.steps, places_, tables);
  const cuda::Pointer base = room(kept_.tables, tables.bytes());
  addTables(commands_, base);
  card_.toDevice(base, tables.data(), tables.bytes());
}

cuda::Pointer ScheduleRun::room(std::optional<Block>& block, std::size_t bytes) {
  if (!block || block->bytes() < bytes) {
    block.reset();
    block.emplace(card_, std::max<std::size_t>(bytes, kAlign));
  }
  return block->at();
}

/// Where arguments are, the streams, and the numbers that counters take.
void ScheduleRun::placeArguments(const std::vector<detail::Array>& arguments, const std::vector<DeviceStream>& streams) {
  Parcel inputs;
  std::vector<std::pair<ValueId, std::size_t>> inside;
  for (std::size_t k = 0; k < arguments.size(); ++k) {
    const auto& a = arguments[k];
    const ValueId id = c_.schedule_.arguments[k];
    if (const auto there = placeOn(card_, a)) {
      held_.push_back(bundleOf(a));
      places_[std::size_t(id)] = *there;
    } else if (a.bytes() < kSmall) {
      inside.emplace_back(id, inputs.add(a.data.get(), a.bytes()));
    } else {
      held_.push_back(mirrors(card_).of(card_, a));
      places_[std::size_t(id)] = held_.back()->at();
    }
  }
  std::vector<StreamRecord> records;
  for (const auto& s : streams) records.push_back({s.memory ? s.memory->at() : 0, s.capacity});
  const std::size_t streamTable = inputs.add(records.data(), records.size() * sizeof(StreamRecord));
  std::map<const Loop*, std::size_t> numbers;
  for (const Step* step : allSteps(c_.schedule_.steps))
    if (const auto* l = std::get_if<Loop>(&step->what); l && l->counter >= 0) {
      std::vector<std::int64_t> all(std::size_t(l->trip));
      for (std::int64_t i = 0; i < l->trip; ++i) all[std::size_t(i)] = i;
      numbers[l] = inputs.add(all.data(), all.size() * sizeof(std::int64_t));
    }
  const cuda::Pointer base = room(kept_.inputs, inputs.bytes());
  for (auto [id, at] : inside) places_[std::size_t(id)] = base + at;
  for (auto [loop, at] : numbers) counters_[loop] = base + at;
  streams_ = base + streamTable;
  card_.toDevice(base, inputs.data(), inputs.bytes());
}

std::vector<Command> ScheduleRun::prepare(const std::vector<Step>& steps, Pointers& places, Parcel& tables) {
  auto at = [&](const std::vector<ValueId>& ids) {
    Pointers out;
    for (auto id : ids) out.push_back(places[std::size_t(id)]);
    return out;
  };
  std::vector<Command> out;
  for (const Step& step : steps) {
    if (const auto* loop = std::get_if<Loop>(&step.what)) {
      out.push_back(prepareLoop(step, *loop, places, tables));
      continue;
    }
    Command command{&step};
    command.at = at(arraysOf(step));
    if (const auto* k = std::get_if<Kernel>(&step.what)) {
      const auto arguments = at(k->arguments), results = at(k->results);
      command.arguments = tables.add(arguments.data(), arguments.size() * sizeof(cuda::Pointer));
      command.results = tables.add(results.data(), results.size() * sizeof(cuda::Pointer));
    }
    out.push_back(std::move(command));
  }
  return out;
}

Command ScheduleRun::prepareLoop(const Step& step, const Loop& loop, Pointers& places, Parcel& tables) {
  Command command{&step};
  auto change = [&] {
    for (const auto& c : loop.carries) std::swap(places[std::size_t(c.first)], places[std::size_t(c.second)]);
  };
  command.body[0] = prepare(loop.body, places, tables);
  change();
  command.body[1] = prepare(loop.body, places, tables);
  change();
  // Counter, live, then two for each carry and each part.
  auto place = [&](ValueId id) { command.at.push_back(id < 0 ? 0 : places[std::size_t(id)]); };
  place(loop.counter), place(loop.live);
  for (const auto& c : loop.carries) place(c.first), place(c.second);
  for (const auto& p : loop.parts) place(p.slice), place(p.whole);
  return command;
}

void ScheduleRun::addTables(std::vector<Command>& commands, cuda::Pointer base) {
  for (Command& c : commands) {
    c.arguments += base, c.results += base;
    for (auto& body : c.body) addTables(body, base);
  }
}

// ---- steps ----

void ScheduleRun::run(const std::vector<Command>& commands) {
  for (const Command& c : commands) {
    if (const auto* k = std::get_if<Kernel>(&c.step->what)) run(*k, c);
    if (const auto* p = std::get_if<Product>(&c.step->what))
      p->dtype == Dtype::f64 ? product(*p, c, blas().f64) : product(*p, c, blas().f32);
    if (const auto* f = std::get_if<Factor>(&c.step->what))
      f->dtype == Dtype::f64 ? factor(*f, c, solver().f64) : factor(*f, c, solver().f32);
    if (const auto* s = std::get_if<Substitution>(&c.step->what))
      s->dtype == Dtype::f64 ? solve(*s, c, blas().f64) : solve(*s, c, blas().f32);
    if (const auto* l = std::get_if<Loop>(&c.step->what)) run(*l, c);
  }
}

void ScheduleRun::run(const Kernel& k, const Command& c) {
  const CompiledKernel& kernel = *c_.kernels_.at(&k);
  cuda::Pointer arguments = c.arguments, results = c.results, workspace = workspace_, streams = streams_;
  std::int64_t chains = c_.runs(k);
  void* parameters[] = {&arguments, &results, &workspace, &chains, &streams};
  const auto& d = cuda::driver();
  const LaunchShape shape = kernel.shapeFor(chains);
  const auto function = kernel.kernel().function();
  const auto blocks = unsigned(shape.blocks), threads = unsigned(kernel.program().block_threads), shared = unsigned(kernel.program().shared_bytes);
  check(shape.cooperative ? d.launchCooperative(function, blocks, 1, 1, threads, 1, 1, shared, card_.stream(), parameters)
                          : d.launch(function, blocks, 1, 1, threads, 1, 1, shared, card_.stream(), parameters, nullptr),
        "starting a kernel");
}

static int asInt(std::int64_t n) {
  if (n > std::numeric_limits<int>::max()) throw Error("a matrix product with an extent of " + std::to_string(n) + " is too large for cuBLAS");
  return int(n);
}

template <class T>
static T* elements(cuda::Pointer p, std::int64_t offset = 0) { return reinterpret_cast<T*>(p) + offset; }

/// Libraries store matrices column by column: what is row by row is to them the transposed matrix, and c^T = b^T a^T.
template <class T>
void ScheduleRun::product(const Product& p, const Command& c, const BlasFunctions<T>& f) {
  struct Side { int transposed, leading; };
  auto side = [](const Matrix& m, std::int64_t columns, std::int64_t rows) {
    return m.column_stride == 1 ? Side{kNoTranspose, asInt(std::max(m.row_stride, columns))} : Side{kTranspose, asInt(std::max(m.column_stride, rows))};
  };
  const T one = 1, zero = 0;
  const std::int64_t m = many(p.m, p.rows_of_chains), batch = many(p.batch, p.batch_of_chains);
  const Side a = side(p.a, p.k, m), b = side(p.b, p.n, p.k);
  const Blas handle = blasOf(card_);
  const auto *x = elements<const T>(c.at[0]), *y = elements<const T>(c.at[1]);
  T* z = elements<T>(c.at[2]);
  const int rows = asInt(p.n), columns = asInt(m), summed = asInt(p.k), leading = asInt(p.c.row_stride);
  const int status = batch == 1
      ? f.gemm(handle, b.transposed, a.transposed, rows, columns, summed, &one, y, b.leading, x, a.leading, &zero, z, leading)
      : f.gemmStridedBatched(handle, b.transposed, a.transposed, rows, columns, summed, &one, y, b.leading, p.b.batch_stride, x, a.leading,
                             p.a.batch_stride, &zero, z, leading, p.c.batch_stride, asInt(batch));
  checkBlas(card_, status, "a matrix product");
}

/// The lower triangle of rows is the upper one of columns.
template <class T>
void ScheduleRun::factor(const Factor& s, const Command& c, const SolverFunctions<T>& f) {
  const std::int64_t batch = many(s.batch, s.batch_of_chains), size = s.n * s.n;
  copy(c.at[1], c.at[0], batch * size * std::int64_t(sizeof(T)));
  const int n = asInt(s.n), room = int(c_.solver_bytes_ / std::int64_t(sizeof(T)));
  for (std::int64_t i = 0; i < batch; ++i)
    checkSolver(card_, f.potrf(solverOf(card_), kUpper, n, elements<T>(c.at[1], i * size), n, elements<T>(solver_), room, elements<int>(c.at[2], i)),
                "a Cholesky factorisation");
}

/// op(a) y = b is, transposed, y^T op(a)^T = b^T.
template <class T>
void ScheduleRun::solve(const Substitution& s, const Command& c, const BlasFunctions<T>& f) {
  const auto& values = c_.schedule_.values;
  const bool ownMatrix = values[std::size_t(s.a)].varying, ownSide = values[std::size_t(s.b)].varying;
  const std::int64_t batch = many(s.batch, s.batch_of_chains), size = s.n * s.columns;
  const T one = 1;
  const int triangle = s.lower ? kUpper : kLower, diagonal = s.unit_diagonal ? kUnit : kNonUnit;
  if (s.chains_are_columns) {  // rows of [chains, n] are columns to the library: op(a) y = b as it stands
    copy(c.at[2], c.at[1], c_.chains_ * s.n * std::int64_t(sizeof(T)));
    return checkBlas(card_, f.trsm(blasOf(card_), kLeft, triangle, s.transpose ? kNoTranspose : kTranspose, diagonal, asInt(s.n), asInt(c_.chains_), &one,
                                   elements<const T>(c.at[0]), asInt(s.n), elements<T>(c.at[2]), asInt(s.n)),
                     "a triangular solve");
  }
  for (std::int64_t i = 0; i < (ownSide || !s.batch_of_chains ? 1 : c_.chains_); ++i) {
    const std::int64_t bytes = (ownSide || !s.batch_of_chains ? batch : s.batch) * size * std::int64_t(sizeof(T));
    copy(c.at[2] + cuda::Pointer(i * bytes), c.at[1], bytes);
  }
  for (std::int64_t i = 0; i < batch; ++i)
    checkBlas(card_, f.trsm(blasOf(card_), kRight, triangle, s.transpose ? kTranspose : kNoTranspose, diagonal,
                            asInt(s.columns), asInt(s.n), &one, elements<const T>(c.at[0], (ownMatrix ? i : i % s.batch) * s.n * s.n), asInt(s.n),
                            elements<T>(c.at[2], i * size), asInt(s.columns)),
              "a triangular solve");
}

void ScheduleRun::copy(cuda::Pointer to, cuda::Pointer from, std::int64_t bytes) {
  if (bytes > 0) check(cuda::driver().onDevice(to, from, std::size_t(bytes), card_.stream()), "copying an array");
}

}  // namespace nuthatch::gpu
