# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
#
# What traces/ needs. The trace library: Protocol Buffers 3.21, zstd, and a JSON library for `trace dump`; the companion:
# the others.
find_package(PkgConfig REQUIRED)
if(NOT TARGET protobuf::libprotobuf)
  find_package(Protobuf 3.21 REQUIRED)
endif()
if(NOT TARGET PkgConfig::ZSTD)
  pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET GLOBAL libzstd)
endif()
find_package(Boost 1.74 REQUIRED)
find_package(nlohmann_json 3.11 CONFIG REQUIRED)
find_package(Boost 1.74 REQUIRED COMPONENTS program_options)
find_package(Threads REQUIRED)
