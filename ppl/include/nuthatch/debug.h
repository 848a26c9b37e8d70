#pragma once
/// Looking closer at a model: where its log density stops being a number, what shapes its sites have, what depends on what.
#include <string>
#include <vector>

#include "nuthatch/log_density.h"

namespace nuthatch {

/// The log density site by site at one point of unconstrained space.
struct DensityReport {
  struct Term {
    std::string site;
    double log_density = 0;  // without the log-Jacobian
    Where where;
  };
  std::vector<Term> terms;  // in order of execution, up to the first that is not finite
  bool ok = true;           // all of them are finite
  // Where ok is false:
  std::string site;            // the first whose value or log density is NaN or infinite,
  Where where;                 // its statement,
  std::string op;              // the operation that made the first such number there; empty when a value came in from outside,
  Where op_where;              // the line of that operation,
  std::string distribution;    // "HalfNormal(scale = -10)"
  explicit operator bool() const { return ok; }
};
/// Evaluates the model without compiling it.
DensityReport debug(const LogDensity& density, const Tensor& z, Where where = Where::current());
/// One line per site, then the finding.
std::string to_string(const DensityReport&);

/// A table of the sites of a trace: kind, distribution, shapes of batch, event and value, plates, line.
///
///     Site    Distribution  Batch | Event | Value  Plates
///     theta   Normal        8     |       | 8      school=8
std::string format_shapes(const Trace& trace);
/// The same of a model at these arguments; nothing is computed.
std::string model_table(const BoundModel& model);

/// The model as a graph in Graphviz' language: sites as nodes, observed ones filled, plates as boxes; an edge where a
/// site's distribution, or a deterministic's value, depends directly on another site. Dependence is found by changing one
/// value at a time: an edge that has no effect at the values drawn with `key` is not seen.
std::string model_graph(const BoundModel& model, const Key& key = Key(0));
/// Writes model_graph to a file (.dot, .gv), or model_table (.txt). An Error names the path and the reason.
void render_model(const BoundModel& model, const std::string& path, Where where = Where::current());

}  // namespace nuthatch
