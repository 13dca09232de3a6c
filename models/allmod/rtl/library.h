// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Text of the modules that designs are put together from; see the comments in them.
#pragma once

#include <string>

namespace allmod {

std::string fifo2_module(bool open = false);
std::string fifo2_control_module();
std::string register_module();
std::string waiting_module();
std::string rom_module(bool block);

}  // namespace allmod
