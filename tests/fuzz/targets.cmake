# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
#
# Programs of libFuzzer, with -DTRICYCLE_FUZZ=ON and clang: what scripts/fuzz builds and runs.
if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  message(FATAL_ERROR "TRICYCLE_FUZZ needs clang: -DCMAKE_CXX_COMPILER=clang++")
endif()
find_package(GTest REQUIRED)  # of a header that tests share
add_custom_target(fuzzers)
function(tricycle_fuzzer name source)
  add_executable(fuzz_${name} EXCLUDE_FROM_ALL ${PROJECT_SOURCE_DIR}/tests/fuzz/${source})
  target_link_libraries(fuzz_${name} PRIVATE tricycle_flags ${ARGN})
  target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  add_dependencies(fuzzers fuzz_${name})
endfunction()
tricycle_fuzzer(config config_fuzz.cpp tricycle::config GTest::gtest)
tricycle_fuzzer(trace trace_reader_fuzz.cpp tricycle::trace)
tricycle_fuzzer(trace_records trace_records_fuzz.cpp tricycle::trace)
tricycle_fuzzer(safetensors safetensors_fuzz.cpp tricycle::workload_model)
tricycle_fuzzer(chakra chakra_fuzz.cpp tricycle::ring_chakra)
tricycle_fuzzer(operands operands_fuzz.cpp tricycle::allmod_function)
