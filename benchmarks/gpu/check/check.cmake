# nh-gpu-check: one program to carry to a machine that has a GPU and its driver, and nothing of ours:
#   cmake --preset release-static && cmake --build --preset release-static
# The library, LLVM, the conformance tests, nh-fuzz and nh-gpu-bench are inside; what stays outside is glibc, and the
# driver, cuBLAS and cuSOLVER, which are opened at run time. All objects are compiled with a section for each function, so
# that nothing is carried that is never called.
foreach(main tools/nh-fuzz/main.cpp benchmarks/gpu/main.cpp)
  string(REGEX REPLACE "[^a-z]+" "_" name ${main})
  add_library(check_${name} OBJECT ${main})
  list(APPEND CHECK_MAINS $<TARGET_OBJECTS:check_${name}>)
endforeach()
target_compile_definitions(check_tools_nh_fuzz_main_cpp PRIVATE main=fuzz_main)
target_compile_definitions(check_benchmarks_gpu_main_cpp PRIVATE main=bench_main)

# The simulated driver stays at home, and so do the tests of it.
set(CHECK_GPU_TESTS $<FILTER:$<TARGET_OBJECTS:gpu_objects>,EXCLUDE,/simulated_>)
add_executable(nh-gpu-check benchmarks/gpu/check/main.cpp benchmarks/gpu/check/fmt.cpp benchmarks/gpu/check/random.cpp
               ${CHECK_MAINS} ${ALL_OBJECTS} $<TARGET_OBJECTS:cpu_objects> ${CHECK_GPU_TESTS}
               $<TARGET_OBJECTS:fuzz_objects> $<TARGET_OBJECTS:nh_fuzz_objects> $<TARGET_OBJECTS:nh_gpu_bench_objects>)
target_link_directories(nh-gpu-check PRIVATE ${LLVM_LIBRARY_FOLDER})
target_link_libraries(nh-gpu-check PRIVATE -Wl,--start-group ${MLIR_ARCHIVES} ${LLVM_ARCHIVES} -Wl,--end-group
                      -l:libgtest.a -l:libz.a -l:libzstd.a dl pthread m)
target_link_options(nh-gpu-check PRIVATE -static-libstdc++ -static-libgcc -no-pie -Wl,--gc-sections
                    -Wl,--as-needed -s)
