// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/chakra/trace.h"

#include <algorithm>
#include <charconv>
#include <fstream>

#include "models/ring/chakra/chakra.pb.h"
#include "sim/core/error.h"

namespace ring::chakra {
namespace {

namespace fs = std::filesystem;
namespace pb = tricycle::chakra;

[[noreturn]] void refuse(const std::string& file, const std::string& what) {
  throw sim::Error(sim::Exit::input, file + ": " + what);
}

std::string place(const Node& node) {
  return "node " + std::to_string(node.id) + " '" + node.name.substr(0, 80) + "'";
}

// Names go into messages and JSON: bytes that are no UTF-8 text become '?'.
std::string text_of(const std::string& bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes.size();) {
    const auto lead = static_cast<unsigned char>(bytes[i]);
    const std::size_t length = lead < 0x80                   ? 1
                               : lead >= 0xc2 && lead < 0xe0 ? 2
                               : lead >= 0xe0 && lead < 0xf0 ? 3
                               : lead >= 0xf0 && lead < 0xf5 ? 4
                                                             : 0;
    bool good = length > 0 && i + length <= bytes.size() && lead >= 0x20 && lead != 0x7f;
    for (std::size_t k = 1; good && k < length; ++k)
      good = (static_cast<unsigned char>(bytes[i + k]) & 0xc0) == 0x80;
    const auto second = static_cast<unsigned char>(good && length > 2 ? bytes[i + 1] : 0x90);
    if ((lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f))
      good = false;  // too long, surrogate
    if ((lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f)) good = false;
    text += good ? bytes.substr(i, length) : "?";
    i += good ? length : 1;
  }
  return text;
}

// Any of the integer kinds: writers differ.
std::optional<std::int64_t> integer(const pb::AttributeProto& a) {
  switch (a.value_case()) {
    case pb::AttributeProto::kInt32Val:
      return a.int32_val();
    case pb::AttributeProto::kInt64Val:
      return a.int64_val();
    case pb::AttributeProto::kUint32Val:
      return a.uint32_val();
    case pb::AttributeProto::kUint64Val:
      if (a.uint64_val() > static_cast<std::uint64_t>(INT64_MAX)) return std::nullopt;
      return static_cast<std::int64_t>(a.uint64_val());
    case pb::AttributeProto::kSint32Val:
      return a.sint32_val();
    case pb::AttributeProto::kSint64Val:
      return a.sint64_val();
    case pb::AttributeProto::kFixed32Val:
      return a.fixed32_val();
    case pb::AttributeProto::kFixed64Val:
      if (a.fixed64_val() > static_cast<std::uint64_t>(INT64_MAX)) return std::nullopt;
      return static_cast<std::int64_t>(a.fixed64_val());
    case pb::AttributeProto::kSfixed32Val:
      return a.sfixed32_val();
    case pb::AttributeProto::kSfixed64Val:
      return a.sfixed64_val();
    case pb::AttributeProto::kBoolVal:
      return a.bool_val() ? 1 : 0;
    default:
      return std::nullopt;
  }
}

class NodeReader {
 public:
  NodeReader(const std::string& file, Node& node) : file_(file), node_(node) {}

  void take(const pb::AttributeProto& a) {
    const std::string& name = a.name();
    if (name == "comm_type")
      number(a, node_.comm_type);
    else if (name == "comm_size")
      number(a, node_.comm_size);
    else if (name == "comm_src")
      number(a, node_.comm_src);
    else if (name == "comm_dst")
      number(a, node_.comm_dst);
    else if (name == "comm_tag")
      number(a, node_.comm_tag);
    else if (name == "root")
      number(a, node_.root);
    else if (name == "num_ops")
      number(a, node_.num_ops);
    else if (name == "tensor_size")
      number(a, node_.tensor_size);
    else if (name == "is_cpu_op")
      node_.is_cpu_op = unsigned_number(a) != 0;
    else if (name == "pg_name")
      node_.pg_name = text(a);
    else if (name == "involved_dim")
      dims(a);
    else if (name == "tricycle_duration_ps")
      node_.duration_ps = unsigned_number(a);
    else if (name == "tricycle_launch_ps")
      node_.launch_ps = unsigned_number(a);
    else if (name == "tricycle_kind")
      node_.kind = text(a);
    else if (name == "tricycle_channel")
      node_.channel = text(a);
    else if (name == "tricycle_step")
      node_.step = static_cast<std::uint32_t>(unsigned_number(a));
    else if (name == "tricycle_pass")
      node_.pass = static_cast<std::uint32_t>(unsigned_number(a));
    else if (name == "tricycle_rendezvous")
      node_.rendezvous = unsigned_number(a) != 0;
    else if (name == "tricycle_remote_deps")
      remote(a);
  }

 private:
  [[noreturn]] void wrong(const pb::AttributeProto& a, const char* wanted) const {
    const bool old = !a.GetReflection()->GetUnknownFields(a).empty();
    refuse(file_, place(node_) + ": attribute '" + text_of(a.name()) + "' is not " + wanted +
                      (old ? "; it is of another version of the schema than 0.0.4: convert the trace with "
                             "Chakra's tools"
                           : ""));
  }
  void number(const pb::AttributeProto& a, std::optional<std::int64_t>& to) const {
    to = integer(a);
    if (!to) wrong(a, "a whole number");
  }
  std::uint64_t unsigned_number(const pb::AttributeProto& a) const {
    const std::optional<std::int64_t> value = integer(a);
    if (!value || *value < 0) wrong(a, "a whole number from 0 on");
    return static_cast<std::uint64_t>(*value);
  }
  std::string text(const pb::AttributeProto& a) const {
    if (a.value_case() == pb::AttributeProto::kStringVal) return text_of(a.string_val());
    if (a.value_case() == pb::AttributeProto::kBytesVal) return text_of(a.bytes_val());
    const std::optional<std::int64_t> value = integer(a);  // groups are often numbers
    if (!value) wrong(a, "a text");
    return std::to_string(*value);
  }
  void dims(const pb::AttributeProto& a) {
    if (a.value_case() == pb::AttributeProto::kBoolList) {
      const auto& values = a.bool_list().values();
      node_.some_dims = std::find(values.begin(), values.end(), false) != values.end();
    } else if (a.value_case() == pb::AttributeProto::kBoolVal) {
      node_.some_dims = !a.bool_val();
    } else {
      wrong(a, "a list of true and false");
    }
  }
  void remote(const pb::AttributeProto& a) {
    if (a.value_case() != pb::AttributeProto::kUint64List) wrong(a, "a list of whole numbers");
    node_.remote_deps.assign(a.uint64_list().values().begin(), a.uint64_list().values().end());
  }

  const std::string& file_;
  Node& node_;
};

// Messages behind their lengths.
class Messages {
 public:
  Messages(std::istream& in, const std::string& file) : in_(in), file_(file) {}

  // False at the end of the file.
  bool next(std::string& message) {
    std::uint64_t length = 0;
    start_ = at_;
    for (unsigned shift = 0;; shift += 7) {
      const int byte = in_.get();
      if (byte < 0) {
        if (shift == 0 && !in_.bad()) return false;
        truncated();
      }
      ++at_;
      if (shift > 28)
        refuse(file_, position() + ": this is no length of a message; is it a Chakra execution trace?");
      length |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if ((byte & 0x80) == 0) break;
    }
    if (length > kMaxMessageBytes) {
      refuse(file_, position() + ": a message of " + std::to_string(length) + " bytes, above the limit of " +
                        std::to_string(kMaxMessageBytes) + "; is it a Chakra execution trace?");
    }
    message.resize(length);
    in_.read(message.data(), static_cast<std::streamsize>(length));
    if (static_cast<std::uint64_t>(in_.gcount()) != length) truncated();
    at_ += length;
    return true;
  }
  std::string position() const { return "byte " + std::to_string(start_); }

 private:
  [[noreturn]] void truncated() const {
    refuse(file_,
           position() + ": the file ends inside a message; it is truncated, or no Chakra execution trace");
  }

  std::istream& in_;
  const std::string& file_;
  std::uint64_t at_ = 0, start_ = 0;
};

Node convert(const pb::Node& from, const std::string& file) {
  Node node;
  node.id = from.id();
  node.name = text_of(from.name());
  const int type = static_cast<int>(from.type());
  if (type <= 0 || type > static_cast<int>(NodeType::collective)) {
    refuse(file,
           place(node) + ": nodes of type " + std::to_string(type) +
               " are not known here (1 to 7 are: METADATA, MEM_LOAD, MEM_STORE, COMP, COMM_SEND, COMM_RECV, "
               "COMM_COLL)");
  }
  node.type = static_cast<NodeType>(type);
  node.deps.assign(from.data_deps().begin(), from.data_deps().end());
  node.deps.insert(node.deps.end(), from.ctrl_deps().begin(), from.ctrl_deps().end());
  node.duration_micros = from.duration_micros();
  NodeReader reader(file, node);
  for (const auto& a : from.attr()) reader.take(a);
  return node;
}

void add(pb::Node& node, const char* name, std::int64_t value) {
  auto* a = node.add_attr();
  a->set_name(name);
  a->set_int64_val(value);
}
void add32(pb::Node& node, const char* name, std::int64_t value) {
  auto* a = node.add_attr();
  a->set_name(name);
  a->set_int32_val(static_cast<std::int32_t>(value));
}
void add(pb::Node& node, const char* name, const std::string& value) {
  auto* a = node.add_attr();
  a->set_name(name);
  a->set_string_val(value);
}

void put(std::ostream& out, const google::protobuf::MessageLite& message) {
  const std::string bytes = message.SerializeAsString();
  for (std::size_t rest = bytes.size();; rest >>= 7) {
    if (rest < 0x80) {
      out.put(static_cast<char>(rest));
      break;
    }
    out.put(static_cast<char>((rest & 0x7f) | 0x80));
  }
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace

const char* word(NodeType type) {
  static const char* const kWords[] = {"INVALID_NODE", "METADATA_NODE",  "MEM_LOAD_NODE",  "MEM_STORE_NODE",
                                       "COMP_NODE",    "COMM_SEND_NODE", "COMM_RECV_NODE", "COMM_COLL_NODE"};
  return kWords[static_cast<int>(type)];
}

const char* word(CommType type) {
  static const char* const kWords[] = {
      "ALL_REDUCE", "REDUCE",         "ALL_GATHER",           "GATHER", "SCATTER", "BROADCAST",
      "ALL_TO_ALL", "REDUCE_SCATTER", "REDUCE_SCATTER_BLOCK", "BARRIER"};
  return kWords[static_cast<int>(type)];
}

Rank read_rank(std::istream& in, const std::string& file) {
  Rank rank;
  rank.file = file;
  Messages messages(in, file);
  std::string bytes;
  pb::GlobalMetadata metadata;
  if (!messages.next(bytes)) refuse(file, "is empty; a Chakra execution trace starts with its metadata");
  if (!metadata.ParseFromString(bytes) || !metadata.GetReflection()->GetUnknownFields(metadata).empty()) {
    refuse(file, "does not start with the metadata of a Chakra execution trace; is it one?");
  }
  rank.version = text_of(metadata.version());
  pb::Node message;
  while (messages.next(bytes)) {
    if (!message.ParseFromString(bytes)) {
      refuse(file,
             messages.position() + ": this is no node of a Chakra execution trace; the file is damaged");
    }
    Node node = convert(message, file);
    const auto [known, fresh] = rank.by_id.emplace(node.id, static_cast<std::uint32_t>(rank.nodes.size()));
    if (!fresh) {
      refuse(file, messages.position() + ": " + place(node) + " has the id of " +
                       place(rank.nodes[known->second]) + "; ids of one rank must differ");
    }
    rank.nodes.push_back(std::move(node));
  }
  return rank;
}

void write_rank(std::ostream& out, const Rank& rank) {
  pb::GlobalMetadata metadata;
  metadata.set_version(rank.version);
  put(out, metadata);
  pb::Node message;
  for (const Node& node : rank.nodes) {
    message.Clear();
    message.set_id(node.id);
    message.set_name(node.name);
    message.set_type(static_cast<pb::NodeType>(node.type));
    message.mutable_data_deps()->Add(node.deps.begin(), node.deps.end());
    message.set_duration_micros(node.duration_micros);
    auto* cpu = message.add_attr();
    cpu->set_name("is_cpu_op");
    cpu->set_bool_val(node.is_cpu_op);
    if (node.comm_type) add(message, "comm_type", *node.comm_type);
    if (node.comm_size) add(message, "comm_size", *node.comm_size);
    if (node.comm_src) add32(message, "comm_src", *node.comm_src);
    if (node.comm_dst) add32(message, "comm_dst", *node.comm_dst);
    if (node.comm_tag) add32(message, "comm_tag", *node.comm_tag);
    if (node.root) add32(message, "root", *node.root);
    if (node.num_ops) add(message, "num_ops", *node.num_ops);
    if (node.tensor_size) add(message, "tensor_size", *node.tensor_size);
    if (!node.pg_name.empty()) add(message, "pg_name", node.pg_name);
    if (node.duration_ps) add(message, "tricycle_duration_ps", static_cast<std::int64_t>(*node.duration_ps));
    if (node.launch_ps > 0) add(message, "tricycle_launch_ps", static_cast<std::int64_t>(node.launch_ps));
    if (!node.kind.empty()) add(message, "tricycle_kind", node.kind);
    if (!node.channel.empty()) add(message, "tricycle_channel", node.channel);
    if (node.step > 0) add(message, "tricycle_step", node.step);
    if (node.pass > 0) add(message, "tricycle_pass", node.pass);
    if (node.rendezvous) add(message, "tricycle_rendezvous", 1);
    if (!node.remote_deps.empty()) {
      auto* a = message.add_attr();
      a->set_name("tricycle_remote_deps");
      a->mutable_uint64_list()->mutable_values()->Add(node.remote_deps.begin(), node.remote_deps.end());
    }
    put(out, message);
  }
}

std::string rank_file(const std::string& prefix, std::uint64_t rank) {
  return prefix + "." + std::to_string(rank) + ".et";
}

std::vector<Rank> read_ranks(const std::string& prefix) {
  // Which ranks there are: files beside the prefix that have its name, a number and .et.
  const fs::path path(prefix);
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  const std::string stem = path.filename().string() + ".";
  std::vector<std::uint64_t> found;
  std::error_code failed;
  for (fs::directory_iterator it(folder, failed), end; !failed && it != end; it.increment(failed)) {
    const std::string name = it->path().filename().string();
    if (name.size() <= stem.size() + 3 || name.compare(0, stem.size(), stem) != 0) continue;
    if (name.compare(name.size() - 3, 3, ".et") != 0) continue;
    const char* first = name.data() + stem.size();
    const char* last = name.data() + name.size() - 3;
    std::uint64_t rank = 0;
    const auto [stop, error] = std::from_chars(first, last, rank);
    if (error == std::errc() && stop == last &&
        std::to_string(rank).size() == static_cast<std::size_t>(last - first)) {
      found.push_back(rank);
    }
  }
  std::sort(found.begin(), found.end());
  if (found.empty()) {
    refuse(rank_file(prefix, 0),
           "there is no such file; a Chakra trace is a set of files PREFIX.RANK.et, ranks from 0");
  }
  std::vector<Rank> ranks;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (found[i] != i) {
      refuse(rank_file(prefix, i),
             "is missing, but " + rank_file(prefix, found[i]) + " is there; ranks count from 0");
    }
    if (i >= kMaxRanks) refuse(rank_file(prefix, i), "more than " + std::to_string(kMaxRanks) + " ranks");
    const std::string file = rank_file(prefix, i);
    std::ifstream in(file, std::ios::binary);
    if (!in) refuse(file, "cannot be opened");
    ranks.push_back(read_rank(in, file));
  }
  return ranks;
}

}  // namespace ring::chakra
