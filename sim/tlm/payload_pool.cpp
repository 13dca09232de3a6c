// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/tlm/payload_pool.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <utility>

#include "sim/core/error.h"
#include "sim/tlm/describe.h"
#include "sim/tlm/tag.h"

namespace sim::bus {

struct PayloadPool::Pooled : tlm::tlm_generic_payload {
  explicit Pooled(PayloadPool* pool) : tlm::tlm_generic_payload(pool), tag(new Tag) {
    set_extension(tag);  // sticky; the payload's destructor frees it
  }
  Tag* tag;
  std::uint64_t serial = 0;  // the pool's own copy: an initiator may write to the tag
  std::vector<unsigned char> buffer;
  sc_core::sc_time since;
};

PayloadPool::PayloadPool(std::string name) : name_(std::move(name)) {}

PayloadPool::~PayloadPool() {
  const char* wanted = std::getenv("SIM_PAYLOAD_CHECK");
  if (outstanding() == 0 || wanted == nullptr || std::strcmp(wanted, "1") != 0) return;
  try {
    SC_REPORT_WARNING("/sim/bus/payload_pool", leaks().c_str());
  } catch (...) {  // a report handler may throw, a destructor must not
  }
}

tlm::tlm_generic_payload& PayloadPool::acquire(unsigned data_bytes) {
  if (idle_.empty()) {
    all_.push_back(std::make_unique<Pooled>(this));
    idle_.push_back(all_.back().get());
  }
  Pooled& payload = *idle_.back();
  idle_.pop_back();
  high_water_ = std::max(high_water_, outstanding());
  payload.serial = ++acquired_;
  payload.since = sc_core::sc_time_stamp();
  *payload.tag = Tag{};
  payload.tag->id = payload.serial;
  if (payload.buffer.size() < data_bytes) payload.buffer.resize(data_bytes);
  payload.set_command(tlm::TLM_IGNORE_COMMAND);
  payload.set_address(0);
  payload.set_data_ptr(data_bytes == 0 ? nullptr : payload.buffer.data());
  payload.set_data_length(data_bytes);
  payload.set_streaming_width(std::max(data_bytes, 1U));  // never 0, also not for TLM_IGNORE_COMMAND
  payload.set_byte_enable_ptr(nullptr);
  payload.set_byte_enable_length(0);
  payload.set_dmi_allowed(false);
  payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  payload.acquire();
  return payload;
}

void PayloadPool::free(tlm::tlm_generic_payload* payload) {
  auto& pooled = static_cast<Pooled&>(*payload);
  pooled.reset();  // frees the extensions set with set_auto_extension; the sticky ones stay
  pooled.serial = 0;
  idle_.push_back(&pooled);
}

std::string PayloadPool::leaks() const {
  std::vector<const Pooled*> lost;
  for (const auto& payload : all_) {
    if (payload->serial != 0) lost.push_back(payload.get());
  }
  if (lost.empty()) return {};
  std::sort(lost.begin(), lost.end(), [](const Pooled* a, const Pooled* b) { return a->serial < b->serial; });
  std::ostringstream text;
  text << "pool '" << name_ << "': " << lost.size() << " of " << acquired_
       << " payloads not given back; each acquire() needs one release():";
  for (const Pooled* payload : lost) {
    text << "\n  id " << payload->serial << ", acquired at " << payload->since << ", reference count "
         << payload->get_ref_count() << ", " << describe(*payload);
  }
  return text.str();
}

void PayloadPool::check() const {
  if (outstanding() != 0) throw Error(Exit::check, leaks());
}

}  // namespace sim::bus
