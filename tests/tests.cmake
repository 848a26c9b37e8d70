# One executable per folder of tests/, made of its *_test.cpp; tests/{ir,passes,cpu,gpu,fuzz} see the compiler's headers.
file(GLOB TEST_FOLDERS CONFIGURE_DEPENDS LIST_DIRECTORIES true ${PROJECT_SOURCE_DIR}/tests/*)
foreach(folder ${TEST_FOLDERS})
  file(GLOB sources CONFIGURE_DEPENDS ${folder}/*_test.cpp)
  if(NOT sources)
    continue()
  endif()
  get_filename_component(area ${folder} NAME)
  set(name ${area}_tests)
  add_executable(${name} ${sources})
  target_compile_definitions(${name} PRIVATE NUTHATCH_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE GTest::gtest GTest::gtest_main fmt::fmt nlohmann_json::nlohmann_json
                        Eigen3::Eigen ZLIB::ZLIB Threads::Threads)
  if(NOT area MATCHES "^(ir|passes|cpu|gpu|fuzz)$")
    target_link_libraries(${name} PRIVATE nuthatch)
    target_precompile_headers(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests/pch.h)
  else()
    target_link_libraries(${name} PRIVATE nuthatch_ir)
    target_include_directories(${name} SYSTEM PRIVATE ${LLVM_INCLUDE_DIRS} ${MLIR_INCLUDE_DIRS})
    target_include_directories(${name} PRIVATE ${GENERATED})
    target_compile_options(${name} PRIVATE -O1)
    target_precompile_headers(${name} PRIVATE ${PROJECT_SOURCE_DIR}/ir/pch.h)
    target_link_libraries(${name} PRIVATE MLIR LLVM)
    add_dependencies(${name} nh_generated)
  endif()
  if(area STREQUAL "fuzz")
    target_sources(${name} PRIVATE $<TARGET_OBJECTS:nh_fuzz_objects>)
  endif()
  if(area STREQUAL "results" AND HDF5_LIBRARY AND HDF5_INCLUDE)
    target_include_directories(${name} SYSTEM PRIVATE ${HDF5_INCLUDE})
    target_link_libraries(${name} PRIVATE ${HDF5_LIBRARY})
    target_compile_definitions(${name} PRIVATE NUTHATCH_TEST_HDF5)
  endif()
  if(area STREQUAL "tool")
    target_compile_definitions(${name} PRIVATE NUTHATCH_TOOL="$<TARGET_FILE:nuthatch_tool>")
    add_dependencies(${name} nuthatch_tool)
  endif()
  add_test(NAME ${area} COMMAND ${name} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(${area} PROPERTIES LABELS full TIMEOUT 1200)
endforeach()

# The passes on IR text.
find_program(LIT lit HINTS ${NUTHATCH_LLVM_DIR}/bin)
if(LIT AND TARGET nh-opt)
  add_test(NAME lit COMMAND ${LIT} -q ${PROJECT_SOURCE_DIR}/tests/lit --param nh_opt=$<TARGET_FILE:nh-opt>
           --param llvm=${NUTHATCH_LLVM_DIR}/bin --param output=${CMAKE_BINARY_DIR}/lit)
  set_tests_properties(lit PROPERTIES LABELS fast TIMEOUT 300)
endif()

# Programs in the documentation are what nh-opt prints.
find_package(Python3 COMPONENTS Interpreter)
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
set_tests_properties(${ALL_TESTS} PROPERTIES ENVIRONMENT "NUTHATCH_CACHE=${CMAKE_BINARY_DIR}/cache;NUTHATCH_CHECK=plan")
