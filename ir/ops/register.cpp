// Fills the table of operation records: one function per family and aspect.
#include <mutex>

namespace nuthatch::ir {

void registerElementwiseShape();
void registerShapeShape();
void registerIndexingShape();
void registerReductionShape();
void registerLinalgShape();
void registerRandomShape();
void registerControlShape();
void registerHostShape();

void registerArgsort();
void registerFactorise();
void registerFactoriseAutodiff();

void registerElementwiseEval();
void registerShapeEval();
void registerIndexingEval();
void registerReductionEval();
void registerLinalgEval();
void registerRandomEval();
void registerControlEval();
void registerHostEval();

void registerElementwiseAutodiff();
void registerShapeAutodiff();
void registerIndexingAutodiff();
void registerReductionAutodiff();
void registerLinalgAutodiff();
void registerRandomAutodiff();
void registerHostAutodiff();

void registerElementwiseBatching();
void registerShapeBatching();
void registerIndexingBatching();
void registerReductionBatching();
void registerLinalgBatching();
void registerRandomBatching();
void registerControlBatching();
void registerHostBatching();

void registerAllRules() {
  static std::once_flag once;
  std::call_once(once, [] {
    registerElementwiseShape();
    registerShapeShape();
    registerIndexingShape();
    registerReductionShape();
    registerLinalgShape();
    registerRandomShape();
    registerControlShape();
    registerHostShape();

    registerElementwiseEval();
    registerShapeEval();
    registerIndexingEval();
    registerReductionEval();
    registerLinalgEval();
    registerRandomEval();
    registerControlEval();
    registerHostEval();

    registerElementwiseAutodiff();
    registerShapeAutodiff();
    registerIndexingAutodiff();
    registerReductionAutodiff();
    registerLinalgAutodiff();
    registerRandomAutodiff();
    registerHostAutodiff();

    registerElementwiseBatching();
    registerShapeBatching();
    registerIndexingBatching();
    registerReductionBatching();
    registerLinalgBatching();
    registerRandomBatching();
    registerControlBatching();
    registerHostBatching();

    registerArgsort();
    registerFactorise();
    registerFactoriseAutodiff();
  });
}

}  // namespace nuthatch::ir
