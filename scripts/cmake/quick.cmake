# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
#
# TRICYCLE_QUICK: the quickest build of everything where there is no compiler cache, as in continuous integration.
# Headers that many files include are precompiled, and the tests' own code is hardly optimised; libraries and programs
# are what they are without it. Off by default: a compiler cache does better, and a plain build shows whether every file
# includes what it uses.
option(TRICYCLE_QUICK "Build everything quickly: precompiled headers, tests with little optimisation" OFF)

# Sanitizers make most of the code that a compiler has to optimise: the tests' own is not worth it.
if(CMAKE_CXX_FLAGS MATCHES "-fsanitize")
  set(tricycle_quick_tests -O0)
else()
  set(tricycle_quick_tests -O1)
endif()

# tricycle_pch_holder(<kind> <type> HEADERS ... LIBRARIES ...): the target that others take the header from. It has the
# flags of every target of ours, since compilers refuse a header that was made with others. Code of executables and of
# libraries differs (-fPIE, -fPIC), and so must the holders' types.
function(tricycle_pch_holder kind type)
  cmake_parse_arguments(ARG "" "" "HEADERS;LIBRARIES" ${ARGN})
  set(source ${PROJECT_BINARY_DIR}/pch.cpp)
  file(CONFIGURE OUTPUT ${source} CONTENT "// So that there is something to compile.\n")
  if(type STREQUAL "EXECUTABLE")
    add_executable(tricycle_pch_${kind} EXCLUDE_FROM_ALL ${source})  # never linked
  else()
    add_library(tricycle_pch_${kind} OBJECT EXCLUDE_FROM_ALL ${source})
  endif()
  target_link_libraries(tricycle_pch_${kind} PRIVATE tricycle_flags ${ARG_LIBRARIES})
  target_precompile_headers(tricycle_pch_${kind} PRIVATE
    <algorithm> <array> <chrono> <cmath> <cstdint> <cstring> <deque> <filesystem> <fstream> <functional> <iostream> <map>
    <memory> <mutex> <optional> <random> <set> <sstream> <stdexcept> <string> <string_view> <thread> <unordered_map>
    <utility> <variant> <vector> <nlohmann/json.hpp> ${ARG_HEADERS})
endfunction()

# For libraries, with and without SystemC.
function(tricycle_pch_of_libraries)
  if(NOT TRICYCLE_QUICK)
    return()
  endif()
  tricycle_pch_holder(library OBJECT LIBRARIES nlohmann_json::nlohmann_json)
  if(TRICYCLE_SIMULATOR)
    tricycle_pch_holder(systemc OBJECT HEADERS <gmpxx.h> <systemc> <tlm>
                        LIBRARIES nlohmann_json::nlohmann_json GMP::gmp SystemC::systemc)
  endif()
endfunction()

# For tests, with and without SystemC.
function(tricycle_pch_of_tests)
  if(NOT TRICYCLE_QUICK)
    return()
  endif()
  tricycle_pch_holder(test EXECUTABLE HEADERS <gmock/gmock.h> <gtest/gtest.h>
                      LIBRARIES nlohmann_json::nlohmann_json GTest::gmock)
  if(TRICYCLE_SIMULATOR)
    tricycle_pch_holder(systemc_test EXECUTABLE HEADERS <gmpxx.h> <gmock/gmock.h> <gtest/gtest.h> <systemc> <tlm>
                        LIBRARIES nlohmann_json::nlohmann_json GMP::gmp GTest::gmock SystemC::systemc)
    target_compile_definitions(tricycle_pch_systemc_test PRIVATE SC_INCLUDE_DYNAMIC_PROCESSES)
  endif()
endfunction()

# Whether a target or what it links to is SystemC.
function(tricycle_links_systemc target result)
  set(${result} OFF PARENT_SCOPE)
  if(target STREQUAL "SystemC::systemc")
    set(${result} ON PARENT_SCOPE)
    return()
  endif()
  if(NOT TARGET ${target})
    return()
  endif()
  get_target_property(libraries ${target} INTERFACE_LINK_LIBRARIES)
  foreach(library ${libraries})
    tricycle_links_systemc("${library}" linked)
    if(linked)
      set(${result} ON PARENT_SCOPE)
      return()
    endif()
  endforeach()
endfunction()

# tricycle_quick_library(<target> DEPS...), tricycle_quick_test(<target> test|systemc_test): nothing without TRICYCLE_QUICK.
function(tricycle_quick_library target)
  if(NOT TRICYCLE_QUICK)
    return()
  endif()
  set(kind library)
  foreach(dependency ${ARGN})
    tricycle_links_systemc(${dependency} linked)
    if(linked)
      set(kind systemc)
    endif()
  endforeach()
  target_precompile_headers(${target} REUSE_FROM tricycle_pch_${kind})
endfunction()

function(tricycle_quick_test target kind)
  if(TRICYCLE_QUICK)
    target_precompile_headers(${target} REUSE_FROM tricycle_pch_${kind})
    target_compile_options(${target} PRIVATE ${tricycle_quick_tests})
    if(kind STREQUAL "systemc_test")
      target_compile_definitions(${target} PRIVATE SC_INCLUDE_DYNAMIC_PROCESSES)  # some use sc_spawn, all share <systemc>
    endif()
  endif()
endfunction()
