// Precompiled for the code generator: the IR and LLVM's IR builder.
#pragma once
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Intrinsics.h>
#include <llvm/IR/Module.h>

#include "ir/pch.h"
