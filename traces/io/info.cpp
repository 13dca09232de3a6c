// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/io/info.h"

#include <algorithm>
#include <iomanip>
#include <ostream>
#include <sstream>

namespace trace {
namespace {

constexpr std::size_t kIdsShown = 16, kModuliShown = 16, kPiecesShown = 32;

std::string grouped(std::uint64_t value) {
  std::string digits = std::to_string(value);
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, ",");
  return digits;
}

std::string fixed(double value, int digits) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(digits) << value;
  return text.str();
}

std::ostream& line(std::ostream& out, const char* name) {
  return out << "  " << std::left << std::setw(20) << name << std::right;
}

std::string or_none(const std::string& text) { return text.empty() ? "none" : printable(text); }

std::string listed(const std::vector<std::pair<bool, const char*>>& flags) {
  std::string text;
  for (const auto& [set, name] : flags) {
    if (set) text += std::string(text.empty() ? "" : ", ") + name;
  }
  return or_none(text);
}

std::string kv_text(const Kv& kv) {
  std::string text = kv.format();
  if (kv.sub_vectors() > 0) text += ", " + std::to_string(kv.sub_vectors()) + " sub-vectors";
  if (kv.code_bits() > 0) text += ", codes of " + std::to_string(kv.code_bits()) + " bits";
  if (kv.residual_tokens() > 0) {
    text += ", residual of " + std::to_string(kv.residual_tokens()) + " tokens, encoded " +
            (kv.asynchronous() ? "asynchronously" : "synchronously");
  }
  return or_none(text);
}

}  // namespace

Info::Info(const Reader& reader)
    : name_(reader.name()),
      version_(reader.version()),
      header_(reader.header()),
      layers_(std::min(header_.model().layers(), 65536u)) {
  bytes_[1] = reader.record_bytes();
}

void Info::read(Reader& reader, const std::function<void()>& progress) {
  const auto figures = [&] {
    counts_ = reader.counts();
    record_bytes_ = reader.record_bytes();
    file_bytes_ = reader.file_bytes_used();
  };
  try {
    frames_ = 1;
    last_frame_ = reader.position().frame;
    while (reader.next()) {
      count(reader);
      if (progress) progress();
    }
  } catch (...) {
    figures();
    throw;
  }
  figures();
  std::uint64_t others = 0;
  for (unsigned kind = 1; kind <= kKinds; ++kind) others += kind == 2 ? 0 : bytes_[kind];
  bytes_[0] = reader.skipped() > 0 ? record_bytes_ - others : 0;
  at_end_ = true;
  complete_ = reader.footer().complete();
  digest_ = reader.digest();
}

void Info::count(Reader& reader) {
  bytes_[static_cast<unsigned>(reader.kind())] += reader.framed_bytes();
  if (reader.position().frame != last_frame_) {
    last_frame_ = reader.position().frame;
    ++frames_;
  }
  switch (reader.kind()) {
    case Kind::token: {
      const Token& token = reader.record().token();
      if (!token_range_) token_range_ = {token.index(), token.index()};
      token_range_->second = token.index();
      if (first_ids_.size() < kIdsShown) first_ids_.push_back(token.id());
      last_perplexity_ = token.running_perplexity();
      count_bits(token.layer_bits());
      break;
    }
    case Kind::prefill:
      count_pieces(reader.record().prefill());
      break;
    case Kind::modulus: {
      const Modulus& m = reader.record().modulus();
      if (moduli_.size() < kModuliShown) {
        moduli_[m.id()] =
            printable(m.kind()) + " of " + std::to_string(m.bits()) + " bits, " + printable(m.source());
      }
      break;
    }
    case Kind::mod_mul: {
      const ModMul& part = reader.record().mod_mul();
      if (moduli_.count(part.modulus_id()) == 0) break;
      const unsigned bits = part.weight_bits() == 4 || part.weight_bits() == 8 ? part.weight_bits() : 0;
      Encrypted& sum = encrypted_[{part.modulus_id(), bits}];
      const auto operations = static_cast<std::uint64_t>(part.operations_size() / 2);
      ++sum.parts;
      sum.operations += operations;
      sum.population += operations * part.population();
      break;
    }
    default:
      break;
  }
}

void Info::count_pieces(const Prefill& prefill) {
  prefill_tokens_ = prefill.tokens();
  for (const PrefillBlock& b : prefill.blocks()) {
    auto piece = std::find_if(pieces_.begin(), pieces_.end(), [&](const Piece& p) {
      return p.query_tokens == b.query_tokens() && p.kv_tokens == b.kv_tokens() && p.causal == b.causal();
    });
    if (piece == pieces_.end()) {
      if (pieces_.size() == kPiecesShown) continue;
      piece = pieces_.insert(piece, {b.query_tokens(), b.kv_tokens(), b.causal()});
    }
    ++piece->blocks;
    if (!b.has_attention_ns()) continue;
    ++piece->measured;
    piece->ns += b.attention_ns();
  }
}

void Info::count_bits(const std::string& layer_bits) {
  for (std::size_t i = 0; i < std::min(layer_bits.size(), layers_.size()); ++i) {
    LayerBits& layer = layers_[i];
    const unsigned bits = static_cast<unsigned char>(layer_bits[i]);
    ++layer.tokens[bits];
    if (layer.last != 0 && layer.last != bits) ++layer.switches;
    layer.last = bits;
  }
}

void Info::text(std::ostream& out) const {
  out << name_ << ": Tricycle trace, version " << version_ << ", "
      << (!at_end_    ? "DAMAGED: what follows is of the records before the damage"
          : complete_ ? "complete"
                      : "INCOMPLETE: its writer was stopped early")
      << "\n";
  header_text(out);
  records_text(out);
  prefill_text(out);
  bits_text(out);
  for (const auto& [id, name] : moduli_) {
    line(out, "modulus") << id << ": " << name << "\n";
    for (const unsigned bits : {8U, 4U, 0U}) {
      const auto of = encrypted_.find({id, bits});
      if (of == encrypted_.end()) continue;
      line(out, "") << grouped(of->second.parts) << " sampled parts with " << grouped(of->second.operations)
                    << " modular multiplications, " << (bits == 0 ? "other" : "INT" + std::to_string(bits))
                    << " weights;\n";
      line(out, "") << "by their population " << grouped(of->second.population) << " (extrapolated)\n";
    }
  }
}

void Info::header_text(std::ostream& out) const {
  const Model& m = header_.model();
  line(out, "generator") << or_none(header_.generator()) << "\n";
  line(out, "device") << printable(header_.device()) << " (" << printable(header_.backend()) << "), seed "
                      << header_.seed() << "\n";
  line(out, "model") << printable(m.name()) << ": " << m.layers() << " layers, hidden " << m.hidden()
                     << ", intermediate " << m.intermediate() << ",\n";
  line(out, "") << m.heads() << " heads of " << m.head_dim() << ", " << m.kv_heads()
                << " kv heads, vocabulary " << m.vocab() << ", context " << m.context() << "\n";
  line(out, "weights") << (m.weights_digest().empty() ? "no digest"
                                                      : "SHA-256 " + printable(m.weights_digest()))
                       << "\n";
  if (header_.synthetic_weights()) line(out, "") << "SYNTHETIC: tokens and perplexities mean nothing\n";
  line(out, "precision") << or_none(header_.precision());
  if (!header_.flexquant().schedule().empty()) {
    out << ", by schedule, not by PPLE: " << printable(header_.flexquant().schedule());
  }
  out << "\n";
  line(out, "kv cache") << kv_text(header_.kv()) << "\n";
  line(out, "sampling") << or_none(header_.sampling()) << "\n";
  const Content& c = header_.content();
  line(out, "content") << listed({{c.weights(), "weights"},
                                  {c.tile_digests(), "tile_digests"},
                                  {c.activations(), "activations"},
                                  {c.results(), "results"},
                                  {c.measured_times(), "measured_times"},
                                  {c.encrypted(), "encrypted"},
                                  {c.prefill(), "prefill"},
                                  {c.filled_cache(), "filled_cache"}})
                       << "\n";
  if (c.filled_cache()) {
    line(out, "prompt") << "NOT COMPUTED: the caches were filled with seeded keys and values\n";
  } else {
    line(out, "prompt") << header_.prompt_ids_size() << " tokens\n";
  }
  line(out, "tokens") << grouped(counts_[6]);
  if (token_range_) {
    out << ", index " << token_range_->first << " to " << token_range_->second << ", ids";
    for (const std::uint32_t id : first_ids_) out << " " << id;
    if (counts_[6] > first_ids_.size()) out << " ...";
    if (last_perplexity_ > 0) {
      out << "\n";
      line(out, "perplexity") << fixed(last_perplexity_, 4) << " (running, of the last token)";
    }
  }
  out << "\n";
}

void Info::records_text(std::ostream& out) const {
  line(out, "records") << std::setw(12) << "number" << std::setw(18) << "bytes"
                       << "\n";
  for (unsigned kind = 1; kind <= kKinds; ++kind) {
    if (kind == static_cast<unsigned>(Kind::footer) || counts_[kind] == 0) continue;
    line(out, ("  " + kind_name(kind)).c_str())
        << std::setw(12) << grouped(counts_[kind]) << std::setw(18) << grouped(bytes_[kind]) << "\n";
  }
  if (counts_[0] > 0) {
    line(out, "  unknown kinds") << std::setw(12) << grouped(counts_[0]) << std::setw(18)
                                 << grouped(bytes_[0]) << "\n";
  }
  line(out, "size") << grouped(file_bytes_) << " bytes in " << grouped(frames_) << " frames, "
                    << grouped(record_bytes_) << " uncompressed ("
                    << fixed(file_bytes_ == 0
                                 ? 0
                                 : static_cast<double>(record_bytes_) / static_cast<double>(file_bytes_),
                             2)
                    << " to 1)\n";
  if (at_end_) line(out, "digest") << digest_ << "\n";
}

void Info::prefill_text(std::ostream& out) const {
  if (!header_.content().filled_cache() || pieces_.empty()) return;
  line(out, "attention pieces") << "of " << grouped(prefill_tokens_)
                                << " tokens, one layer: queries x keys, mean time\n";
  for (const Piece& p : pieces_) {
    line(out, "") << grouped(p.query_tokens) << " x " << grouped(p.kv_tokens) << (p.causal ? " causal" : "")
                  << ": ";
    if (p.measured == 0) {
      out << "not measured\n";
    } else {
      out << fixed(static_cast<double>(p.ns) / static_cast<double>(p.measured) * 1e-3, 1) << " us\n";
    }
  }
}

void Info::bits_text(std::ostream& out) const {
  if (!token_range_) return;
  line(out, "bits per layer") << "share of the tokens\n";
  for (std::size_t i = 0; i < layers_.size();) {
    // Layers that are alike stand in one line.
    std::size_t end = i + 1;
    while (end < layers_.size() && layers_[end].tokens == layers_[i].tokens &&
           layers_[end].switches == layers_[i].switches) {
      ++end;
    }
    std::string name = "  layer " + std::to_string(i);
    if (end - i > 1) name = "  layers " + std::to_string(i) + " to " + std::to_string(end - 1);
    line(out, name.c_str());
    const char* comma = "";
    for (const auto& [bits, tokens] : layers_[i].tokens) {
      out << comma << bits << " bit "
          << fixed(100.0 * static_cast<double>(tokens) / static_cast<double>(counts_[6]), 1) << " %";
      comma = ", ";
    }
    if (layers_[i].switches > 0) out << "; switched " << grouped(layers_[i].switches) << " times";
    out << "\n";
    i = end;
  }
}

}  // namespace trace
