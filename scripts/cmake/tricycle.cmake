# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors

# Flags of every target of ours; never exported.
add_library(tricycle_flags INTERFACE)
target_compile_options(tricycle_flags INTERFACE
  "$<$<COMPILE_LANGUAGE:CXX>:-Wall;-Wextra;-Wpedantic;-Wshadow;-Wconversion;-Wno-sign-conversion;$<$<BOOL:${TRICYCLE_WERROR}>:-Werror>>")

# tricycle_library(<name> SOURCES ... HEADERS ... DEPS ... [INTERFACE])
# A static library tricycle_<name>, alias tricycle::<name>, installed and exported under that name.
# HEADERS are relative to the current folder and are installed under their path in the repository.
function(tricycle_library name)
  cmake_parse_arguments(ARG "INTERFACE" "" "SOURCES;HEADERS;DEPS" ${ARGN})
  if(ARG_INTERFACE)
    add_library(tricycle_${name} INTERFACE)
    set(scope INTERFACE)
  else()
    add_library(tricycle_${name} STATIC ${ARG_SOURCES})
    target_link_libraries(tricycle_${name} PRIVATE $<BUILD_INTERFACE:tricycle_flags>)
    set(scope PUBLIC)
  endif()
  add_library(tricycle::${name} ALIAS tricycle_${name})
  target_link_libraries(tricycle_${name} ${scope} ${ARG_DEPS})
  target_compile_features(tricycle_${name} ${scope} cxx_std_17)
  target_include_directories(tricycle_${name} ${scope} $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
                                                       $<INSTALL_INTERFACE:include/tricycle>)
  set_target_properties(tricycle_${name} PROPERTIES EXPORT_NAME ${name})
  install(TARGETS tricycle_${name} EXPORT tricycle-targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  file(RELATIVE_PATH folder ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  foreach(header ${ARG_HEADERS})
    get_filename_component(sub ${header} DIRECTORY)
    install(FILES ${header} DESTINATION include/tricycle/${folder}/${sub})
  endforeach()
endfunction()

# For continuous integration: the tests' own code is run once. Libraries and programs are what they are without it.
option(TRICYCLE_QUICK "Build tests with little optimisation" OFF)
set(tricycle_test_flags "")
if(TRICYCLE_QUICK AND CMAKE_BUILD_TYPE STREQUAL "Release")
  set(tricycle_test_flags -O1 -Wno-maybe-uninitialized)  # a guess that needs more optimisation
endif()

# tricycle_test(<name> SOURCES ... DEPS ... LABELS ... [SYSTEMC])
# One executable, one ctest case (one process) per GoogleTest case.
function(tricycle_test name)
  cmake_parse_arguments(ARG "SYSTEMC" "TIMEOUT" "SOURCES;DEPS;LABELS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 60)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE tricycle_flags ${ARG_DEPS} GTest::gmock)
  if(ARG_SYSTEMC)
    target_link_libraries(${name} PRIVATE tricycle_sc_test_main)
  else()
    target_link_libraries(${name} PRIVATE GTest::gmock_main)
  endif()
  target_compile_options(${name} PRIVATE ${tricycle_test_flags})
  target_compile_definitions(${name} PRIVATE TRICYCLE_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  gtest_discover_tests(${name} TEST_PREFIX "${name}." DISCOVERY_TIMEOUT 60
                       PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}"
                                  ENVIRONMENT "SYSTEMC_DISABLE_COPYRIGHT_MESSAGE=1;SIM_PAYLOAD_CHECK=1")
endfunction()
