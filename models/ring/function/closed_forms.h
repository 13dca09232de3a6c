// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Times of schedules as formulas in N. They hold where all GPUs are alike, kernels take t_c a step, merges
// take no time, and a message of a step takes the same time on every GPU.
#pragma once

namespace ring {

/// Times of one message, seconds.
struct MessageTimes {
  double q = 0;    ///< Q of one GPU
  double kv = 0;   ///< K and V of one GPU
  double out = 0;  ///< result of one block with its lse
  double q_and_out =
      0;  ///< both at once: the larger where each has a link of its own, the sum on a shared port
};

/// Ring Attention, plain: N - 1 steps with a message, and one without.
double ring_seconds(unsigned gpus, const MessageTimes& t, double t_c);

/// TokenRing, plain: steps 0 and 1 send Q alone, steps 2 .. N - 2 Q and a result, step N - 1 a result, and
/// the epilogue the last one.
double token_ring_seconds(unsigned gpus, const MessageTimes& t, double t_c);

}  // namespace ring
