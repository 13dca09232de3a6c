// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors

// What the rules are called and what they say; protocol_rules.cpp finds out when.
#include <algorithm>
#include <iterator>
#include <sstream>

#include "sim/tlm/describe.h"
#include "sim/tlm/protocol_rules.h"

namespace sim::bus {

namespace {

struct RuleText {
  Rule rule;
  const char* name;
  const char* clause;
};

constexpr RuleText kRules[] = {
    {Rule::memory_manager, "memory_manager", "14.5 i"},
    {Rule::reference_count, "reference_count", "14.5 t"},
    {Rule::data_pointer, "data_pointer", "14.11 e"},
    {Rule::data_length, "data_length", "14.12 d"},
    {Rule::byte_enable_length, "byte_enable_length", "14.14 f"},
    {Rule::byte_enable_value, "byte_enable_value", "14.13"},
    {Rule::streaming_width, "streaming_width", "14.15 f"},
    {Rule::dmi_hint, "dmi_hint", "14.16"},
    {Rule::response_initial, "response_initial", "14.17 e"},
    {Rule::option, "option", "14.8 g"},
    {Rule::direction, "direction", "15.2.3 c"},
    {Rule::sequence, "sequence", "15.2.4"},
    {Rule::request_exclusion, "request_exclusion", "15.2.6 e"},
    {Rule::response_exclusion, "response_exclusion", "15.2.6 f"},
    {Rule::time_backwards, "time_backwards", "15.2.7 c"},
    {Rule::reused, "reused", "14.5 x"},
    {Rule::mixed, "mixed", "15.2.10 c"},
    {Rule::modified, "modified", "14.7"},
    {Rule::accepted_modified, "accepted_modified", "11.1.2"},
    {Rule::blocked, "blocked", "11.1.2"},
    {Rule::method_process, "method_process", "11.1.1.4 b"},
    {Rule::response_missing, "response_missing", "14.17"},
    {Rule::debug_pointer, "debug_pointer", "11.3.4 l"},
    {Rule::debug_count, "debug_count", "11.3.4 s"},
    {Rule::dmi_descriptor, "dmi_descriptor", "11.2.5"},
};

const RuleText& text_of(Rule rule) {
  return *std::find_if(std::begin(kRules), std::end(kRules),
                       [rule](const RuleText& candidate) { return candidate.rule == rule; });
}

}  // namespace

const char* name_of(Rule rule) { return text_of(rule).name; }
const char* clause_of(Rule rule) { return text_of(rule).clause; }

std::size_t ProtocolRules::count(Rule rule) const {
  return static_cast<std::size_t>(
      std::count_if(violations_.begin(), violations_.end(),
                    [rule](const Violation& violation) { return violation.rule == rule; }));
}

void ProtocolRules::violation(Rule rule, const tlm::tlm_generic_payload& payload, const std::string& what) {
  std::ostringstream text;
  text << name_ << ": " << name_of(rule) << " (IEEE 1666-2011, " << clause_of(rule) << "): " << what << " ["
       << describe(payload) << ", at " << sc_core::sc_time_stamp() << "]";
  violations_.push_back({rule, text.str()});
  // By copy: a listener that throws, or that looks at violations(), must not depend on the vector.
  const Violation said = violations_.back();
  if (listener_) listener_(said);
}

std::string ProtocolRules::unfinished() const {
  std::vector<const Record*> open;
  for (const auto& [payload, record] : records_) open.push_back(&record);
  if (open.empty()) return {};
  std::sort(open.begin(), open.end(), [](const Record* a, const Record* b) { return a->serial < b->serial; });
  std::ostringstream text;
  text << name_ << ": " << open.size() << " transactions not finished:";
  for (const Record* record : open) {
    text << "\n  "
         << (record->command == tlm::TLM_READ_COMMAND    ? "read"
             : record->command == tlm::TLM_WRITE_COMMAND ? "write"
                                                         : "ignore")
         << " of " << record->length << " bytes at 0x" << std::hex << record->address << std::dec << " since "
         << record->since << ": "
         << (record->state == State::requested       ? "no END_REQ"
             : record->state == State::request_ended ? "no BEGIN_RESP"
             : record->state == State::responding    ? "no END_RESP"
                                                     : "the call has not returned");
  }
  return text.str();
}

}  // namespace sim::bus
