// The tree of the No-U-Turn sampler, grown by doubling, without recursion: what a chain knows between two leaves, and
// what happens when a leaf is added, a subtree is complete, a draw begins. The two forms of the sampler differ only in
// how they schedule these events.
//
// Hoffman & Gelman (2014); multinomial sampling of the trajectory and the generalised criterion, Betancourt (2017);
// checkpoints instead of recursion, Phan, Pradhan & Jankowiak (2019), and Lao & Dillon (2019).
//
// Weights are linear, not logarithmic: w = exp(min(E_0 - E, 600)), the weight of a subtree is a plain sum, and one
// exponential per leaf serves proposal and acceptance statistic.
#pragma once

#include "inference/kernels/hamiltonian.h"

namespace nuthatch::kernels {

/// A point of the trajectory that may become the draw.
struct Proposal {
  Tensor position, energy, log_density;
  static constexpr auto fields = names("position", "energy", "log_density");
};

/// The subtree being built, in one direction from the head.
struct Subtree {
  Tensor direction;  // +1 or -1, f64
  Tensor leaf;       // i64, number of leaves so far
  Tensor leaves;     // i64, 2^depth when complete
  Tensor weight;     // f64, sum of the leaves' weights
  Tensor uniform;    // f64, decides whether the whole tree moves here
  Proposal proposal;
  static constexpr auto fields = names("direction", "leaf", "leaves", "weight", "uniform", "proposal");
};

/// The whole tree. `head` is its end in the direction of the current doubling and is integrated in place: a subtree
/// that is rejected ends the draw, so its start is never needed again.
struct Tree {
  Point head, other;
  Tensor depth;           // i64
  Tensor weight;          // f64, the starting point weighs 1
  Tensor initial_energy;  // f64
  Tensor acceptance;      // f64, sum over leaves of min(1, w)
  Tensor symmetric;       // f64, sum over leaves of 2 min(1, w) / (1 + w), where it is asked for
  Tensor steps;           // i64, leaves of this draw
  Tensor energy, log_density;  // of the current draw
  static constexpr auto fields =
      names("head", "other", "depth", "weight", "initial_energy", "acceptance", "symmetric", "steps", "energy", "log_density");
};

/// Momenta r and lifted positions y at the starts of unfinished balanced subtrees, by level; each [levels, dim].
struct Checkpoints {
  Tensor r, y;
  static constexpr auto fields = names("r", "y");
};

struct Flags {
  Tensor starting;   // the chain begins a draw (or evaluates a starting point) next
  Tensor exchange;   // head and other are to be exchanged before the next leaf
  Tensor stopped;    // the subtree turned or diverged: no more leaves
  Tensor diverging;
  static constexpr auto fields = names("starting", "exchange", "stopped", "diverging");
};

struct NutsState {
  Output output;
  Tree tree;
  Subtree subtree;
  Checkpoints checkpoints;
  Flags flags;
  Tensor draw_key;  // ui32 [2]
  Normals normals;
  Search search;
  static constexpr auto fields =
      names("output", "tree", "subtree", "checkpoints", "flags", "draw_key", "normals", "search");
};

/// What the two forms have in common.
struct NutsShape {
  std::int64_t max_tree_depth = 10;
  bool symmetric_acceptance = false;
};

NutsState initial_state(const Chain&, const Start&, std::int64_t dim, std::int64_t levels, const NutsShape&);

/// A finished chain: normals made ahead for it are made again when they are needed.
NutsState at_rest(const NutsState&);

/// A fresh trajectory at the current draw with new momenta; `gradient` is what the head gets for now.
NutsState begin_draw(const Chain&, const NutsState&, const Tuning&, const Tensor& gradient);

/// Makes the point just evaluated, without having moved, the root of the tree.
NutsState set_root(const NutsState&, const Tensor& gradient, const Tensor& log_density, const Tensor& energy);

NutsState exchange_ends(const NutsState&);

/// Random words of the leaves numbered `evaluation` and `evaluation ^ 1`, as numbers on (0, 1): even, odd.
std::pair<Tensor, Tensor> leaf_uniforms(const NutsState&, const Tensor& evaluation);

/// Weighs the point just reached where `moving`; it replaces the subtree's proposal with probability w / (sum of w).
struct AddedLeaf {
  NutsState state;
  Tensor taken;  // bool_: the leaf is the subtree's proposal now
};
AddedLeaf add_leaf(const NutsState&, const Leapfrog&, const Tensor& moving, const Tensor& uniform, const NutsShape&);

/// dir r.(Y_b - Y_a) <= 0 at either end, a before b in the direction of integration.
Tensor turning(const Tensor& direction, const Tensor& ra, const Tensor& ya, const Tensor& rb, const Tensor& yb);

/// Stores an even leaf at its level: the number of ones in leaf / 2.
Checkpoints store_checkpoint(const Checkpoints&, const Tensor& leaf, const Tensor& r, const Tensor& y);

/// Whether the subtrees that an odd leaf completes turn: levels ones(leaf / 2) - skip and further down, as many as the
/// leaf number has trailing ones, `skip` of them checked before.
Tensor turns_at_checkpoints(const Checkpoints&, const Tensor& direction, const Tensor& leaf, const Tensor& r,
                            const Tensor& y, int skip);

/// Whether the draw moves into the subtree, which is complete or stopped.
Tensor moves_to_subtree(const NutsState&);

/// A complete or stopped subtree: takes its proposal with probability min(1, w_subtree / w_tree), checks the whole
/// tree, and sets up the next doubling or ends the draw (output.drawn, statistics, flags.starting).
NutsState end_subtree(const NutsState&, const Tuning&, const Tensor& head_lifted, const NutsShape&);

/// After a starting point that was not acceptable: begins again at the next candidate, or fails.
NutsState try_elsewhere(const Chain&, const NutsState&);

/// "symmetric_acceptance_rate" comes last, where it is asked for.
std::vector<Statistic> nuts_statistics(const NutsShape&);

}  // namespace nuthatch::kernels
