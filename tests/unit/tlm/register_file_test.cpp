// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/tlm/register_file.h"

#include <algorithm>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/core/error.h"

namespace {

using sim::bus::Access;
using sim::bus::Device;
using sim::bus::RegisterFile;
using Bytes = std::vector<unsigned char>;
using testing::HasSubstr;

class RegisterFileTest : public testing::Test {
 protected:
  RegisterFileTest() {
    file.add_register(
        {"control", 0x0, 8, Access::read_write, 0x12, "start bits", {}, {}, [this](std::uint64_t v) {
           written.push_back(v);
         }});
    file.add_register({"status", 0x4, 32, Access::read_only, 0xabcd1234, "state"});
    file.add_register({"cause", 0x8, 4, Access::write_one_to_clear, 0xf, "interrupt causes"});
    file.add_register({"key", 0xc, 32, Access::write_only, 0, "secret"});
    file.add_register({"count", 0x10, 64, Access::read_write, 0, "wide"});
    sim::bus::WindowSpec window;
    window.name = "data";
    window.offset = 0x20;
    window.bytes = 16;
    window.text = "operand";
    window.read = [this](std::uint64_t at, unsigned char* out, std::size_t n) {
      ++window_reads;
      std::copy_n(memory.begin() + static_cast<std::ptrdiff_t>(at), n, out);
    };
    window.write = [this](std::uint64_t at, const unsigned char* in, std::size_t n) {
      std::copy_n(in, n, memory.begin() + static_cast<std::ptrdiff_t>(at));
    };
    window.ready = [this](bool) { return window_ready; };
    file.add_window(window);
  }

  Device::Reply transfer(tlm::tlm_command command, std::uint64_t address, Bytes& data, Bytes enables = {}) {
    tlm::tlm_generic_payload payload;
    fill(payload, command, address, data);
    if (!enables.empty()) {
      payload.set_byte_enable_ptr(enables.data());
      payload.set_byte_enable_length(static_cast<unsigned>(enables.size()));
    }
    return file.access(payload);
  }
  tlm::tlm_response_status write(std::uint64_t address, Bytes data, Bytes enables = {}) {
    return transfer(tlm::TLM_WRITE_COMMAND, address, data, std::move(enables)).status;
  }
  std::pair<tlm::tlm_response_status, Bytes> read(std::uint64_t address, unsigned length,
                                                  Bytes enables = {}) {
    Bytes data(length, 0xee);
    const auto status = transfer(tlm::TLM_READ_COMMAND, address, data, std::move(enables)).status;
    return {status, data};
  }
  static void fill(tlm::tlm_generic_payload& payload, tlm::tlm_command command, std::uint64_t address,
                   Bytes& data) {
    payload.set_command(command);
    payload.set_address(address);
    payload.set_data_ptr(data.data());
    payload.set_data_length(static_cast<unsigned>(data.size()));
    payload.set_streaming_width(static_cast<unsigned>(data.size()));
  }

  RegisterFile file{"unit"};
  std::vector<std::uint64_t> written;
  Bytes memory = Bytes(16);
  bool window_ready = true;
  int window_reads = 0;
};

constexpr auto kOk = tlm::TLM_OK_RESPONSE;

TEST_F(RegisterFileTest, ReadsLittleEndianWithUnusedBitsZero) {
  EXPECT_EQ(read(0x0, 4), std::pair(kOk, Bytes{0x12, 0, 0, 0}));
  EXPECT_EQ(read(0x4, 4), std::pair(kOk, Bytes{0x34, 0x12, 0xcd, 0xab}));
  EXPECT_EQ(read(0x6, 2), std::pair(kOk, Bytes{0xcd, 0xab}));
}

TEST_F(RegisterFileTest, WritesMergeEnabledBytesAndCallTheHook) {
  EXPECT_EQ(write(0x0, {0xff, 0xff, 0xff, 0xff}), kOk);
  EXPECT_EQ(file.get("control"), 0xffU);  // 8 bits only
  EXPECT_EQ(write(0x10, {1, 2, 3, 4, 5, 6, 7, 8}), kOk);
  EXPECT_EQ(write(0x10, {9, 9, 9, 9}, {0xff, 0, 0, 0xff}), kOk);
  EXPECT_EQ(file.get("count"), 0x0807060509030209U);
  EXPECT_THAT(written, testing::ElementsAre(0xffU));
}

TEST_F(RegisterFileTest, AccessRights) {
  EXPECT_EQ(write(0x4, {1}), tlm::TLM_COMMAND_ERROR_RESPONSE);
  EXPECT_EQ(read(0xc, 4).first, tlm::TLM_COMMAND_ERROR_RESPONSE);
  EXPECT_EQ(write(0xc, {1, 2, 3, 4}), kOk);
  EXPECT_EQ(file.get("key"), 0x04030201U);
  EXPECT_EQ(write(0x8, {0x5}), kOk);
  EXPECT_EQ(file.get("cause"), 0xaU);
}

TEST_F(RegisterFileTest, HolesAreAddressErrors) {
  EXPECT_EQ(read(0x18, 4).first, tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(read(0x30, 1).first, tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(read(0x14, 8).first, tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(write(~std::uint64_t{0}, {1, 2}), tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

TEST_F(RegisterFileTest, ABurstHappensAsAWholeOrNotAtAll) {
  EXPECT_EQ(write(0x0, {1, 0, 0, 0, 2, 0, 0, 0}), tlm::TLM_COMMAND_ERROR_RESPONSE);
  EXPECT_EQ(file.get("control"), 0x12U);
  EXPECT_TRUE(written.empty());
  // With the read-only register disabled the rest may be written.
  EXPECT_EQ(write(0x0, {1, 0, 0, 0, 2, 0, 0, 0}, {0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0}), kOk);
  EXPECT_EQ(file.get("control"), 1U);
  EXPECT_EQ(read(0x0, 8), std::pair(kOk, Bytes{1, 0, 0, 0, 0x34, 0x12, 0xcd, 0xab}));
}

TEST_F(RegisterFileTest, NotReadyIsARetryWithoutEffect) {
  window_ready = false;
  Bytes data(4);
  EXPECT_TRUE(transfer(tlm::TLM_READ_COMMAND, 0x20, data).retry);
  EXPECT_EQ(window_reads, 0);
  window_ready = true;
  EXPECT_FALSE(transfer(tlm::TLM_READ_COMMAND, 0x20, data).retry);
  EXPECT_EQ(window_reads, 1);
  EXPECT_EQ(file.retry_event(), &file.retry());
}

TEST_F(RegisterFileTest, AcceptRefusesAValue) {
  sim::bus::RegisterSpec spec{"mode", 0x40};
  spec.accept = [](std::uint64_t v) { return v < 3 ? kOk : tlm::TLM_GENERIC_ERROR_RESPONSE; };
  file.add_register(spec);
  EXPECT_EQ(write(0x40, {3, 0, 0, 0}), tlm::TLM_GENERIC_ERROR_RESPONSE);
  EXPECT_EQ(file.get("mode"), 0U);
  EXPECT_EQ(write(0x40, {2, 0, 0, 0}), kOk);
  EXPECT_EQ(file.get("mode"), 2U);
}

TEST_F(RegisterFileTest, WindowsTakeRunsOfEnabledBytes) {
  EXPECT_EQ(write(0x22, {1, 2, 3, 4, 5}, {0xff, 0xff, 0}), kOk);
  EXPECT_EQ(memory, (Bytes{0, 0, 1, 2, 0, 4, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(read(0x22, 4, {0xff, 0}), std::pair(kOk, Bytes{1, 0xee, 0, 0xee}));
  EXPECT_EQ(window_reads, 2);
}

TEST_F(RegisterFileTest, DebugHasNoSideEffectsAndStopsAtAHole) {
  int pops = 0;
  sim::bus::RegisterSpec fifo{"fifo", 0x40, 32, Access::read_only};
  fifo.read = [&pops] { return static_cast<std::uint64_t>(++pops); };
  fifo.peek = [] { return std::uint64_t{77}; };
  file.add_register(fifo);
  Bytes data(4);
  tlm::tlm_generic_payload payload;
  fill(payload, tlm::TLM_READ_COMMAND, 0x40, data);
  EXPECT_EQ(file.debug(payload), 4U);
  EXPECT_EQ(data[0], 77);
  EXPECT_EQ(pops, 0);
  Bytes long_data(32, 0x55);
  fill(payload, tlm::TLM_WRITE_COMMAND, 0x4, long_data);
  EXPECT_EQ(file.debug(payload), 0x14U);  // up to the hole at 0x18; rights do not count
  EXPECT_EQ(file.get("status"), 0x55555555U);
  EXPECT_TRUE(written.empty());
}

TEST_F(RegisterFileTest, ResetRestoresEveryRegister) {
  write(0x0, {7});
  file.set("status", 1);
  file.value("count") = 5;
  file.reset();
  EXPECT_EQ(file.get("control"), 0x12U);
  EXPECT_EQ(file.get("status"), 0xabcd1234U);
  EXPECT_EQ(file.get("count"), 0U);
}

TEST_F(RegisterFileTest, DescribesItself) {
  EXPECT_THAT(file.markdown(), HasSubstr("| 0x4 | `status` | 32 bit | RO | 0xabcd1234 | state |"));
  EXPECT_THAT(file.markdown(), HasSubstr("| 0x20 | `data` | 16 bytes | RW | - | operand |"));
  EXPECT_EQ(file.size(), 0x30U);
}

TEST_F(RegisterFileTest, AWindowThatServesGetsWholeTransactions) {
  unsigned served = 0;
  file.add_window(sim::bus::served_window("fifo", 0x200, 16, sim::bus::Access::write_only, "items of 8 bytes",
                                          [&](tlm::tlm_generic_payload& payload) -> Device::Reply {
                                            ++served;
                                            if (payload.get_data_length() % 8 != 0)
                                              return {tlm::TLM_BURST_ERROR_RESPONSE};
                                            return {tlm::TLM_OK_RESPONSE, payload.get_data_ptr()[0] == 7};
                                          }));
  EXPECT_EQ(write(0x204, Bytes(8)), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(write(0x200, Bytes(4)), tlm::TLM_BURST_ERROR_RESPONSE);
  Bytes wait(8, 7);
  EXPECT_TRUE(transfer(tlm::TLM_WRITE_COMMAND, 0x200, wait).retry);
  EXPECT_EQ(served, 3u);
  EXPECT_EQ(read(0x200, 8).first, tlm::TLM_COMMAND_ERROR_RESPONSE);
  EXPECT_EQ(write(0x20c, Bytes(8)), tlm::TLM_ADDRESS_ERROR_RESPONSE);  // beyond its end
  file.add_register({"before", 0x1fc});
  EXPECT_EQ(write(0x1fc, Bytes(8)), tlm::TLM_ADDRESS_ERROR_RESPONSE);  // into it
  EXPECT_EQ(served, 3u);
  tlm::tlm_generic_payload payload;
  Bytes data(8);
  fill(payload, tlm::TLM_READ_COMMAND, 0x1fc, data);
  EXPECT_EQ(file.debug(payload), 4u);
  EXPECT_THAT(file.markdown(), HasSubstr("| fifo | 0x200-0x20f | WO | items of 8 bytes |"));
}

TEST_F(RegisterFileTest, MistakesOfTheModelAreErrors) {
  EXPECT_THROW(file.add_register({"control", 0x50}), sim::Error);   // name
  EXPECT_THROW(file.add_register({"other", 0x12}), sim::Error);     // place
  EXPECT_THROW(file.add_register({"wide", 0x50, 65}), sim::Error);  // width
  EXPECT_THROW(file.get("nobody"), sim::Error);
  sim::bus::WindowSpec window;
  window.name = "hookless";
  window.offset = 0x100;
  window.bytes = 4;
  EXPECT_THROW(file.add_window(window), sim::Error);
}

}  // namespace
