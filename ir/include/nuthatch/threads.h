#pragma once
/// How many threads the library may use in this process.

namespace nuthatch {

/// By default the environment variable NUTHATCH_THREADS, else the processors this process may run on. A compiled program
/// uses them for loops over large data, a run of several packs of chains for the packs.
int num_threads();
/// For runs that begin from now on; 0 restores the default. Results never depend on it.
void set_num_threads(int threads);

}  // namespace nuthatch
