#pragma once
/// Everything public.
#include "nuthatch/array.h"
#include "nuthatch/control.h"
#include "nuthatch/error.h"
#include "nuthatch/index.h"
#include "nuthatch/linalg.h"
#include "nuthatch/math.h"
#include "nuthatch/print.h"
#include "nuthatch/random.h"
#include "nuthatch/tensor.h"
#include "nuthatch/transform.h"
#include "nuthatch/tree.h"
