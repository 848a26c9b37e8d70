#pragma once
// Sums of many terms by several threads, in the dialect's order: blocks of 512, eight partials, a fixed tree.
#include <functional>

#include "backends/cpu/emitter.h"

namespace nuthatch::cpu {

class PartialSums {
 public:
  using Combine = std::function<LV(LV, LV)>;
  /// Takes the term at a position into the running sums.
  using Step = llvm::function_ref<void(const Index& kept, LV position, llvm::MutableArrayRef<LV> running)>;
  using Finish = llvm::function_ref<void(const Index& kept, llvm::ArrayRef<LV> totals)>;

  /// Sums of `terms` terms for each index of `kept`.
  PartialSums(Emitter& e, llvm::ArrayRef<int64_t> kept, int64_t terms) : e(e), b(ib()), kept(kept), terms(terms) {}
  void add(Dtype, LV identity, Combine);
  void run(Step, Finish);

 private:
  struct Sum {
    Dtype dtype;
    LV identity;
    Combine combine;
    LV partials = nullptr;  // [kept, blocks, 8], where threads share the work on one sum
  };
  int64_t blocks() const;
  LV lengthOf(LV block);
  llvm::SmallVector<LV> identities() const;
  /// Partial k of a block: its terms k, k + 8, ...
  llvm::SmallVector<LV> partial(const Index& kept, LV block, LV k, Step, LV exists = nullptr);
  /// Totals of the blocks' partials, partial(block, k, sums).
  llvm::SmallVector<LV> total(llvm::function_ref<llvm::SmallVector<LV>(LV block, LV k)> partial);
  void combineInto(llvm::MutableArrayRef<LV> totals, llvm::ArrayRef<LV> more);
  void alone(Step, Finish);
  void shared(Step, Finish);
  void exchanged(Step, Finish);
  llvm::SmallVector<LV> pairOf(llvm::function_ref<llvm::SmallVector<LV>(LV turn)>);

  Emitter& e;
  llvm::IRBuilder<>& b;
  const llvm::SmallVector<int64_t> kept;
  const int64_t terms;
  std::vector<Sum> sums;
};

}  // namespace nuthatch::cpu
