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
  /// Adds the block to the totals.
  void finishBlock();
  llvm::SmallVector<LV> results();

  /// Where threads compute blocks, each leaves its results in these arrays; addBlocks takes them into the totals in
  /// order.
  llvm::SmallVector<LV> placesForBlocks(int64_t blocks);
  void finishBlockInto(llvm::ArrayRef<LV> places, LV block);
  void addBlocks(llvm::ArrayRef<LV> places, int64_t blocks);

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
  LV combined(const Sum&);
  void addToTotal(const Sum&, LV);
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
