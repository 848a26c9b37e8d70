// Precompiled for everything that works on the IR.
#pragma once
#include <mlir/Dialect/Func/IR/FuncOps.h>
#include <mlir/IR/IRMapping.h>
#include <mlir/IR/PatternMatch.h>

#include "ir/dialect/dialect.h"
