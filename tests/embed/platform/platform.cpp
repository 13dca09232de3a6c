// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// A SystemC platform with one ALLMod reducer in it: a loosely-timed processor writes an operand over TLM-2.0,
// waits for the interrupt and reads the result.
#include <cstdint>
#include <iostream>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>

#include "models/allmod/reducer.h"

struct Processor : sc_core::sc_module {
  tlm_utils::simple_initiator_socket<Processor, 64> socket{"socket"};
  sc_core::sc_in<bool> irq{"irq"};
  bool right = false;

  explicit Processor(sc_core::sc_module_name name) : sc_module(name) {
    SC_HAS_PROCESS(Processor);
    SC_THREAD(run);
  }

  void run() {
    std::uint64_t enable = 1;
    transfer(tlm::TLM_WRITE_COMMAND, allmod::HostMap::kControl, &enable, 8);
    std::uint64_t operand[2] = {0x123456789abcdef0, 0x0fedcba987654321};
    transfer(tlm::TLM_WRITE_COMMAND, allmod::HostMap::kOperand, operand, 16);
    wait(irq.posedge_event());
    std::uint64_t result = 0;
    transfer(tlm::TLM_READ_COMMAND, allmod::HostMap::kResult, &result, 8);
    const unsigned __int128 x = (static_cast<unsigned __int128>(operand[1]) << 64) | operand[0];
    right = result == static_cast<std::uint64_t>(x % 0xffffffff00000001u);
    std::cout << "X mod (2^64 - 2^32 + 1) = " << std::hex << result << " at " << sc_core::sc_time_stamp()
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
  sim::Failure failure;
  sim::stats::Group stats("platform");
  sim::record::Recorder recorder;  // records nothing
  allmod::ReducerConfig config;
  config.design.n = 64;
  allmod::Reducer reducer("reducer", config, allmod::Modulus::named("goldilocks", 64), failure, stats,
                          recorder);
  Processor processor("processor");
  sc_core::sc_signal<bool> irq("irq");
  processor.socket.bind(reducer.socket());
  processor.irq.bind(irq);
  reducer.irq.bind(irq);
  sc_core::sc_start();
  failure.rethrow();
  return processor.right ? 0 : 1;
}
