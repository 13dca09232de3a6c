// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/io/validate.h"

#include <algorithm>
#include <initializer_list>
#include <set>
#include <utility>

#include "sim/core/error.h"
#include "traces/io/shape.h"
#include "traces/io/validate_text.h"

namespace trace {
namespace {

constexpr std::uint32_t kMostLayers = 65536;
constexpr std::uint32_t kMostSize = 1u << 24;  // of any other size of a model; products fit 64 bits

bool is_digest(const std::string& text) {
  return text.empty() ||
         (text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos);
}

bool is_one_of(const std::string& text, std::initializer_list<const char*> list) {
  return std::any_of(list.begin(), list.end(), [&](const char* each) { return text == each; });
}

}  // namespace

Validator::Validator(const Header& header, std::string name, Report report)
    : header_(header), name_(std::move(name)), report_(std::move(report)) {
  check_header();
}

void Validator::check_header() {
  const Model& m = header_.model();
  const auto size = [&](const char* what, std::uint32_t value, std::uint32_t most) {
    if (value >= 1 && value <= most) return;
    throw sim::Error(sim::Exit::input, name_ + ": header: model." + what + " is " + n(value) +
                                           ", outside 1 to " + n(most) +
                                           "; nothing else can be checked without it");
  };
  size("layers", m.layers(), kMostLayers);
  size("hidden", m.hidden(), kMostSize);
  size("intermediate", m.intermediate(), kMostSize);
  size("heads", m.heads(), kMostSize);
  size("kv_heads", m.kv_heads(), kMostSize);
  size("head_dim", m.head_dim(), kMostSize);
  size("vocab", m.vocab(), kMostSize);
  size("context", m.context(), UINT32_MAX);
  if (m.heads() % m.kv_heads() != 0) {
    wrong("header: " + n(m.heads()) + " heads cannot share " + n(m.kv_heads()) + " kv_heads evenly");
  }
  if (!is_one_of(header_.backend(), {"host", "cuda"})) {
    wrong("header: backend is '" + printable(header_.backend()) + "', neither host nor cuda");
  }
  if (!is_one_of(header_.precision(), {"f32", "int8", "int4", "flexquant"})) {
    wrong("header: precision is '" + printable(header_.precision()) +
          "', none of f32, int8, int4, flexquant");
  }
  if (header_.has_flexquant() != (header_.precision() == "flexquant")) {
    wrong("header: flexquant is there exactly where precision is flexquant, and precision is " +
          printable(header_.precision()));
  }
  const FlexQuant& flex = header_.flexquant();
  std::set<std::uint32_t> order(flex.layer_order().begin(), flex.layer_order().end());
  if (static_cast<int>(order.size()) != flex.layer_order_size() ||
      (!order.empty() && *order.rbegin() >= m.layers())) {
    wrong("header: flexquant.layer_order names a layer twice, or one that there is not");
  }
  if (flex.thresholds_size() != flex.layer_order_size()) {
    wrong("header: " + n(flex.thresholds_size()) + " flexquant.thresholds for " + n(flex.layer_order_size()) +
          " layers in layer_order");
  }
  if (!flex.schedule().empty() && flex.thresholds_size() != 0) {
    wrong("header: flexquant has a schedule and thresholds; one of them chose the bits");
  }
  if (header_.content().filled_cache() && (!header_.synthetic_weights() || header_.prompt_ids_size() != 0)) {
    wrong("header: content.filled_cache with a prompt, or without synthetic_weights");
  }
  const Kv& kv = header_.kv();
  if (!is_one_of(kv.format(), {"f32", "fp16", "pq", "int4", "int3"})) {
    wrong("header: kv.format is '" + printable(kv.format()) + "', none of f32, fp16, pq, int4, int3");
  }
  if (kv.format() == "pq") {
    if (kv.sub_vectors() == 0 || m.head_dim() % kv.sub_vectors() != 0) {
      wrong("header: kv.sub_vectors " + n(kv.sub_vectors()) + " does not divide head_dim " + n(m.head_dim()));
    }
    if (kv.code_bits() == 0 || kv.code_bits() > 16) {
      wrong("header: kv.code_bits " + n(kv.code_bits()) + " is outside 1 to 16");
    }
  }
  for (const std::uint32_t id : header_.prompt_ids()) {
    if (id < m.vocab()) continue;
    wrong("header: prompt id " + n(id) + " is not below vocab " + n(m.vocab()));
    break;
  }
  if (!is_digest(m.weights_digest()) || !is_digest(header_.calibration_digest())) {
    wrong("header: a digest is not 64 lower-case hexadecimal digits");
  }
}

bool Validator::check_layer(const char* kind, std::uint32_t layer) {
  if (layer < header_.model().layers()) return true;
  wrong(std::string(kind) + ": layer " + n(layer) + " of a model of " + n(header_.model().layers()));
  return false;
}

bool Validator::check_place(const char* kind, std::uint32_t layer, int matrix) {
  if (matrix < tricycle::trace::QKV_PROJ || matrix > tricycle::trace::LM_HEAD) {
    wrong(std::string(kind) + ": there is no " + matrix_name(matrix));
    return false;
  }
  if (matrix != tricycle::trace::LM_HEAD) return check_layer(kind, layer);
  if (layer == header_.model().layers()) return true;
  wrong(std::string(kind) + ": lm_head stands in layer " + n(header_.model().layers()) +
        " (the number of layers), not " + n(layer));
  return false;
}

bool Validator::check_matrix(const char* kind, std::uint32_t layer, int matrix, std::uint64_t rows,
                             std::uint64_t cols) {
  if (!check_place(kind, layer, matrix)) return false;
  const MatrixShape shape = matrix_shape(header_.model(), static_cast<Matrix>(matrix));
  if (rows == shape.rows && cols == shape.cols) return true;
  wrong(std::string(kind) + ": " + matrix_name(matrix) + " has " + n(rows) + " x " + n(cols) +
        ", by the header it has " + n(shape.rows) + " x " + n(shape.cols));
  return false;
}

void Validator::check_after_token(const char* kind) {
  if (!token_) wrong(std::string(kind) + ": belongs to a Token, and none came yet");
}

void Validator::check_before_token(const char* kind) {
  if (token_) wrong(std::string(kind) + ": must stand before the first Token");
}

void Validator::check(const Record& record) {
  switch (record.kind_case()) {
    case Record::kTensor:
      return check(record.tensor());
    case Record::kTileDigest:
      return check(record.tile_digest());
    case Record::kPrefill:
      return check(record.prefill());
    case Record::kToken:
      return check(record.token());
    case Record::kGemv:
      return check(record.gemv());
    case Record::kKvAppend:
      return check(record.kv_append());
    case Record::kKvAttend:
      return check(record.kv_attend());
    case Record::kModulus:
      return check(record.modulus());
    case Record::kModMul:
      return check(record.mod_mul());
    default:
      wrong("a header or footer among the records");
  }
}

void Validator::finish(const Footer& footer, const std::array<std::uint64_t, kKinds + 1>& counts) {
  std::uint64_t known = 0, all = 0;
  for (const auto& [kind, count] : footer.counts()) {
    all += count;
    if (kind < 1 || kind > kKinds) continue;
    known += count;
    if (count != counts[kind]) {
      wrong("footer: counts " + n(count) + " records of kind " + kind_name(kind) + ", there are " +
            n(counts[kind]));
    }
  }
  for (unsigned kind = 1; kind <= kKinds; ++kind) {
    if (counts[kind] > 0 && footer.counts().count(kind) == 0) {
      wrong("footer: does not count the " + n(counts[kind]) + " records of kind " + kind_name(kind));
    }
  }
  if (all - known != counts[0]) {
    wrong("footer: counts " + n(all - known) + " records of unknown kinds, there are " + n(counts[0]));
  }
  if (footer.tokens() != counts[static_cast<unsigned>(Kind::token)]) {
    wrong("footer: says " + n(footer.tokens()) + " tokens, there are " +
          n(counts[static_cast<unsigned>(Kind::token)]));
  }
  if (!token_) check_content();
  if (!footer.complete()) return;
  const Content& c = header_.content();
  const auto promised = [&](bool flag, const char* name, Kind kind) {
    if (flag && counts[static_cast<unsigned>(kind)] == 0) {
      wrong(std::string("footer: the header's content.") + name + " is set, but there is no " +
            kind_name(kind));
    }
  };
  promised(c.weights(), "weights", Kind::tensor);
  promised(c.tile_digests(), "tile_digests", Kind::tile_digest);
  promised(c.prefill(), "prefill", Kind::prefill);
}

Validation validate(Reader& reader, const std::function<void(const std::string&)>& report,
                    const std::function<void()>& progress) {
  Validation result;
  const auto problem = [&](const std::string& what) {
    ++result.problems;
    report(reader.name() + ": " + to_string(reader.position()) + ": " + what);
  };
  Validator validator(reader.header(), reader.name(), problem);
  while (reader.next()) {
    validator.check(reader.record());
    if (progress) progress();
  }
  validator.finish(reader.footer(), reader.counts());
  result.complete = reader.footer().complete();
  return result;
}

}  // namespace trace
