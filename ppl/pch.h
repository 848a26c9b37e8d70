// Precompiled for distributions and models: what most sources here include.
#pragma once
#include <algorithm>
#include <cmath>

#include "nuthatch/array.h"
#include "nuthatch/control.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/distribution.h"
#include "nuthatch/index.h"
#include "nuthatch/math.h"
