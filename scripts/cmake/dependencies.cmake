# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
#
# Every library comes from the system; nothing is downloaded.
# NO_CMAKE_PACKAGE_REGISTRY: upstream SystemC's build registers its build tree under ~/.cmake, where a
# library built for another C++ standard would silently win over the installed one.
find_package(PkgConfig REQUIRED)
include(${CMAKE_CURRENT_LIST_DIR}/dependencies_trace.cmake)

if(NOT TARGET SystemC::systemc)
  find_package(SystemCLanguage CONFIG QUIET NO_CMAKE_PACKAGE_REGISTRY)
endif()
if(NOT TARGET SystemC::systemc)
  pkg_check_modules(SYSTEMC REQUIRED IMPORTED_TARGET GLOBAL systemc)
  add_library(SystemC::systemc INTERFACE IMPORTED GLOBAL)  # not ALIAS: try_compile cannot take one
  set_target_properties(SystemC::systemc PROPERTIES INTERFACE_LINK_LIBRARIES PkgConfig::SYSTEMC)
endif()

find_package(yaml-cpp CONFIG REQUIRED NO_CMAKE_PACKAGE_REGISTRY)
if(NOT TARGET yaml-cpp::yaml-cpp)  # 0.7 exports plain "yaml-cpp"
  add_library(yaml-cpp::yaml-cpp INTERFACE IMPORTED GLOBAL)
  set_target_properties(yaml-cpp::yaml-cpp PROPERTIES INTERFACE_LINK_LIBRARIES yaml-cpp)
endif()

find_package(spdlog CONFIG REQUIRED)
find_package(nlohmann_json 3.11 CONFIG REQUIRED)
find_package(Boost 1.74 REQUIRED COMPONENTS program_options)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(SQLite3 REQUIRED)
find_package(muparser CONFIG REQUIRED)
find_package(Pagmo CONFIG REQUIRED)
if(NOT TARGET GMP::gmp)
  pkg_check_modules(GMP REQUIRED IMPORTED_TARGET GLOBAL gmp)
  add_library(GMP::gmp INTERFACE IMPORTED GLOBAL)
  set_target_properties(GMP::gmp PROPERTIES INTERFACE_LINK_LIBRARIES PkgConfig::GMP)
endif()

if(NOT DEFINED TRICYCLE_SYSTEMC_LINKS_CXX17)
  include(CheckCXXSourceCompiles)
  set(CMAKE_REQUIRED_LIBRARIES SystemC::systemc)
  set(CMAKE_REQUIRED_FLAGS -std=c++17)
  check_cxx_source_compiles("#include <systemc>\nint sc_main(int, char**) { return 0; }" TRICYCLE_SYSTEMC_LINKS_CXX17)
  unset(CMAKE_REQUIRED_LIBRARIES)
  unset(CMAKE_REQUIRED_FLAGS)
endif()
if(NOT TRICYCLE_SYSTEMC_LINKS_CXX17)
  message(FATAL_ERROR "The SystemC library found was not built for C++17. Install Debian's libsystemc-dev, "
                      "or point PKG_CONFIG_PATH at a SystemC 2.3.4 built with -DCMAKE_CXX_STANDARD=17.")
endif()
