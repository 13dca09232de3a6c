# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
#
# What the trace library needs: Protocol Buffers 3.21 and zstd.
find_package(PkgConfig REQUIRED)
if(NOT TARGET protobuf::libprotobuf)
  find_package(Protobuf 3.21 REQUIRED)
endif()
if(NOT TARGET PkgConfig::ZSTD)
  pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET GLOBAL libzstd)
endif()
