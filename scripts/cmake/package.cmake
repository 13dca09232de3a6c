# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
#
# cmake --install: headers, libraries, the program, and what find_package(tricycle) needs.
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/tricycle)
install(EXPORT tricycle-targets NAMESPACE tricycle:: DESTINATION ${package_dir})
configure_package_config_file(${PROJECT_SOURCE_DIR}/scripts/cmake/tricycleConfig.cmake.in
                              ${PROJECT_BINARY_DIR}/tricycleConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/tricycleConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/tricycleConfig.cmake ${PROJECT_BINARY_DIR}/tricycleConfigVersion.cmake
              ${PROJECT_SOURCE_DIR}/scripts/cmake/dependencies.cmake
              ${PROJECT_SOURCE_DIR}/scripts/cmake/dependencies_trace.cmake
        DESTINATION ${package_dir})
