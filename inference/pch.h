// Precompiled for inference: the headers of others that take long, and of ours what most sources here include.
#pragma once
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "nuthatch/array.h"
#include "nuthatch/index.h"
#include "nuthatch/math.h"
#include "nuthatch/model.h"
#include "nuthatch/random.h"
#include "nuthatch/transform.h"
