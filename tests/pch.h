// Precompiled for tests that use the library as its users do.
#pragma once
#include <gtest/gtest.h>

#include "nuthatch/nuthatch.h"
