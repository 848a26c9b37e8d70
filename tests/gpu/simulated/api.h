#pragma once
// The binary interface of the driver, as its documentation gives it: handles are pointers, results are int.
#include <cstddef>
#include <cstdint>

#define SIMULATED extern "C" __attribute__((visibility("default"))) int

using CUdevice = int;
using CUdeviceptr = unsigned long long;
using CUcontext = void*;
using CUstream = void*;
using CUevent = void*;
using CUmodule = void*;
using CUfunction = void*;
using CUlinkState = void*;
using CUgraph = void*;
using CUgraphExec = void*;
