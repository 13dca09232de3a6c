// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "models/ring/function/costs.h"
#include "models/ring/function/execution.h"
#include "models/ring/function/schedule.h"
#include "models/ring/network/hardware.h"
#include "models/ring/topology/settings.h"
#include "models/system/settings.h"

namespace platform {

// The prompt as a cluster computes it, layer after layer. Of each layer a GPU computes the query, key and
// value products of its share of the tokens; then comes the attention as the schedule spreads it; then the
// other products. Beside that the share's keys and values are encoded (kv: pq) and sent to the GPU that
// decodes, number 0. No SystemC.
struct PrefillPlan {
  explicit PrefillPlan(const Settings& settings);

  std::shared_ptr<const ring::Network> network;
  std::unique_ptr<ring::Schedule> schedule;
  ring::Problem problem;
  std::unique_ptr<ring::BlockModel> block;
  ring::Plan attention;  // of one layer
  ring::Hardware hardware;
  ring::OpGraph graph;                      // of all layers
  std::vector<ring::OpId> attention_begin;  // by layer: first operation of its attention, which is a run of
                                            // attention.graph.size()
  std::vector<ring::OpId> before;           // by layer and GPU: the products in front of the attention
  std::vector<ring::OpId> kv_messages;      // by layer, of GPU 1, 2, ...
  std::vector<ring::OpId> encodes;          // kv: pq; by layer and GPU
  common::Ps products_ps = 0;               // of one layer and GPU

  // Times of all operations in closed form: the attention of a layer, and the messages of its keys and
  // values, by ring::closed_form(), each as if nothing else were on the fabric.
  ring::Execution formula() const;

  // Times of the attention of a layer as if it had begun at 0: when all GPUs have what goes in.
  ring::Execution slice(const ring::Execution& all, unsigned layer) const;

 private:
  void add_layer(const Settings& settings, unsigned layer, std::vector<ring::OpId>& behind);
};

}  // namespace platform
