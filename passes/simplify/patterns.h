#pragma once
// The rewrites of `simplify`, by theme.
#include <mlir/IR/PatternMatch.h>
#include <optional>

#include "ir/ops/builder.h"

namespace nuthatch::passes {

void addFolding(mlir::RewritePatternSet&);
void addAlgebra(mlir::RewritePatternSet&);
/// stop_gradient x = x: only once no derivative is left to take.
void addStopGradient(mlir::RewritePatternSet&);
void addBroadcasts(mlir::RewritePatternSet&);
void addShapes(mlir::RewritePatternSet&);
void addIndexing(mlir::RewritePatternSet&);

/// The one value of a floating-point constant all of whose elements are equal.
std::optional<double> splatFloat(mlir::Value);
std::optional<int64_t> splatInteger(mlir::Value);
/// For rank 0 and i1.
std::optional<bool> constantBool(mlir::Value);

/// A rewrite of one operation class written as a function: returns the replacement, or null when it does not apply.
template <class Op> using Rewrite = mlir::Value (*)(Op, ir::Builder&);

template <class Op> class RewritePattern final : public mlir::OpRewritePattern<Op> {
 public:
  RewritePattern(mlir::MLIRContext* context, Rewrite<Op> rewrite) : mlir::OpRewritePattern<Op>(context), rewrite(rewrite) {}
  mlir::LogicalResult matchAndRewrite(Op op, mlir::PatternRewriter& rewriter) const override {
    ir::Builder b(rewriter, op.getLoc());
    mlir::Value replacement = rewrite(op, b);
    if (!replacement) return mlir::failure();
    rewriter.replaceOp(op, replacement);
    return mlir::success();
  }

 private:
  Rewrite<Op> rewrite;
};

template <class Op> void add(mlir::RewritePatternSet& set, Rewrite<Op> rewrite) {
  set.add<RewritePattern<Op>>(set.getContext(), rewrite);
}

}  // namespace nuthatch::passes
