// All special functions.
#pragma once

#include "ir/math/exp.h"
#include "ir/math/hyperbolic.h"
#include "ir/math/log.h"
#include "ir/math/threefry.h"
#include "ir/math/trig.h"
