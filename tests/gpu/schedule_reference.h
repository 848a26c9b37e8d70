#pragma once
// Runs a schedule on the processor: kernels by its own code, products in the dialect's order, factorisations by Eigen.
#include <cmath>
#include <cstring>
#include <map>

#include <Eigen/Dense>

#include "backends/gpu/cuts.h"
#include "ir/math/reduction_order.h"
#include "nuthatch/detail/executor.h"

namespace nuthatch::test {

using detail::Array;

class ReferenceRunner {
 public:
  ReferenceRunner(gpu::Schedule s, detail::Executor& e) : schedule(std::move(s)), executor(e) {}

  /// Arguments, then captures.
  std::vector<Array> run(const std::vector<Array>& arguments, std::int64_t number, const std::vector<detail::Stream>& streams = {}) {
    chains = number;
    table.assign(schedule.values.size(), Array());
    for (std::size_t k = 0; k < arguments.size(); ++k) at(schedule.arguments[k]) = arguments[k];
    steps(schedule.steps, streams);
    std::vector<Array> results;
    for (auto id : schedule.results) results.push_back(at(id));
    return results;
  }
  const gpu::Schedule schedule;

 private:
  Array& at(gpu::ValueId id) { return table.at(std::size_t(id)); }
  bool varies(gpu::ValueId id) const { return schedule.values[std::size_t(id)].varying; }

  Array empty(gpu::ValueId id) const {
    const auto& v = schedule.values[std::size_t(id)];
    Shape shape;
    if (schedule.chains && v.varying) shape.push_back(chains);
    shape.insert(shape.end(), v.type.shape.begin(), v.type.shape.end());
    Array a(v.type.dtype, shape);
    std::memset(a.data.get(), 0x7b, a.bytes());
    return a;
  }

  void steps(const std::vector<gpu::Step>& list, const std::vector<detail::Stream>& streams) {
    for (const auto& step : list) {
      if (auto* k = std::get_if<gpu::Kernel>(&step.what)) kernel(*k, streams);
      if (auto* p = std::get_if<gpu::Product>(&step.what)) p->dtype == f64 ? product<double>(*p) : product<float>(*p);
      if (auto* f = std::get_if<gpu::Factor>(&step.what)) f->dtype == f64 ? factor<double>(*f) : factor<float>(*f);
      if (auto* s = std::get_if<gpu::Substitution>(&step.what)) s->dtype == f64 ? solve<double>(*s) : solve<float>(*s);
      if (auto* l = std::get_if<gpu::Loop>(&step.what)) loop(*l, streams);
    }
  }

  void kernel(const gpu::Kernel& k, const std::vector<detail::Stream>& streams) {
    auto& code = compiled[k.program.get()];
    if (!code) {
      detail::LaneOptions options;
      options.varying_argument = k.varying_argument;
      options.varying_result.assign(k.results.size(), true);
      code = executor.compile_lanes(k.program, options);
    }
    std::vector<Array> in;
    for (auto id : k.arguments) {
      if (!at(id).data) throw std::runtime_error("a kernel reads an array before it is stored");
      in.push_back(at(id));
    }
    auto out = code->run(in, k.varying ? chains : 1, 1, streams);
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (!k.varying) out[i].shape.erase(out[i].shape.begin());
      at(k.results[i]) = out[i];
    }
  }

  template <class T>
  void product(const gpu::Product& p) {
    const auto m = p.rows_of_chains ? p.m * chains : p.m, batch = p.batch_of_chains ? p.batch * chains : p.batch;
    Array out = empty(p.c.value);
    for (std::int64_t b = 0; b < batch; ++b) {
      const T* x = at(p.a.value).template as<T>() + b * p.a.batch_stride;
      const T* y = at(p.b.value).template as<T>() + b * p.b.batch_stride;
      T* z = out.as<T>() + b * p.c.batch_stride;
      for (std::int64_t i = 0; i < m; ++i)
        for (std::int64_t j = 0; j < p.n; ++j)
          z[i * p.c.row_stride + j] = math::contract(p.k, T(-0.0), T(0), [&](T sum, std::int64_t k) {
            return std::fma(x[i * p.a.row_stride + k * p.a.column_stride], y[k * p.b.row_stride + j * p.b.column_stride], sum);
          }, [](T u, T v) { return u + v; });
    }
    at(p.c.value) = out;
  }

  template <class T>
  using Rows = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

  template <class T>
  void factor(const gpu::Factor& f) {
    const auto batch = f.batch_of_chains ? f.batch * chains : f.batch;
    Array out = empty(f.factor), info = empty(f.info);
    for (std::int64_t b = 0; b < batch; ++b) {
      Eigen::Map<const Rows<T>> x(at(f.x).template as<T>() + b * f.n * f.n, f.n, f.n);
      Eigen::Map<Rows<T>> l(out.as<T>() + b * f.n * f.n, f.n, f.n);
      Eigen::LLT<Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>> llt(x);
      info.as<std::int32_t>()[b] = llt.info() == Eigen::Success ? 0 : 7;
      l = llt.matrixLLT();  // above the diagonal as it was
    }
    at(f.factor) = out;
    at(f.info) = info;
  }

  template <class T>
  void solve(const gpu::Substitution& s) {
    const auto batch = s.batch_of_chains ? s.batch * chains : s.batch;
    const bool manyMatrices = !s.batch_of_chains || varies(s.a), manySides = !s.batch_of_chains || varies(s.b);
    Array out = empty(s.y);
    for (std::int64_t i = 0; i < batch; ++i) {
      Eigen::Map<const Rows<T>> a(at(s.a).template as<T>() + (manyMatrices ? i : i % s.batch) * s.n * s.n, s.n, s.n);
      Eigen::Map<const Rows<T>> b(at(s.b).template as<T>() + (manySides ? i : i % s.batch) * s.n * s.columns, s.n, s.columns);
      Rows<T> triangle = s.lower ? Rows<T>(a.template triangularView<Eigen::Lower>()) : Rows<T>(a.template triangularView<Eigen::Upper>());
      if (s.unit_diagonal) triangle.diagonal().setOnes();
      const bool lower = s.lower != s.transpose;
      if (s.transpose) triangle.transposeInPlace();
      Eigen::Map<Rows<T>> y(out.as<T>() + i * s.n * s.columns, s.n, s.columns);
      if (lower) y = triangle.template triangularView<Eigen::Lower>().solve(b);
      else y = triangle.template triangularView<Eigen::Upper>().solve(b);
    }
    at(s.y) = out;
  }

  void loop(const gpu::Loop& l, const std::vector<detail::Stream>& streams) {
    for (const auto& part : l.parts) at(part.whole) = empty(part.whole);
    for (std::int64_t i = 0; l.trip < 0 || i < l.trip; ++i) {
      if (l.live >= 0 && !anyLive(at(l.live))) break;
      if (l.counter >= 0) {
        at(l.counter) = Array(i64, {});
        at(l.counter).as<std::int64_t>()[0] = l.reverse ? l.trip - 1 - i : i;
      }
      steps(l.body, streams);
      for (const auto& c : l.carries) std::swap(at(c.first), at(c.second));
      for (const auto& part : l.parts) store(part, l.reverse ? l.trip - 1 - i : i, l.trip);
    }
  }
  static bool anyLive(const Array& live) {
    const auto* p = live.as<std::uint8_t>();
    return std::any_of(p, p + live.num_elements(), [](std::uint8_t x) { return x != 0; });
  }
  void store(const gpu::Loop::Part& part, std::int64_t i, std::int64_t trip) {
    const auto rows = varies(part.whole) && schedule.chains ? chains : 1;
    const auto bytes = at(part.slice).bytes() / std::size_t(rows);
    for (std::int64_t c = 0; c < rows; ++c)
      std::memcpy(at(part.whole).data.get() + std::size_t(c * trip + i) * bytes, at(part.slice).data.get() + std::size_t(c) * bytes, bytes);
  }

  detail::Executor& executor;
  std::int64_t chains = 1;
  std::vector<Array> table;
  std::map<const detail::Program*, Shared<detail::LaneExecutable>> compiled;
};

}  // namespace nuthatch::test
