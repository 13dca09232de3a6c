// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// A SystemC platform with one SME chip in it: a loosely-timed processor writes a vector over TLM-2.0, starts
// a matrix-vector product on the crossbars, waits for the interrupt and reads the sums.
#include <cstdint>
#include <iostream>
#include <memory>
#include <vector>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>

#include "models/sme/chip.h"
#include "models/sme/function/quantizer.h"

struct Processor : sc_core::sc_module {
  tlm_utils::simple_initiator_socket<Processor, 64> socket{"socket"};
  sc_core::sc_in<bool> irq{"irq"};
  const sme::Layer& layer;
  bool right = false;

  Processor(sc_core::sc_module_name name, const sme::Layer& l) : sc_module(name), layer(l) {
    SC_HAS_PROCESS(Processor);
    SC_THREAD(run);
  }

  void run() {
    std::vector<std::int8_t> x(layer.map().inputs);
    for (std::size_t i = 0; i < x.size(); ++i)
      x[i] = static_cast<std::int8_t>(static_cast<int>(i * 7 % 100) - 50);
    transfer(tlm::TLM_WRITE_COMMAND, sme::HostMap::kInput, x.data(), static_cast<unsigned>(x.size()));
    std::uint64_t start = sme::HostMap::kIrqEnable | sme::HostMap::kStart;
    transfer(tlm::TLM_WRITE_COMMAND, sme::HostMap::kControl, &start, 8);
    wait(irq.posedge_event());
    std::vector<std::int64_t> sums(layer.map().outputs);
    transfer(tlm::TLM_READ_COMMAND, sme::HostMap::kResult, sums.data(),
             static_cast<unsigned>(8 * sums.size()));
    sme::GemvResult expected;
    layer.gemv(x.data(), 1, {}, expected);
    right = sums == expected.exact;
    std::cout << sums.size() << " sums of " << x.size() << " products at " << sc_core::sc_time_stamp()
              << (right ? ", right" : ", WRONG") << std::endl;
  }

  void transfer(tlm::tlm_command command, std::uint64_t address, void* data, unsigned bytes) {
    tlm::tlm_generic_payload payload;
    payload.set_command(command);
    payload.set_address(address);
    payload.set_data_ptr(static_cast<unsigned char*>(data));
    payload.set_data_length(bytes);
    payload.set_streaming_width(bytes);
    sc_core::sc_time delay;
    socket->b_transport(payload, delay);
    wait(delay);
    if (payload.is_response_error()) SC_REPORT_ERROR("processor", payload.get_response_string().c_str());
  }
};

int sc_main(int, char**) {
  // 200 x 100 weights, quantised as the paper does, on exact ADCs.
  sme::WeightMatrix weights;
  weights.name = "w";
  weights.inputs = 200;
  weights.outputs = 100;
  for (int i = 0; i < 200 * 100; ++i)
    weights.values.push_back(static_cast<float>(i * 37 % 201 - 100) / 100.0f);
  const auto quantizer = sme::make_quantizer({});
  const auto layer = std::make_shared<sme::Layer>(quantizer->quantize(weights), sme::LayerSettings{});

  sim::Failure failure;
  sim::stats::Group stats("platform");
  sim::record::Recorder recorder;  // records nothing
  sme::ChipConfig config;
  config.banks = 2;
  const sme::HostPortConfig host;
  sme::Chip chip("chip", config, {layer}, failure, stats, recorder, &host);
  Processor processor("processor", *layer);
  sc_core::sc_signal<bool> irq("irq");
  processor.socket.bind(chip.socket());
  processor.irq.bind(irq);
  chip.irq.bind(irq);
  sc_core::sc_start();
  failure.rethrow();
  return processor.right ? 0 : 1;
}
