# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
#
# The companion's CUDA back end. TRICYCLE_CUDA: ON needs nvcc, AUTO takes it where it is found, OFF never.
set(TRICYCLE_CUDA "OFF" CACHE STRING "Build the companion's CUDA back end: AUTO, ON or OFF")
set_property(CACHE TRICYCLE_CUDA PROPERTY STRINGS AUTO ON OFF)
set(TRICYCLE_CUDA_FOUND OFF)
if(TRICYCLE_CUDA)
  if(NOT CMAKE_CUDA_ARCHITECTURES)
    set(CMAKE_CUDA_ARCHITECTURES 90)  # machine code and PTX
  endif()
  include(CheckLanguage)
  check_language(CUDA)
  if(CMAKE_CUDA_COMPILER)
    enable_language(CUDA)
    set(TRICYCLE_CUDA_FOUND ON)
  elseif(TRICYCLE_CUDA STREQUAL "ON")
    message(FATAL_ERROR "TRICYCLE_CUDA=ON, but no CUDA compiler was found; set CUDACXX or PATH to nvcc")
  endif()
endif()
message(STATUS "CUDA back end of the companion: ${TRICYCLE_CUDA_FOUND}")
