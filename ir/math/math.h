// All special functions.
#pragma once

#include "ir/math/bessel.h"
#include "ir/math/erf.h"
#include "ir/math/exp.h"
#include "ir/math/gamma.h"
#include "ir/math/hyperbolic.h"
#include "ir/math/incomplete_beta.h"
#include "ir/math/incomplete_gamma.h"
#include "ir/math/inverse_hyperbolic.h"
#include "ir/math/inverse_incomplete.h"
#include "ir/math/inverse_trig.h"
#include "ir/math/log.h"
#include "ir/math/owens_t.h"
#include "ir/math/polygamma.h"
#include "ir/math/pow.h"
#include "ir/math/threefry.h"
#include "ir/math/trig.h"
