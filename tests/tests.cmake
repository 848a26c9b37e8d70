# One executable per folder of tests/, made of its *_test.cpp; tests/{ir,passes,cpu,gpu,fuzz} see the compiler's headers.
#
# Tests are compiled without optimisation: the work is done in the library and in the code it compiles, and compiling
# test programs takes three times as long with -O2. All folders share two precompiled headers.
set(TEST_OPTIONS -O0)
# Where tests look for the files of the repository: here, but in a program that is carried elsewhere.
set(NUTHATCH_TESTED_SOURCES ${PROJECT_SOURCE_DIR} CACHE STRING "Folder of the repository when tests run")
function(nh_test_objects name)
  cmake_parse_arguments(ARG "COMPILER" "" "SOURCES" ${ARGN})
  add_library(${name} OBJECT ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE GTest::gtest fmt::fmt nlohmann_json::nlohmann_json Eigen3::Eigen)
  target_compile_definitions(${name} PRIVATE NUTHATCH_SOURCE_DIR="${NUTHATCH_TESTED_SOURCES}")
  target_compile_options(${name} PRIVATE ${TEST_OPTIONS})
  if(ARG_COMPILER)
    target_include_directories(${name} SYSTEM PRIVATE ${LLVM_INCLUDE_DIRS} ${MLIR_INCLUDE_DIRS})
    target_include_directories(${name} PRIVATE ${GENERATED})
    add_dependencies(${name} nh_generated)
  endif()
endfunction()
nh_test_objects(nh_tests_compiler COMPILER SOURCES ${PROJECT_SOURCE_DIR}/tests/pch.cpp)
target_precompile_headers(nh_tests_compiler PRIVATE ${PROJECT_SOURCE_DIR}/ir/pch.h <gtest/gtest.h>)
nh_test_objects(nh_tests_user SOURCES ${PROJECT_SOURCE_DIR}/tests/pch.cpp)
target_precompile_headers(nh_tests_user PRIVATE ${PROJECT_SOURCE_DIR}/tests/pch.h)

# A driver for GPUs that runs kernels on this processor: tests open it in place of libcuda, libcublas and libcusolver.
file(GLOB SIMULATED CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/gpu/simulated/*.cpp)
add_library(simulated_cuda SHARED ${SIMULATED})
set_target_properties(simulated_cuda PROPERTIES OUTPUT_NAME nuthatch-simulated-cuda CXX_VISIBILITY_PRESET hidden)
target_compile_options(simulated_cuda PRIVATE -O2 -fno-math-errno)
target_link_libraries(simulated_cuda PRIVATE Eigen3::Eigen Threads::Threads)
# For the definitions of test programs that use it; they depend on simulated_cuda.
set(SIMULATED_CUDA $<TARGET_FILE:simulated_cuda>)

# Runs a sampler of its own for seconds.
set_source_files_properties(${PROJECT_SOURCE_DIR}/tests/inference/mutation_test.cpp
                            PROPERTIES COMPILE_OPTIONS -O2 SKIP_PRECOMPILE_HEADERS ON)
set(PARTS_inference 4)
set(PARTS_gpu 2)
set(COST_inference 130)
set(COST_ppl 110)
set(COST_posteriordb 90)
set(COST_cpu 80)
set(COST_language 70)
set(COST_fuzz 50)
set(COST_svi 40)
set(COST_gpu 90)
set(COST_api 35)
file(GLOB TEST_FOLDERS CONFIGURE_DEPENDS LIST_DIRECTORIES true ${PROJECT_SOURCE_DIR}/tests/*)
foreach(folder ${TEST_FOLDERS})
  file(GLOB sources CONFIGURE_DEPENDS ${folder}/*_test.cpp)
  if(NOT NUTHATCH_GPU)
    list(FILTER sources EXCLUDE REGEX "/tests/gpu/|/cut[a-z_]*_test[.]cpp$")
  endif()
  if(NOT sources)
    continue()
  endif()
  get_filename_component(area ${folder} NAME)
  set(name ${area}_tests)
  if(area MATCHES "^(ir|passes|cpu|gpu|fuzz)$")
    nh_test_objects(${area}_objects COMPILER SOURCES ${sources})
    target_precompile_headers(${area}_objects REUSE_FROM nh_tests_compiler)
    set(library nuthatch_ir MLIR LLVM)
  else()
    nh_test_objects(${area}_objects SOURCES ${sources})
    target_precompile_headers(${area}_objects REUSE_FROM nh_tests_user)
    set(library nuthatch)
  endif()
  add_executable(${name} $<TARGET_OBJECTS:${area}_objects>)
  target_link_libraries(${name} PRIVATE ${library} GTest::gtest GTest::gtest_main fmt::fmt ZLIB::ZLIB Threads::Threads)
  if(area STREQUAL "fuzz")
    target_sources(${name} PRIVATE $<TARGET_OBJECTS:nh_fuzz_objects>)
  endif()
  if(area STREQUAL "results" AND HDF5_LIBRARY AND HDF5_INCLUDE)
    target_include_directories(results_objects SYSTEM PRIVATE ${HDF5_INCLUDE})
    target_compile_definitions(results_objects PRIVATE NUTHATCH_TEST_HDF5)
    target_link_libraries(${name} PRIVATE ${HDF5_LIBRARY})
  endif()
  if(area STREQUAL "gpu")
    target_compile_definitions(gpu_objects PRIVATE NUTHATCH_SIMULATED_CUDA="${SIMULATED_CUDA}")
    add_dependencies(${name} simulated_cuda)
  endif()
  if(area STREQUAL "tool")
    target_compile_definitions(tool_objects PRIVATE NUTHATCH_TOOL="$<TARGET_FILE:nuthatch_tool>" NUTHATCH_SIMULATED_CUDA="${SIMULATED_CUDA}"
                               NUTHATCH_HAS_GPU=$<BOOL:${NUTHATCH_GPU}>)
    add_dependencies(${name} nuthatch_tool simulated_cuda)
  endif()
  # Long ones first, and the longest in parts, so that all cores are busy to the end. Costs are seconds.
  set(parts 1)
  if(DEFINED PARTS_${area})
    set(parts ${PARTS_${area}})
  endif()
  foreach(part RANGE 1 ${parts})
    set(test ${area})
    if(parts GREATER 1)
      set(test ${area}_${part})
    endif()
    math(EXPR index "${part} - 1")
    add_test(NAME ${test} COMMAND ${name} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(${test} PROPERTIES LABELS full TIMEOUT 1200
                         ENVIRONMENT "GTEST_TOTAL_SHARDS=${parts};GTEST_SHARD_INDEX=${index}")
    if(DEFINED COST_${area})
      set_tests_properties(${test} PROPERTIES COST ${COST_${area}})
    endif()
  endforeach()
endforeach()

# The same programs on GPUs: with the simulated driver, and (label gpu) on the GPU of this machine, where there is one.
set(SIMULATED_ENVIRONMENT "NUTHATCH_DEVICE=gpu:0;NUTHATCH_CUDA=${SIMULATED_CUDA};NUTHATCH_CUBLAS=${SIMULATED_CUDA};NUTHATCH_CUSOLVER=${SIMULATED_CUDA}")
function(nh_simulated_gpu_test name program)
  add_test(NAME simulated_${name} COMMAND ${program} ${ARGN} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(simulated_${name} PROPERTIES LABELS full TIMEOUT 1200 COST 60 ENVIRONMENT "${SIMULATED_ENVIRONMENT}")
endfunction()
function(nh_gpu_test name program)
  add_test(NAME gpu_${name} COMMAND ${PROJECT_SOURCE_DIR}/tests/gpu/on_gpu $<TARGET_FILE:nuthatch_tool> $<TARGET_FILE:${program}> ${ARGN}
           WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(gpu_${name} PROPERTIES LABELS gpu TIMEOUT 1200 SKIP_RETURN_CODE 77)
endfunction()
if(NUTHATCH_GPU)
  # Programs of one chain by all threads, those of several in segments of a warp and in blocks, in turn.
  nh_simulated_gpu_test(conformance cpu_tests --gtest_filter=Codegen.*:RandomCode.*:RowPass.*:Scatter.*:ShortRows.*)
  # The assembler of the CUDA toolkit, where it is installed, has to take all of them.
  find_program(PTXAS ptxas HINTS /usr/local/cuda/bin)
  set_property(TEST simulated_conformance APPEND PROPERTY ENVIRONMENT "NUTHATCH_GPU_THREADS=grid;NUTHATCH_SIMULATED=race_check=1"
               "NUTHATCH_PTXAS=$<$<BOOL:${PTXAS}>:${PTXAS}>")
  nh_simulated_gpu_test(fuzz fuzz_tests --gtest_filter=*OnADevice*)
  # What is measured on GPUs is measured right, in small.
  nh_simulated_gpu_test(bench nh-gpu-bench --small --repetitions 1)
  nh_gpu_test(conformance cpu_tests --gtest_filter=Codegen.*:RandomCode.*:RowPass.*:Scatter.*:ShortRows.*)
  nh_gpu_test(fuzz fuzz_tests --gtest_filter=*OnADevice*)
  nh_gpu_test(device gpu_tests)
endif()

# The passes on IR text.
find_program(LIT lit HINTS ${NUTHATCH_LLVM_DIR}/bin)
if(LIT AND TARGET nh-opt)
  add_test(NAME lit COMMAND ${LIT} -q ${PROJECT_SOURCE_DIR}/tests/lit --param nh_opt=$<TARGET_FILE:nh-opt>
           --param llvm=${NUTHATCH_LLVM_DIR}/bin --param output=${CMAKE_BINARY_DIR}/lit)
  set_tests_properties(lit PROPERTIES LABELS fast TIMEOUT 300)
endif()

# Programs in the documentation are what nh-opt prints.
find_package(Python3 COMPONENTS Interpreter)
if(Python3_FOUND)
  add_test(NAME gpu_table COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/benchmarks/gpu/table_test.py)
  set_tests_properties(gpu_table PROPERTIES LABELS fast TIMEOUT 60)
endif()
if(Python3_FOUND AND TARGET nh-opt)
  add_test(NAME docs COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tests/docs/check_pages.py $<TARGET_FILE:nh-opt>
           ${PROJECT_SOURCE_DIR}/docs/compiler.md)
  set_tests_properties(docs PROPERTIES LABELS fast TIMEOUT 60)
endif()

# Every example checks its own outcome.
foreach(source ${EXAMPLES})
  get_filename_component(name ${source} NAME_WE)
  add_test(NAME example_${name} COMMAND ${name} WORKING_DIRECTORY ${CMAKE_BINARY_DIR})
  set_tests_properties(example_${name} PROPERTIES LABELS full TIMEOUT 300)
endforeach()

# A program that has an LLVM of its own.
if(NUTHATCH_STATIC_LLVM)
  add_executable(other_llvm tests/embedding/main.cpp)
  target_include_directories(other_llvm SYSTEM PRIVATE ${LLVM_INCLUDE_DIRS})
  target_link_libraries(other_llvm PRIVATE LLVM nuthatch)
  add_test(NAME embedding COMMAND other_llvm)
  set_tests_properties(embedding PROPERTIES LABELS full TIMEOUT 60)
endif()

# A user's project finds the installed library, and nothing else of ours.
add_test(NAME install COMMAND ${CMAKE_COMMAND} -DBUILD=${CMAKE_BINARY_DIR} -DSOURCE=${PROJECT_SOURCE_DIR}
         -DCOMPILER=${CMAKE_CXX_COMPILER} -P ${PROJECT_SOURCE_DIR}/tests/install/check.cmake)
set_tests_properties(install PROPERTIES LABELS full TIMEOUT 300)

# Compiled programs are cached in the build folder, not in the user's, and every storage plan is verified.
get_property(ALL_TESTS DIRECTORY PROPERTY TESTS)
set_property(TEST ${ALL_TESTS} APPEND PROPERTY ENVIRONMENT "NUTHATCH_CACHE=${CMAKE_BINARY_DIR}/cache" "NUTHATCH_CHECK=plan")
if(NUTHATCH_GPU)
  set_property(TEST simulated_conformance APPEND PROPERTY ENVIRONMENT "NUTHATCH_CACHE=off")  # what is cached is not assembled
endif()
