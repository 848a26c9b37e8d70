// Precompiled for the API of tensors: what nearly every source here includes.
#pragma once
#include <algorithm>
#include <cmath>

#include "ir/api/operands.h"
#include "nuthatch/array.h"
#include "nuthatch/index.h"
#include "nuthatch/math.h"
