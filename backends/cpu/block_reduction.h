#pragma once
// The reductions of a loop in the dialect's order (ir/math/reduction_order.h): eight partials for a block of 512, kept
// in memory between the pieces of a block, and the total of the blocks.
#include "backends/cpu/emitter.h"

namespace nuthatch::cpu {

class BlockReduction {
public:
  /// The operands of all reductions at a position: data vectors where its stride is 1.
  using Operands = llvm::function_ref<llvm::SmallVector<LV>(Ix position)>;

  /// `vectors`: operands can be had for eight positions at once; the lanes are then the partials.
  BlockReduction(Emitter&, const Group&, llvm::ArrayRef<ir::ReduceOp>, bool vectors);
  void startBlock();
  /// The elements [begin, begin + length) of a block; begin is a multiple of eight, and so is the length of all pieces
  /// of a block but the last.
  void take(LV begin, int64_t length, Operands);
  void finishBlock();
  llvm::SmallVector<LV> results();

private:
  struct Sum {
    ir::ReduceKind kind;
    Dtype dtype;
    LV identity;        // of one partial
    llvm::Type* type;   // of one partial in memory
    LV partials, total; // [8], and of the blocks done
  };
  LV asStored(const Sum&, LV);
  LV asLoaded(const Sum&, LV);
  LV loadPartial(const Sum&, LV k);
  void storePartial(const Sum&, LV k, LV);
  LV loadVector(const Sum&);
  void storeVector(const Sum&, LV);
  void takeVectors(LV begin, int64_t length, Operands);
  void takeOne(LV position, LV partial, Operands);
  bool cheap() const;

  Emitter& e;
  llvm::IRBuilder<>& b;
  const Group& group;
  const bool vectors;
  bool scattered = false; // partials were last stored one by one
  std::vector<Sum> sums;
};

} // namespace nuthatch::cpu
