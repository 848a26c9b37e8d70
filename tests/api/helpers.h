#pragma once
// What the tests of the API share: comparisons of tensors, texts of errors, finite differences.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <string>

#include "nuthatch/array.h"
#include "nuthatch/control.h"
#include "nuthatch/index.h"
#include "nuthatch/linalg.h"
#include "nuthatch/math.h"
#include "nuthatch/special.h"
#include "nuthatch/print.h"
#include "nuthatch/random.h"
#include "nuthatch/transform.h"
#include "nuthatch/tree.h"

namespace nuthatch {

/// The text of the Error that f throws; empty when it throws none.
template <class F>
std::string message(F&& f) {
  try {
    f();
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

inline ::testing::AssertionResult near(const Tensor& a, const Tensor& b, double tolerance) {
  if (a.shape() != b.shape()) return ::testing::AssertionFailure() << "shapes " << to_string(a.shape()) << " and " << to_string(b.shape());
  if (a.dtype() != b.dtype()) return ::testing::AssertionFailure() << "dtypes " << name(a.dtype()) << " and " << name(b.dtype());
  auto x = a.to_vector(), y = b.to_vector();
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (x[i] == y[i] || (std::isnan(x[i]) && std::isnan(y[i]))) continue;
    if (!(std::abs(x[i] - y[i]) <= tolerance * std::max(1.0, std::abs(y[i]))))
      return ::testing::AssertionFailure() << "element " << i << ": " << x[i] << " and " << y[i] << "\n" << to_string(a) << "\n" << to_string(b);
  }
  return ::testing::AssertionSuccess();
}

/// Central differences of a scalar function.
inline Tensor differences(const std::function<Tensor(Tensor)>& f, const Tensor& x, double h = 1e-5) {
  std::vector<double> values = x.to_vector(), out;
  for (double& v : values) {
    const double kept = v;
    v = kept + h;
    const double up = f(reshape(Tensor(values), x.shape())).item();
    v = kept - h;
    const double down = f(reshape(Tensor(values), x.shape())).item();
    v = kept;
    out.push_back((up - down) / (2 * h));
  }
  return reshape(Tensor(out), x.shape());
}

}  // namespace nuthatch

// Variadic, so that braces in the arguments need no parentheses.
#define EXPECT_TENSOR(...) EXPECT_TRUE(::nuthatch::near(__VA_ARGS__, 0.0))
#define EXPECT_CLOSE(...) EXPECT_TRUE(::nuthatch::near(__VA_ARGS__))
/// The expression throws nuthatch::Error whose text has this part.
#define EXPECT_MESSAGE(expression, part)                                                    \
  do {                                                                                      \
    const std::string text_ = ::nuthatch::message([&] { static_cast<void>(expression); });   \
    EXPECT_NE(text_.find(part), std::string::npos) << "the message is \"" << text_ << "\""; \
  } while (false)
