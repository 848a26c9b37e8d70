#pragma once
// From a planned function to LLVM IR. Two modes share all code. With lanes (W = 4 or 8) every varying value is a vector
// of W chains per element, stored element-major ([elements][W]); without, loops over data are vectorised instead.
//
// The emitted function is
//   void NAME(ptr args, ptr results, ptr workspace, i64 chain0, i64 active, ptr streams)
// args and results are arrays of pointers to row-major arrays ([chains, ...] where varying), streams an array of
// {ptr data, i64 capacity}. Lanes beyond `active` repeat the last active chain, so they store what it stores.
//
// For a group of threads (addThreads), which is what a GPU runs, the function takes two arguments more, the number of the
// thread and that of the threads: see emit_threads.cpp.
#include <functional>
#include <map>

#include "backends/cpu/checks.h"
#include "backends/cpu/elementwise.h"
#include "backends/cpu/profiled_group.h"
#include "backends/cpu/storage.h"

namespace nuthatch::cpu {

constexpr unsigned kDataLanes = 8;  // elements per vector in loops over data

/// One coordinate: element l of a data vector has base + stride * l. base may itself be a vector (per-lane index).
struct Ix {
  LV base = nullptr;
  int64_t stride = 0;
  bool vector() const { return stride != 0 || lanesOf(base); }
  auto operator<=>(const Ix&) const = default;
};
/// Coordinates of an element, or its row-major position (`flat`), from which coordinates are derived where needed.
struct Index {
  llvm::SmallVector<Ix, 4> dims;
  bool flat = false;
  Ix linear;
};

class Emitter {
 public:
  Emitter(mlir::func::FuncOp, const Plan&, const Storage&, std::function<bool(mlir::Value)> varying, unsigned lanes,
          llvm::Module&);
  llvm::Function* run(llvm::StringRef name);
  int64_t workspaceBytes() const { return workspaceSize; }
  /// Memory checks (backends/cpu/checks.h): every buffer in the workspace, between guard zones.
  void addMemoryChecks(DeadValues d) { dead = std::move(d); memoryChecks = true; workspaceSize = 64; }
  const std::vector<std::pair<int64_t, int64_t>>& buffers() const { return buffersInWorkspace; }
  /// A clock around every group; `groups` receives what the measurements are about (emit_profile.cpp).
  void addProfile(std::vector<ProfiledGroup>& groups) { profile = &groups; }
  /// Code for one of several threads that run one chain together, about `expected` of them. `varying` says which
  /// arguments are [chains, ...] arrays; so are all results.
  /// `exchange`: there are exactly `expected`, and they can give each other numbers (runtime::kGroupExchange).
  void addThreads(int64_t expected, std::vector<bool> varyingArguments, bool exchange) {
    threads = expected;
    exchanges = exchange;
    rowsOfChains = std::move(varyingArguments);
  }

 private:
  using Value = mlir::Value;
  using Operation = mlir::Operation;

  // ---- function and memory (emit_function.cpp) ----
  void createFunction(llvm::StringRef name);
  void placeResults();
  LV argumentPlace(mlir::BlockArgument);
  void placeSlots();
  void loadArguments();
  void storeResults();
  LV scalarOfLanes(LV array, LV value, llvm::Type*);
  LV laneAddress(LV array, int64_t elements, LV element, unsigned lane, llvm::Type*);
  llvm::Type* memoryType(Dtype, bool varies);
  LV fromMemory(LV, Dtype, bool varies);
  LV toMemory(LV, Dtype, bool varies);
  LV temporary(Dtype, int64_t elements, bool varies, bool shared = false);
  void poison(llvm::ArrayRef<Value> values);
  LV stackSlot(llvm::Type*);
  LV laneSteps(unsigned lanes, int64_t stride);
  LV perLane(Ix);
  LV load(Value, const Index&);
  LV loadAt(LV pointer, Dtype, bool varies, bool fixed, Ix offset);
  void store(Value, const Index&, LV);
  void storeAt(LV pointer, Dtype, bool varies, Ix offset, LV);
  Ix offset(Value, const Index&);
  Ix inTile(Ix row);
  bool inMemory(Value v) const { return plan.stored.contains(v) || tiles.contains(v); }

  // ---- elements (emit_element.cpp) ----
  LV element(Value, const Index&);
  LV compute(Operation*, Value, const Index&);
  LV scalarised(Value, const Index&, llvm::function_ref<LV(const Index&)> one);
  LV laneAny(Operation*, const Index&);
  LV constantElement(ir::ConstantOp, const Index&);
  LV gatherElement(ir::GatherOp, const Index&);
  LV padElement(ir::PadOp, const Index&);
  LV concatenateElement(ir::ConcatenateOp, const Index&);
  LV randomElement(Operation*, const Index&);
  LV scalar(Value v) { return element(v, Index{}); }
  LV clampedStart(Value start, int64_t extent, int64_t size);
  Index expand(const Index&, llvm::ArrayRef<int64_t> shape, bool& possible);
  Index reshaped(const Index&, llvm::ArrayRef<int64_t> from, llvm::ArrayRef<int64_t> to, bool& possible);
  Ix linearise(const Index&, llvm::ArrayRef<int64_t> shape);

  // ---- loops (emit_loops.cpp) ----
  void block(mlir::Block&);
  void group(const Group&);
  void profiled(const Group&);  // emit_profile.cpp
  void elementwiseGroup(const Group&);
  void reducingGroup(const Group&);
  void reduceElements(const Group&, const Index& kept, llvm::ArrayRef<int64_t> keptDims);
  void rowPass(const Group&);  // emit_row_pass.cpp

  // ---- threads that run one program together (emit_threads.cpp) ----
  /// Loops over data are vectors of neighbouring elements.
  bool dataVectors() const { return lanes <= 1 && !threads; }
  /// The code being emitted is run by every thread of the group in the same way.
  bool together() const { return threads && !apart; }
  void barrier();
  /// All threads wait for each other if one might still be reading what is written next.
  void synchronise();
  /// body() is code that threads run differently, each on elements of its own; all wait for each other behind it.
  void eachApart(llvm::function_ref<void()> body);
  /// body(i) for from <= i < to, distributed over the threads.
  void acrossThreads(LV from, LV to, llvm::function_ref<void(LV)> body);
  void acrossThreads(llvm::ArrayRef<int64_t> space, llvm::function_ref<void(const Index&)> body);
  /// body(i, j) for the elements of a part of a matrix, distributed row by row.
  void acrossCells(LV top, LV bottom, LV left, LV right, llvm::function_ref<void(LV, LV)> body);
  void onOneThread(llvm::function_ref<void()> body);
  void reducingThreads(const Group&, llvm::ArrayRef<int64_t> keptDims, llvm::ArrayRef<int64_t> keptSpace);
  llvm::SmallVector<LV> sharedTerms(const Group&, llvm::MutableArrayRef<ir::ReduceOp>, int64_t results);
  void contractingThreads(ir::DotGeneralOp);
  void emitDrawThreads(ir::EmitOp);
  void refuseInThreads(Operation*);
  bool isOwn(LV position) const { return apart && own.position && position == own.position; }
  /// The position of a distributed loop itself, where `index` is its index of an array of its shape.
  bool atOwnElement(const Index& index, llvm::ArrayRef<int64_t> shape) const;
  /// The number that thread `source` passes; all threads take part. Only where `exchanges`.
  LV exchange(LV mine, LV source);
  LV loadPointer(LV array, uint64_t number, bool fixed);
  LV rowOfChain(LV array, Value of);
  bool isPrivate(LV pointer) const { return llvm::isa<llvm::AllocaInst>(pointer) || privatePlaces.contains(pointer); }
  LV privatePlace();

  // ---- loops that threads share (emit_chunks.cpp) ----
  double work(const Group&);
  /// 1 where the group is too small to be shared.
  int64_t chunksOf(const Group&);
  /// body(i) for i = 0, step, ... below `to`, iterations of the group that no other one depends on. The body must use
  /// values of the function around it only through members of the emitter and through `captured`.
  void sharedLoop(const Group&, int64_t to, int64_t step, llvm::MutableArrayRef<LV> captured,
                  llvm::function_ref<void(LV)> body, bool keepRolled = false);
  void overChunks(const Group&, int64_t count, llvm::MutableArrayRef<LV> captured, llvm::function_ref<void(LV)> body);

  // ---- loops, continued ----
  bool flatAccess(const Group&);
  llvm::SmallVector<LV> computeRoots(const Group&, const Index&);
  void storeRoots(const Group&, const Index&, llvm::ArrayRef<LV> values);
  void fill(llvm::ArrayRef<int64_t> space, llvm::function_ref<void(const Index&)> body, bool vectors, bool flat = false,
            bool keepRolled = false, const Group* shared = nullptr);
  /// The same, one after the other even where there are threads.
  void fillInOrder(llvm::ArrayRef<int64_t> space, llvm::function_ref<void(const Index&)> body, bool vectors, bool flat = false,
                   bool keepRolled = false, const Group* shared = nullptr);
  double cost(const Group&);
  bool unhurried(const Group&);
  void loop(LV from, LV to, int64_t step, llvm::function_ref<void(LV)> body, bool keepRolled = false) {
    loop(from, to, i64(step), body, keepRolled);
  }
  void loop(LV from, LV to, LV step, llvm::function_ref<void(LV)> body, bool keepRolled = false);
  /// body(i) for i in [from, to), which may be none; `sums` go round in registers.
  void accumulate(LV from, LV to, llvm::SmallVectorImpl<LV>& sums, llvm::function_ref<void(LV)> body);
  void forEach(int64_t extent, llvm::function_ref<void(LV)> body, bool keepRolled = false);  // else unrolled when short
  void ifThen(LV condition, llvm::function_ref<void()> body);
  LV add(LV a, int64_t b) { return b ? ib().CreateAdd(a, i64(b)) : a; }
  static int64_t product(llvm::ArrayRef<int64_t> list) {
    int64_t n = 1;
    for (auto e : list) n *= e;
    return n;
  }
  LV mul(LV a, int64_t b) { return b == 1 ? a : ib().CreateMul(a, i64(b)); }

  // ---- control flow (emit_control.cpp) ----
  void forLoop(ir::ForOp);
  void whileLoop(ir::WhileOp);
  void caseOf(ir::CaseOp);
  void emitDraw(ir::EmitOp);
  /// sources[i] to the slot of destinations[i], as if all at once.
  void copyAll(mlir::ValueRange sources, mlir::ValueRange destinations);
  void copyTo(Value source, Value destination);
  bool readsSlot(Value source, int slot, bool exceptInPlace);

  // ---- single operations (emit_single.cpp, emit_contraction.cpp, emit_linalg.cpp, ...) ----
  void single(Operation*);
  void updateSlice(ir::DynamicUpdateSliceOp);
  void scatter(ir::ScatterOp);
  void cumulative(ir::CumulativeOp);
  void argReduce(ir::ArgReduceOp);
  void concatenate(ir::ConcatenateOp);
  void pad(ir::PadOp);
  void contraction(ir::DotGeneralOp);
  void rowProduct(ir::DotGeneralOp, LV firstRow, int64_t rows);
  std::pair<LV, LV> twoColumns(Value matrix, LV row, LV column);
  bool matrixProduct(ir::DotGeneralOp);
  void alongRow(LV from, LV to, llvm::function_ref<void(Ix)> body);
  void cholesky(ir::CholeskyOp);
  void triangularSolve(ir::TriangularSolveOp);
  void factorise(Operation*);
  void argsort(ir::ArgsortOp);
  void rankRuns(llvm::ArrayRef<LV> from, llvm::ArrayRef<LV> to, int64_t n, int64_t run, bool count);
  void mergeRuns(llvm::ArrayRef<LV> from, llvm::ArrayRef<LV> to, int64_t n, int64_t run, int64_t stride);

  // ---- calls of the host (emit_host.cpp) ----
  void report(ir::ReportOp);
  void customCall(ir::CustomCallOp);
  llvm::Constant* describeCall(llvm::StringRef text, int64_t setting, mlir::ValueRange inputs, mlir::ValueRange results);
  LV operandsInMemory(mlir::ValueRange inputs, mlir::ValueRange results);

  // ---- small things ----
  LV i64(int64_t c) { return llvm::ConstantInt::getSigned(ib().getInt64Ty(), c); }
  bool varies(Value v) { return lanes > 1 && varying(v); }
  static llvm::ArrayRef<int64_t> shape(Value v) { return ir::shapeOf(v); }
  static Dtype dtype(Value v) { return ir::dtypeOf(ir::elementType(v)); }
  llvm::Type* registerTypeOf(Value v);
  Index at(llvm::ArrayRef<LV> coordinates);

  mlir::func::FuncOp source;
  const Plan& plan;
  const Storage& storage;
  std::function<bool(Value)> varying;
  unsigned lanes;
  llvm::Module& module;
  llvm::IRBuilder<> builder;
  llvm::Function* function = nullptr;
  LV workspace = nullptr, chain0 = nullptr, active = nullptr, streams = nullptr;
  std::vector<LV> slotPointers;
  struct Result { unsigned number; LV array; };
  std::map<int, Result> resultOfSlot;  // slots that are the caller's array of a result
  std::vector<LV> laneChains;  // chain number of each lane
  LV chainNumbers = nullptr;   // the same in memory, for scalarOfLanes
  int64_t workspaceSize = 0, stackSize = 0;
  bool memoryChecks = false;
  DeadValues dead;
  std::vector<ProfiledGroup>* profile = nullptr;
  int openGroup = -1;
  std::vector<std::pair<int64_t, int64_t>> buffersInWorkspace;
  int rare = 0;  // depth of branches that only some lanes take
  bool seldom = false;  // in such a branch, or without lanes in any: code that need not be fast is called, not repeated
  bool calls(ir::UnaryKind k) const { return plan.called.contains(k) || (seldom && plan.repeated.contains(k)); }
  llvm::DenseMap<Value, LV> tiles;  // values of a pass over rows that exist for the rows from `firstRow` on only
  LV firstRow = nullptr;
  struct Fetch {
    LV next = nullptr;  // where the address of the next cache line is
    int64_t lines = 0;  // at each step
  } fetch;              // of memory that a pass over rows will read soon (emit_row_pass.cpp)
  void fetchStep();
  int64_t threads = 0;                // of the group that runs the program, roughly; 0 where there is none
  std::vector<bool> rowsOfChains;     // arguments with an axis of chains, where there are threads
  LV thread = nullptr, threadCount = nullptr;
  llvm::SmallPtrSet<LV, 32> privatePlaces;  // of this thread, in the workspace
  LV ownPart = nullptr;               // the workspace, as far off as this thread is from the first
  struct OwnElement {
    LV position = nullptr;  // of a loop that is distributed from 0 on
    llvm::ArrayRef<int64_t> space;
    const Index* index = nullptr;
  } own;
  bool exchanges = false;             // threads can give each other numbers without memory
  bool apart = false;                 // emitting code that threads run differently
  bool unsynchronised = false;        // some thread may still have to read shared memory
  bool inChunk = false;               // emitting a function that threads share (emit_chunks.cpp)
  llvm::DenseSet<int> writtenInChunk; // slots that it writes; all others do not change while it runs
  llvm::DenseMap<Operation*, LV> counters;                     // of the `for` loops around
  using MemoKey = std::pair<void*, llvm::SmallVector<Ix, 4>>;
  static MemoKey memoKey(Value, const Index&);
  std::map<MemoKey, LV> memo;  // elements computed in the current iteration
  friend struct Contraction;
  friend struct ContractionEmitter;
  friend class MatrixProduct;
  friend class FactorMachine;
  friend class BlockReduction;
  friend class RowPass;
  friend class ColumnSums;
  friend class PartialSums;
  friend class Scatter;
};

}  // namespace nuthatch::cpu
