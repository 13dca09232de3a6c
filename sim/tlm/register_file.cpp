// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/tlm/register_file.h"

#include <algorithm>
#include <optional>
#include <sstream>
#include <utility>

#include "sim/core/error.h"

namespace sim::bus {

struct RegisterFile::Entry {
  std::string name;
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
  std::optional<RegisterSpec> reg;  // exactly one of the two
  std::optional<WindowSpec> window;
  std::uint64_t value = 0;  // of a register

  Access access() const { return reg ? reg->access : window->access; }
  bool serves() const { return window && window->serve; }
  std::uint64_t mask() const {
    return reg->width == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << reg->width) - 1;
  }
};

struct RegisterFile::Part {
  Entry* entry;
  unsigned first;        // in the data array
  unsigned count;        // bytes
  std::uint64_t within;  // byte of the entry that data byte `first` stands for
};

namespace {

// The bits of a register that `count` data bytes from `first` stand for, as value and as mask of enabled
// bits.
struct Bits {
  std::uint64_t value = 0;
  std::uint64_t mask = 0;
};

Bits gather(const tlm::tlm_generic_payload& payload, unsigned first, unsigned count, std::uint64_t within,
            bool all) {
  Bits bits;
  for (unsigned i = 0; i < count; ++i) {
    if (!all && !byte_enabled(payload, first + i)) continue;
    const unsigned shift = static_cast<unsigned>(within + i) * 8;
    bits.value |= std::uint64_t{payload.get_data_ptr()[first + i]} << shift;
    bits.mask |= std::uint64_t{0xff} << shift;
  }
  return bits;
}

bool any_enabled(const tlm::tlm_generic_payload& payload, unsigned first, unsigned count) {
  for (unsigned i = 0; i < count; ++i) {
    if (byte_enabled(payload, first + i)) return true;
  }
  return false;
}

std::string hex(std::uint64_t value) {
  std::ostringstream text;
  text << "0x" << std::hex << value;
  return text.str();
}

}  // namespace

const char* name_of(Access access) {
  switch (access) {
    case Access::read_only:
      return "RO";
    case Access::read_write:
      return "RW";
    case Access::write_only:
      return "WO";
    case Access::write_one_to_clear:
      return "W1C";
  }
  return "?";
}

WindowSpec served_window(std::string name, std::uint64_t offset, std::uint64_t bytes, Access access,
                         std::string text, std::function<Device::Reply(tlm::tlm_generic_payload&)> serve) {
  WindowSpec window;
  window.name = std::move(name);
  window.offset = offset;
  window.bytes = bytes;
  window.access = access;
  window.text = std::move(text);
  window.serve = std::move(serve);
  return window;
}

RegisterFile::RegisterFile(std::string name) : name_(std::move(name)) {}
RegisterFile::~RegisterFile() = default;

RegisterFile::Entry& RegisterFile::insert(const std::string& name, std::uint64_t offset,
                                          std::uint64_t bytes) {
  for (const auto& [at, other] : entries_) {
    const bool apart = offset >= at + other->bytes || at >= offset + bytes;
    if (other->name == name || !apart) {
      throw Error(Exit::internal, "register map '" + name_ + "': '" + name + "' at " + hex(offset) +
                                      " has the name or the place of '" + other->name + "' at " + hex(at) +
                                      "; give each its own");
    }
  }
  auto& slot = entries_[offset];
  slot = std::make_unique<Entry>();
  slot->name = name;
  slot->offset = offset;
  slot->bytes = bytes;
  return *slot;
}

void RegisterFile::add_register(RegisterSpec spec) {
  if (spec.width < 1 || spec.width > 64) {
    throw Error(Exit::internal, "register map '" + name_ + "': '" + spec.name + "' is " +
                                    std::to_string(spec.width) +
                                    " bit wide; 1 to 64 are possible, use a window");
  }
  Entry& entry = insert(spec.name, spec.offset, spec.width > 32 ? 8 : 4);
  entry.reg = std::move(spec);
  entry.value = entry.reg->reset & entry.mask();
}

void RegisterFile::add_window(WindowSpec spec) {
  const bool reads = spec.access != Access::write_only;
  const bool writes = spec.access != Access::read_only;
  if (spec.bytes == 0 || spec.access == Access::write_one_to_clear ||
      (!spec.serve && ((reads && !spec.read) || (writes && !spec.write)))) {
    throw Error(Exit::internal, "register map '" + name_ + "': window '" + spec.name +
                                    "' needs a size, RO, RW or WO access, and a hook for each direction");
  }
  insert(spec.name, spec.offset, spec.bytes).window = std::move(spec);
}

RegisterFile::Entry* RegisterFile::at(std::uint64_t address) const {
  auto next = entries_.upper_bound(address);
  if (next == entries_.begin()) return nullptr;
  Entry& entry = *std::prev(next)->second;
  return address - entry.offset < entry.bytes ? &entry : nullptr;
}

RegisterFile::Entry& RegisterFile::named(const std::string& name) const {
  for (const auto& [offset, entry] : entries_) {
    if (entry->name == name && entry->reg) return *entry;
  }
  throw Error(Exit::internal, "register map '" + name_ + "' has no register '" + name + "'");
}

std::uint64_t RegisterFile::get(const std::string& name) const { return named(name).value; }
void RegisterFile::set(const std::string& name, std::uint64_t value) {
  Entry& entry = named(name);
  entry.value = value & entry.mask();
}
std::uint64_t& RegisterFile::value(const std::string& name) { return named(name).value; }

void RegisterFile::reset() {
  for (const auto& [offset, entry] : entries_) {
    if (entry->reg) entry->value = entry->reg->reset & entry->mask();
  }
}

std::uint64_t RegisterFile::size() const {
  return entries_.empty() ? 0 : entries_.rbegin()->first + entries_.rbegin()->second->bytes;
}

// Cuts a transaction at the borders of the entries; false when part of it falls into a hole.
bool RegisterFile::split(const tlm::tlm_generic_payload& payload, std::vector<Part>& parts) const {
  const std::uint64_t start = payload.get_address();
  const unsigned length = payload.get_data_length();
  if (start + length < start) return false;
  for (unsigned done = 0; done < length;) {
    Entry* entry = at(start + done);
    if (entry == nullptr || entry->serves()) return false;
    const std::uint64_t within = start + done - entry->offset;
    const auto count = static_cast<unsigned>(std::min<std::uint64_t>(entry->bytes - within, length - done));
    parts.push_back({entry, done, count, within});
    done += count;
  }
  return true;
}

Device::Reply RegisterFile::access(tlm::tlm_generic_payload& payload) {
  const bool is_write = payload.is_write();
  if (const Entry* entry = at(payload.get_address()); entry != nullptr && entry->serves()) {
    if (!inside(payload.get_address(), payload.get_data_length(), entry->offset, entry->bytes))
      return {tlm::TLM_ADDRESS_ERROR_RESPONSE, false};
    if (entry->access() == (is_write ? Access::read_only : Access::write_only))
      return {tlm::TLM_COMMAND_ERROR_RESPONSE, false};
    return entry->window->serve(payload);
  }
  std::vector<Part> parts;
  if (!split(payload, parts)) return {tlm::TLM_ADDRESS_ERROR_RESPONSE, false};
  parts.erase(std::remove_if(parts.begin(), parts.end(),
                             [&](const Part& part) { return !any_enabled(payload, part.first, part.count); }),
              parts.end());
  // All questions first, all effects after.
  for (const Part& part : parts) {
    const Entry& entry = *part.entry;
    if (entry.access() == (is_write ? Access::read_only : Access::write_only)) {
      return {tlm::TLM_COMMAND_ERROR_RESPONSE, false};
    }
    if (!is_write || !entry.reg || !entry.reg->accept) continue;
    const Bits bits = gather(payload, part.first, part.count, part.within, false);
    const tlm::tlm_response_status status =
        entry.reg->accept(((entry.value & ~bits.mask) | bits.value) & entry.mask());
    if (status != tlm::TLM_OK_RESPONSE) return {status, false};
  }
  for (const Part& part : parts) {
    const auto& ready = part.entry->reg ? part.entry->reg->ready : part.entry->window->ready;
    if (ready && !ready(is_write)) return {tlm::TLM_INCOMPLETE_RESPONSE, true};
  }
  for (const Part& part : parts) apply(part, payload, false);
  return {tlm::TLM_OK_RESPONSE, false};
}

void RegisterFile::apply(const Part& part, tlm::tlm_generic_payload& payload, bool debug) {
  Entry& entry = *part.entry;
  unsigned char* data = payload.get_data_ptr();
  if (entry.reg && payload.is_write()) {
    const Bits bits = gather(payload, part.first, part.count, part.within, debug);
    if (debug) {
      entry.value = ((entry.value & ~bits.mask) | bits.value) & entry.mask();
    } else if (entry.reg->access == Access::write_one_to_clear) {
      entry.value &= ~bits.value;
      if (entry.reg->write) entry.reg->write(bits.value & entry.mask());
    } else {
      entry.value = ((entry.value & ~bits.mask) | bits.value) & entry.mask();
      if (entry.reg->write) entry.reg->write(entry.value);
    }
    return;
  }
  if (entry.reg) {
    const auto& hook = debug && entry.reg->peek ? entry.reg->peek : entry.reg->read;
    const std::uint64_t value = (hook ? hook() : entry.value) & entry.mask();
    for (unsigned i = 0; i < part.count; ++i) {
      if (!debug && !byte_enabled(payload, part.first + i)) continue;
      data[part.first + i] = static_cast<unsigned char>(value >> ((part.within + i) * 8));
    }
    return;
  }
  // A window: one call of the hook for each run of enabled bytes.
  const WindowSpec& window = *entry.window;
  const auto& write = debug && window.poke ? window.poke : window.write;
  const auto& read = debug && window.peek ? window.peek : window.read;
  for (unsigned i = 0; i < part.count;) {
    unsigned run = 0;
    while (i + run < part.count && (debug || byte_enabled(payload, part.first + i + run))) ++run;
    if (run != 0 && payload.is_write() && write) write(part.within + i, data + part.first + i, run);
    if (run != 0 && payload.is_read() && read) read(part.within + i, data + part.first + i, run);
    i += std::max(run, 1U);
  }
}

unsigned RegisterFile::debug(tlm::tlm_generic_payload& payload) {
  std::vector<Part> parts;
  split(payload, parts);  // what lies before a hole counts
  unsigned done = 0;
  for (const Part& part : parts) {
    const Entry& entry = *part.entry;
    const bool possible =
        entry.reg.has_value() || (payload.is_write() ? (entry.window->poke || entry.window->write)
                                                     : (entry.window->peek || entry.window->read));
    if (!possible) break;
    apply(part, payload, true);
    done += part.count;
  }
  return done;
}

std::string RegisterFile::markdown() const {
  std::ostringstream text;
  text << "| offset | name | size | access | reset | meaning |\n|---|---|---|---|---|---|\n";
  std::ostringstream windows;
  for (const auto& [offset, entry] : entries_) {
    if (entry->serves()) {
      windows << "| " << entry->name << " | " << hex(offset) << "-" << hex(offset + entry->bytes - 1) << " | "
              << name_of(entry->access()) << " | " << entry->window->text << " |\n";
      continue;
    }
    text << "| " << hex(offset) << " | `" << entry->name << "` | ";
    if (entry->reg) {
      text << entry->reg->width << " bit | " << name_of(entry->access()) << " | " << hex(entry->reg->reset)
           << " | " << entry->reg->text;
    } else {
      text << entry->bytes << " bytes | " << name_of(entry->access()) << " | - | " << entry->window->text;
    }
    text << " |\n";
  }
  if (!windows.str().empty())
    text << "\n| window | offset | access | meaning |\n| --- | --- | --- | --- |\n" << windows.str();
  return text.str();
}

}  // namespace sim::bus
