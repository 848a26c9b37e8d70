#include "nuthatch/loo_moment_match.h"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <Eigen/LU>
#include <cmath>

#include "inference/comparison/log_likelihood.h"
#include "inference/diagnostics/pareto.h"
#include "nuthatch/array.h"
#include "nuthatch/log_density.h"
#include "nuthatch/transform.h"

namespace nuthatch {
namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Vector = Eigen::VectorXd;

/// The joint log density, and the log density of one observation, at many points.
class Densities {
 public:
  Densities(const LogDensity& density, const std::string& site)
      : evaluate_(jit([density, site](const Tensor& points, const Tensor& observation) {
          return vmap([&](const Tensor& z) {
            return std::pair{density(z), flatten(density.log_likelihood(z).at(site))[observation]};
          })(points);
        })) {}

  struct At {
    Vector joint, observation;
  };
  At operator()(const Matrix& points, std::size_t observation) const {
    const Tensor z = reshape(Tensor(std::vector<double>(points.data(), points.data() + points.size())),
                             {points.rows(), points.cols()});
    const auto [joint, own] = evaluate_(z, full(Shape{}, Tensor(std::int64_t(observation))));
    const auto vector = [](const Tensor& x) {
      const auto values = x.to_vector();
      return Vector(Eigen::Map<const Vector>(values.data(), Eigen::Index(values.size())));
    };
    return {vector(joint), vector(own)};
  }

 private:
  Function<std::pair<Tensor, Tensor>(const Tensor& points, const Tensor& observation)> evaluate_;
};

/// x -> A (x - from) + to, with the logarithm of |det A|.
struct Map {
  Matrix A;
  Vector from, to;
  double log_det = 0;

  Matrix operator()(const Matrix& x) const {
    return ((x.rowwise() - from.transpose()) * A.transpose()).rowwise() + to.transpose();
  }
  Matrix inverse(const Matrix& x) const {
    return (A.partialPivLu().solve((x.rowwise() - to.transpose()).transpose()).transpose()).rowwise() + from.transpose();
  }
};

Matrix covariance(const Matrix& x, const Vector& mean, const Vector& weights) {
  const Matrix centred = x.rowwise() - mean.transpose();
  return centred.transpose() * weights.asDiagonal() * centred;
}

enum class Match { mean, variance, covariance };

/// The map after which the draws have the moments that they have with weights now. Without sense (a covariance that is not
/// positive definite): a map of NaN.
Map match(Match what, const Matrix& x, const Vector& log_weights) {
  const Eigen::Index n = x.rows(), d = x.cols();
  const Vector equal = Vector::Constant(n, 1.0 / double(n)), weights = log_weights.array().exp();
  Map map{Matrix::Identity(d, d), x.transpose() * equal, x.transpose() * weights};
  if (what == Match::mean) return map;
  const Matrix now = covariance(x, map.from, equal), wanted = covariance(x, map.to, weights);
  if (what == Match::variance) {
    map.A = (wanted.diagonal().array() / now.diagonal().array()).sqrt().matrix().asDiagonal();
  } else {
    const Eigen::LLT<Matrix> of_now(now), of_wanted(wanted);
    if (of_now.info() != Eigen::Success || of_wanted.info() != Eigen::Success) {
      map.A.setConstant(NAN);
      return map;
    }
    const Matrix L = of_now.matrixL();
    map.A = Matrix(of_wanted.matrixL()) * L.triangularView<Eigen::Lower>().solve(Matrix::Identity(d, d));
  }
  map.log_det = std::log(std::abs(map.A.determinant()));
  return map;
}

/// Draws and their weights for the posterior without one observation.
struct Weighted {
  Matrix draws;
  Vector log_weights, observation;  // log density of the observation
  double k = 0;
};

Weighted weigh(Matrix draws, const Densities::At& at, const Vector& log_proposal, double r_eff) {
  Weighted w{std::move(draws), at.joint - at.observation - log_proposal, at.observation, INFINITY};
  if (w.log_weights.allFinite()) w.k = detail::smooth_importance_weights({w.log_weights.data(), std::size_t(w.log_weights.size())}, r_eff);
  return w;
}

double log_sum_exp(const Vector& x) { return detail::log_sum_exp({x.data(), std::size_t(x.size())}); }

/// What importance sampling makes of one observation.
struct Estimate {
  double elpd, k;
};

Estimate improve(const Densities& densities, const Matrix& draws, const Vector& joint, std::size_t observation, double r_eff,
                 int max_iterations) {
  Weighted best = weigh(draws, densities(draws, observation), joint, r_eff);
  const double first_k = best.k;
  Map total{Matrix::Identity(draws.cols(), draws.cols()), Vector::Zero(draws.cols()), Vector::Zero(draws.cols())};
  for (int iteration = 0; iteration < max_iterations && best.k > 0; ++iteration) {
    bool better = false;
    for (const Match what : {Match::mean, Match::variance, Match::covariance}) {
      const Map map = match(what, best.draws, best.log_weights);
      if (!map.A.allFinite() || !std::isfinite(map.log_det)) continue;
      const Matrix moved = map(best.draws);
      Weighted next = weigh(moved, densities(moved, observation), joint, r_eff);
      if (!(next.k < best.k)) continue;
      best = std::move(next), better = true;
      total = {map.A * total.A, total.from, map.A * (total.to - map.from) + map.to, total.log_det + map.log_det};
      break;
    }
    if (!better) break;
  }
  if (best.k == first_k) return {log_sum_exp(best.log_weights + best.observation), best.k};

  // Half of the draws moved, half as they are, against the mixture of the densities of both.
  Matrix half = draws;
  const Eigen::Index moved = draws.rows() / 2;
  half.topRows(moved) = total(draws.topRows(moved));
  const Densities::At here = densities(half, observation);
  const Vector there = densities(total.inverse(half), observation).joint.array() - total.log_det;
  const Vector mixture = here.joint.array().max(there.array()) +
                         (-(here.joint - there).array().abs()).exp().log1p();
  const Weighted split = weigh(half, here, mixture, r_eff);
  const Weighted& last = std::isfinite(split.k) ? split : best;
  return {log_sum_exp(last.log_weights + last.observation), last.k};
}

Matrix unconstrained_draws(const LogDensity& density, const InferenceData& fit, Where where) {
  Values draws;
  for (const LatentSite& site : density.sites()) {
    if (!fit.posterior.contains(site.name))
      throw Error("loo_moment_match: the posterior has no draws of \"" + site.name + "\"", where);
    Tensor x = fit.posterior[site.name].tensor();
    Shape shape{x.size(0) * x.size(1)};
    shape.insert(shape.end(), x.shape().begin() + 2, x.shape().end());
    draws[site.name] = reshape(x, shape);
  }
  const Tensor z = jit([&](const Values& all) {
    return vmap([&](const Values& one) { return density.unconstrain(one); })(all);
  })(draws);
  const auto values = z.to_vector();
  return Eigen::Map<const Matrix>(values.data(), z.size(0), z.size(1));
}

}  // namespace

Elpd loo_moment_match_of(const BoundModel& model, const InferenceData& fit, const MomentMatchOptions& o, Where where) {
  if (o.max_iterations < 1) throw Error("loo_moment_match: .max_iterations must be positive", where);
  const detail::LogLikelihood source("loo_moment_match", fit, o.var_name, where);
  const double r_eff = detail::choose_r_eff("loo_moment_match", fit, o.r_eff, where);
  Elpd result = loo(fit, {.var_name = o.var_name, .r_eff = r_eff}, where);
  result.method = "loo_moment_match";
  result.scale = o.scale;
  (void)detail::scale_value("loo_moment_match", o.scale, where);
  auto elpd_i = result.elpd_i.tensor().to_vector(), p_i = result.p_i.tensor().to_vector(),
       k = result.pareto_k.tensor().to_vector();
  const double threshold = o.k_threshold.value_or(result.good_k);
  const LogDensity density(model);
  const std::string site = source.variable.name();
  const Densities densities(density, site);
  Matrix draws;
  Vector joint;
  for (std::size_t i = 0; i < k.size(); ++i) {
    if (!(k[i] > threshold)) continue;
    if (draws.size() == 0) draws = unconstrained_draws(density, fit, where), joint = densities(draws, 0).joint;
    const Estimate e = improve(densities, draws, joint, i, r_eff, o.max_iterations);
    p_i[i] += elpd_i[i] - e.elpd;
    elpd_i[i] = e.elpd;
    k[i] = e.k;
  }
  result.warning = false;
  result.messages.clear();
  detail::summarise(result, source, std::move(elpd_i), std::move(p_i), /*pointwise=*/true);
  detail::warn_about_pareto_k(result, source, k);
  result.pareto_k = source.per_observation("pareto_k", k);
  return result;
}

}  // namespace nuthatch
