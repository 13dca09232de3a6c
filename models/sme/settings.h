// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "models/sme/chip_config.h"
#include "models/sme/function/layer.h"
#include "models/sme/function/networks.h"
#include "models/sme/function/quantizer.h"
#include "models/sme/host_port.h"
#include "models/sme/tech.h"
#include "models/sme/weights/weights_file.h"
#include "sim/config/auto.h"
#include "sim/config/diagnostics.h"
#include "sim/config/resolved.h"
#include "sim/config/visitor.h"

namespace sme {

enum class QuantizerWord { sme, int8, po2, apot, mixed, trace };
enum class ScaleWord { per_tensor, per_channel };
enum class ValueFidelity { bit_true, none };

// `quantizer:`
struct QuantizerSection {
  QuantizerWord kind = QuantizerWord::sme;
  unsigned s = 3;
  unsigned bits = 8;
  unsigned terms = 2;
  double mixed_error = 0.1;
  ScaleWord scale = ScaleWord::per_tensor;

  void fields(sim::config::Visitor& v);
  QuantizerSettings settings() const;
};

struct SqueezeSection {
  unsigned degree = 0;
  void fields(sim::config::Visitor& v);
};

struct AdcSection {
  sim::config::Auto<unsigned> bits = 6u;
  bool clip = true;
  double rate_gsps = 1.2;
  unsigned per_crossbar = 1;
  void fields(sim::config::Visitor& v);
};

struct CrossbarSection {
  CrossbarShape shape;
  double read_ns = 100;
  double write_ns = 100;
  unsigned writers = 8;
  void fields(sim::config::Visitor& v);
};

// `chip:`, `unit:`, `bus:`, ... fill parts of one ChipConfig.
struct ChipSection {
  ChipConfig config;
  void fields(sim::config::Visitor& v);
};

struct InputSection {
  unsigned bits = 8;
  bool is_signed = false;
  double sigma = 0.25;
  void fields(sim::config::Visitor& v);
};

struct AttentionSection {
  bool crossbar = false;
  void fields(sim::config::Visitor& v);
};

struct WorkloadSection {
  std::string network;
  std::string weights;
  std::string trace;
  Orientation orientation = Orientation::inputs_by_outputs;
  sim::config::Auto<std::uint64_t> count;      // inferences, or tokens of a trace
  std::uint64_t first = 0;                     // token of a trace
  sim::config::Auto<std::uint64_t> positions;  // products of a layer and inference
  sim::config::Auto<std::uint64_t> values = std::uint64_t{4};
  std::uint64_t seed = 1;
  WeightLaw law = WeightLaw::gaussian;
  double sigma = 0;

  // The network whose shapes count; empty: none, or the trace's.
  std::string shapes() const {
    return network.empty() && weights.empty() && trace.empty() ? std::string("resnet20_cifar") : network;
  }

  void fields(sim::config::Visitor& v);
};

struct FidelitySection {
  ValueFidelity value = ValueFidelity::bit_true;
  Detail detail = Detail::event;
  void fields(sim::config::Visitor& v);
};

// Everything a configuration of model `sme` may say.
struct Settings {
  WorkloadSection workload;
  QuantizerSection quantizer;
  MappingKind mapping = MappingKind::inter_crossbar;
  SignMode sign = SignMode::differential;
  Depthwise depthwise = Depthwise::diagonal;
  bool packing = false;
  bool release_empty = true;
  SqueezeSection squeeze;
  AdcSection adc;
  CrossbarSection crossbar;
  InputSection inputs;
  DeviceEffects devices;
  AttentionSection attention;
  ChipSection chip;
  bool reload = true;
  FidelitySection fidelity;
  Tech tech;

  void fields(sim::config::Visitor& v);
  // Parts of fields(): what a platform says of its chips as well.
  void mapping_fields(sim::config::Visitor& v);
  void device_fields(sim::config::Visitor& v);
  void chip_fields(sim::config::Visitor& v);
  // Makes file names right from the working directory. To be called before check().
  void locate(const sim::config::Resolved& resolved);
  // Rules across fields.
  void check(const sim::config::Resolved& resolved, sim::config::Diagnostics& diagnostics) const;

  bool replays() const { return !workload.trace.empty(); }
  LayerSettings layer_settings() const;
  ChipConfig chip_config() const;  // with what follows from other sections
  unsigned adc_bits() const;       // resolved
};

}  // namespace sme
