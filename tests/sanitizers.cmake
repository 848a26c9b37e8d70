# The compiler under the address and undefined behaviour sanitizers, in the same build folder:
#   make test-sanitizers
# A twin of nuthatch_ir, in which the IR, the passes, the backend, its runtime and the interpreter are instrumented and
# the rest is not, serves the tests and tools compiled anyway. LLVM and compiled programs are not instrumented either;
# what programs do to their buffers, NUTHATCH_CHECK=memory watches, which nh-fuzz turns on for every second program.
set(SANITIZERS -fsanitize=address,undefined -fno-sanitize=vptr,function -fno-sanitize-recover=undefined
               -fno-omit-frame-pointer -gline-tables-only)

function(nh_sanitized part)
  cmake_parse_arguments(ARG "COMPILER" "PCH" "SOURCES;OPTIONS" ${ARGN})
  set(compiler)
  if(ARG_COMPILER)
    set(compiler COMPILER)
  endif()
  nh_objects(nh_${part}_sanitized ${compiler} PCH ${ARG_PCH} SOURCES ${ARG_SOURCES})
  target_compile_options(nh_${part}_sanitized PRIVATE ${SANITIZERS} ${ARG_OPTIONS})
  set_target_properties(nh_${part}_sanitized PROPERTIES EXCLUDE_FROM_ALL ON)
endfunction()

# The generated operation classes take longest to compile, and nobody here wrote them.
set(CHECKED_SOURCES ${IR_SOURCES})
list(FILTER CHECKED_SOURCES EXCLUDE REGEX "/dialect[.]cpp$")
nh_sanitized(ir COMPILER PCH ir/pch.h SOURCES ${CHECKED_SOURCES})
nh_sanitized(passes COMPILER PCH nh_ir_sanitized SOURCES ${PASSES_SOURCES} ${PROJECT_SOURCE_DIR}/passes/pipeline.cpp)
nh_sanitized(backends COMPILER PCH backends/pch.h SOURCES ${BACKEND_SOURCES})
# With optimisation the checks of the special functions take minutes to compile.
nh_sanitized(eval SOURCES ${EVAL_SOURCES} OPTIONS -O0)
nh_sanitized(runtime SOURCES ${RUNTIME_SOURCES})

set(SANITIZED_OBJECTS $<FILTER:$<TARGET_OBJECTS:nh_ir>,INCLUDE,/dialect[.]cpp>)
foreach(part ir passes backends eval runtime)
  list(APPEND SANITIZED_OBJECTS $<TARGET_OBJECTS:nh_${part}_sanitized>)
endforeach()
foreach(part api ppl inference)
  list(APPEND SANITIZED_OBJECTS $<TARGET_OBJECTS:nh_${part}>)
endforeach()
add_library(nuthatch_sanitized SHARED EXCLUDE_FROM_ALL ${SANITIZED_OBJECTS})
target_link_options(nuthatch_sanitized PRIVATE -fsanitize=address,undefined)
target_link_libraries(nuthatch_sanitized PRIVATE MLIR LLVM fmt::fmt ZLIB::ZLIB Threads::Threads)
if(NUTHATCH_NETCDF AND HDF5_LIBRARY AND HDF5_INCLUDE)
  target_link_libraries(nuthatch_sanitized PRIVATE ${HDF5_LIBRARY})
endif()

add_custom_target(sanitizers)
# Programs have the names they always have, in a folder of their own.
function(nh_sanitized_program name)
  set(target ${name}_sanitized)
  add_executable(${target} EXCLUDE_FROM_ALL ${ARGN})
  set_target_properties(${target} PROPERTIES OUTPUT_NAME ${name} RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/sanitized)
  target_link_options(${target} PRIVATE -fsanitize=address,undefined)
  target_link_libraries(${target} PRIVATE nuthatch_sanitized MLIR LLVM fmt::fmt ZLIB::ZLIB Threads::Threads)
  add_dependencies(sanitizers ${target})
endfunction()
foreach(area ir passes cpu)
  nh_sanitized_program(${area}_tests $<TARGET_OBJECTS:${area}_objects>)
  target_link_libraries(${area}_tests_sanitized PRIVATE GTest::gtest GTest::gtest_main)
endforeach()
nh_sanitized_program(nh-opt $<TARGET_OBJECTS:nh_opt_objects>)
nh_sanitized_program(nh-fuzz tools/nh-fuzz/main.cpp $<TARGET_OBJECTS:nh_fuzz_objects>)

# Run only by ctest -C sanitizers.
function(nh_sanitized_test name cost)
  add_test(NAME sanitized_${name} COMMAND ${ARGN} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} CONFIGURATIONS sanitizers)
  # Containers that LLVM fills and we read are annotated by one side only, and leaks of LLVM are not ours.
  set_tests_properties(sanitized_${name} PROPERTIES LABELS sanitizers TIMEOUT 1200 COST ${cost} ENVIRONMENT
                       "NUTHATCH_CACHE=${CMAKE_BINARY_DIR}/cache-sanitized;NUTHATCH_CHECK=plan;\
ASAN_OPTIONS=detect_leaks=0:detect_container_overflow=0:detect_odr_violation=0;UBSAN_OPTIONS=print_stacktrace=1")
endfunction()
nh_sanitized_test(ir 5 ir_tests_sanitized)
nh_sanitized_test(passes 40 passes_tests_sanitized)
# What is left out compiles for minutes and takes no path of ours that the others do not take.
nh_sanitized_test(cpu 100 cpu_tests_sanitized --gtest_filter=-SamplerCode.*:Codegen.ComputesEveryElementwiseFunction)
nh_sanitized_test(programs 90 nh-fuzz_sanitized --seed 100000 --count 300 --widths 1,8 --out ${CMAKE_BINARY_DIR})
nh_sanitized_test(texts 60 nh-fuzz_sanitized --count 1500 --texts ${PROJECT_SOURCE_DIR}/tests --out ${CMAKE_BINARY_DIR})
if(LIT)
  nh_sanitized_test(lit 20 ${LIT} -q ${PROJECT_SOURCE_DIR}/tests/lit --param nh_opt=$<TARGET_FILE:nh-opt_sanitized>
                    --param llvm=${NUTHATCH_LLVM_DIR}/bin --param output=${CMAKE_BINARY_DIR}/lit-sanitized)
endif()
