// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/io/diff.h"

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <ostream>
#include <sstream>

#include "traces/io/shape.h"

namespace trace {
namespace {

constexpr std::size_t kNotes = 10;

std::string percent(double share) {
  std::ostringstream text;
  text << std::setprecision(6) << 100 * share << " %";
  return text.str();
}

struct Share {
  std::uint64_t equal = 0, all = 0;
  void add(bool same, std::uint64_t weight = 1) {
    equal += same ? weight : 0;
    all += weight;
  }
  double share() const { return all == 0 ? 1 : static_cast<double>(equal) / static_cast<double>(all); }
};

class Comparison {
 public:
  Comparison(Reader& a, Reader& b, const DiffLimits& limits, const std::function<void()>& progress)
      : a_(a), b_(b), limits_(limits), progress_(progress) {}

  DiffReport run() {
    compare_headers();
    bool more_a = next(a_), more_b = next(b_);
    while (more_a && more_b) {
      if (same_place()) {
        compare();
        more_a = next(a_);
        more_b = next(b_);
        continue;
      }
      // Not in step: go on with the next token of both.
      note("the order of records differs");
      structure_.add(false);
      do more_a = next(a_);
      while (more_a && a_.kind() != Kind::token);
      do more_b = next(b_);
      while (more_b && b_.kind() != Kind::token);
    }
    if (more_a || more_b) {
      note((more_a ? b_ : a_).name() + " ends earlier");
      structure_.add(false);
    }
    while (more_a) more_a = next(a_);
    while (more_b) more_b = next(b_);
    return report();
  }

 private:
  // The next record that is to be compared.
  bool next(Reader& reader) {
    while (reader.next()) {
      if (progress_) progress_();
      const Content& x = a_.header().content();
      const Content& y = b_.header().content();
      const bool wanted = reader.kind() == Kind::tensor        ? x.weights() && y.weights()
                          : reader.kind() == Kind::tile_digest ? x.tile_digests() && y.tile_digests()
                          : reader.kind() == Kind::modulus || reader.kind() == Kind::mod_mul
                              ? x.encrypted() && y.encrypted()
                          : reader.kind() == Kind::prefill ? x.prefill() && y.prefill()
                                                           : true;
      if (wanted) return true;
    }
    return false;
  }

  template <class T>
  static bool same_layer(const T& x, const T& y) {
    return x.layer() == y.layer();
  }

  bool same_place() {
    if (a_.kind() != b_.kind()) return false;
    const Record& x = a_.record();
    const Record& y = b_.record();
    switch (a_.kind()) {
      case Kind::gemv:
        return same_layer(x.gemv(), y.gemv()) && x.gemv().matrix() == y.gemv().matrix();
      case Kind::kv_append:
        return same_layer(x.kv_append(), y.kv_append());
      case Kind::kv_attend:
        return same_layer(x.kv_attend(), y.kv_attend());
      default:
        return true;
    }
  }

  void note(const std::string& text) {
    if (notes_.size() < kNotes) {
      notes_.push_back(text + ": " + to_string(a_.position()) + " of " + a_.name() + ", " +
                       to_string(b_.position()) + " of " + b_.name());
    } else {
      ++more_notes_;
    }
  }

  void equal(Share& share, bool same, const std::string& what) {
    share.add(same);
    if (!same) note(what);
  }

  void compare_headers() {
    const Header& x = a_.header();
    const Header& y = b_.header();
    Model model = y.model();
    if (x.model().weights_digest().empty() || model.weights_digest().empty()) {
      model.set_weights_digest(x.model().weights_digest());
    }
    const auto same = [this](bool value, const char* what) {
      equal(run_, value, std::string(what) + " differs");
    };
    same(x.model().SerializeAsString() == model.SerializeAsString(), "model of the header");
    same(x.precision() == y.precision(), "precision of the header");
    same(std::equal(x.prompt_ids().begin(), x.prompt_ids().end(), y.prompt_ids().begin(),
                    y.prompt_ids().end()),
         "prompt_ids of the header");
    same(x.kv().format() == y.kv().format() && x.kv().sub_vectors() == y.kv().sub_vectors() &&
             x.kv().code_bits() == y.kv().code_bits() && x.kv().residual_tokens() == y.kv().residual_tokens(),
         "kv of the header");
    same(x.flexquant().SerializeAsString() == y.flexquant().SerializeAsString(), "flexquant of the header");
    same(x.sampling() == y.sampling(), "sampling of the header");
  }

  void compare() {
    structure_.add(true);
    const Record& x = a_.record();
    const Record& y = b_.record();
    switch (a_.kind()) {
      case Kind::token:
        return compare(x.token(), y.token());
      case Kind::gemv:
        return compare(x.gemv(), y.gemv());
      case Kind::kv_append:
        return compare(x.kv_append(), y.kv_append());
      case Kind::kv_attend: {
        const KvAttend &p = x.kv_attend(), &q = y.kv_attend();
        return equal(volumes_,
                     p.context_tokens() == q.context_tokens() && p.residual_tokens() == q.residual_tokens() &&
                         p.code_bytes() == q.code_bytes() && p.plain_bytes() == q.plain_bytes(),
                     "KvAttend differs");
      }
      case Kind::prefill: {
        const Prefill &p = x.prefill(), &q = y.prefill();
        return equal(volumes_,
                     p.tokens() == q.tokens() && p.bytes_per_element() == q.bytes_per_element() &&
                         p.kv_bytes_per_token() == q.kv_bytes_per_token(),
                     "Prefill differs");
      }
      default:
        equal(weights_, a_.bytes() == b_.bytes(), kind_name(a_.kind()) + " differs");
    }
  }

  void compare(const Token& x, const Token& y) {
    equal(ids_, x.id() == y.id() && x.input_id() == y.input_id() && x.index() == y.index(),
          "token ids " + std::to_string(x.id()) + " and " + std::to_string(y.id()));
    const std::size_t layers = std::max(x.layer_bits().size(), y.layer_bits().size());
    std::size_t same = 0;
    for (std::size_t i = 0; i < std::min(x.layer_bits().size(), y.layer_bits().size()); ++i) {
      same += x.layer_bits()[i] == y.layer_bits()[i] ? 1 : 0;
    }
    bits_.equal += same;
    bits_.all += layers;
    if (same != layers) note("bits of " + std::to_string(layers - same) + " layers");
    const double larger = std::max(std::abs(x.pple()), std::abs(y.pple()));
    const double difference = larger > 0 ? std::abs(x.pple() - y.pple()) / larger : 0;
    // Not max(): what is no number must not pass.
    if (!(difference <= pple_)) pple_ = difference;
    if (!(difference <= limits_.pple)) note("pple");
  }

  void compare(const Gemv& x, const Gemv& y) {
    const std::string &p = x.activation_codes(), &q = y.activation_codes();
    if (x.rows() != y.rows() || x.cols() != y.cols() || p.size() != q.size()) {
      return equal(volumes_, false, "size of a Gemv");
    }
    std::uint64_t same = 0;
    for (std::size_t i = 0; i < p.size(); ++i) same += p[i] == q[i] ? 1 : 0;
    codes_.equal += same;
    codes_.all += p.size();
    const Content &c = a_.header().content(), &d = b_.header().content();
    if (p.empty() || same != p.size() || x.weight_bits() != y.weight_bits() || x.weight_bits() == 32 ||
        !c.results() || !d.results()) {
      return;
    }
    equal(results_, x.result_digest() == y.result_digest(),
          "result of " + matrix_name(x.matrix()) + ", layer " + std::to_string(x.layer()) +
              ", given equal codes");
  }

  void compare(const KvAppend& x, const KvAppend& y) {
    equal(volumes_,
          x.appended_tokens() == y.appended_tokens() && x.encoded_tokens() == y.encoded_tokens() &&
              x.residual_tokens() == y.residual_tokens() && x.code_bytes() == y.code_bytes() &&
              x.plain_bytes() == y.plain_bytes(),
          "KvAppend differs");
    if (x.encoded_tokens() > 0 && y.encoded_tokens() > 0) digests_.add(x.code_digest() == y.code_digest());
  }

  static DiffFigure figure(const std::string& name, const Share& share, double least) {
    DiffFigure f;
    f.name = name;
    f.value = share.all == 0 ? "none to compare"
                             : std::to_string(share.equal) + " of " + std::to_string(share.all) + " equal (" +
                                   percent(share.share()) + ")";
    f.limit = least >= 1 ? "all" : least > 0 ? ">= " + percent(least) : "not judged";
    f.within = least >= 1 ? share.equal == share.all : share.share() >= least;
    return f;
  }

  DiffReport report() {
    DiffReport report;
    report.figures = {figure("settings of the run", run_, 1),
                      figure("order of records", structure_, 1),
                      figure("token ids", ids_, 1),
                      figure("bits per layer", bits_, 1),
                      figure("activation codes", codes_, limits_.activation_codes),
                      figure("results, given equal codes", results_, 1),
                      figure("digests of PQ codes", digests_, limits_.pq_digests),
                      figure("volumes", volumes_, 1),
                      figure("weights, moduli, ModMul", weights_, 1)};
    std::ostringstream value, limit;
    value << std::setprecision(3) << pple_;
    limit << "<= " << std::setprecision(3) << limits_.pple;
    report.figures.push_back(
        {"pple, relative difference", value.str() + " at the most", limit.str(), pple_ <= limits_.pple});
    report.notes = notes_;
    if (more_notes_ > 0) report.notes.push_back("and " + std::to_string(more_notes_) + " further places");
    return report;
  }

  Reader& a_;
  Reader& b_;
  DiffLimits limits_;
  const std::function<void()>& progress_;
  Share run_, structure_, ids_, bits_, codes_, results_, digests_, volumes_, weights_;
  double pple_ = 0;
  std::vector<std::string> notes_;
  std::uint64_t more_notes_ = 0;
};

}  // namespace

bool DiffReport::within() const {
  return std::all_of(figures.begin(), figures.end(), [](const DiffFigure& f) { return f.within; });
}

void DiffReport::text(std::ostream& out) const {
  std::size_t name = 0, value = 0, limit = 0;
  for (const DiffFigure& f : figures) {
    name = std::max(name, f.name.size());
    value = std::max(value, f.value.size());
    limit = std::max(limit, f.limit.size());
  }
  for (const DiffFigure& f : figures) {
    out << std::left << std::setw(static_cast<int>(name) + 2) << f.name
        << std::setw(static_cast<int>(value) + 2) << f.value << std::setw(static_cast<int>(limit) + 2)
        << f.limit << (f.within ? "ok" : "DIFFERENT") << "\n"
        << std::right;
  }
  for (const std::string& each : notes) out << "  " << each << "\n";
}

DiffReport diff(Reader& a, Reader& b, const DiffLimits& limits, const std::function<void()>& progress) {
  return Comparison(a, b, limits, progress).run();
}

DiffReport diff_exactly(Reader& a, Reader& b, const std::function<void()>& progress) {
  DiffReport report;
  Share share;
  const auto compare = [&](bool same) {
    share.add(same);
    if (!same && report.notes.size() < kNotes) {
      report.notes.push_back(to_string(a.position()) + " of " + a.name() + ", " + to_string(b.position()) +
                             " of " + b.name());
    }
  };
  compare(a.header().SerializeAsString() == b.header().SerializeAsString());
  for (;;) {
    const bool more_a = a.next(), more_b = b.next();
    if (!more_a && !more_b) break;
    if (progress) progress();
    compare(more_a && more_b && a.bytes() == b.bytes());
  }
  report.figures = {{"records, byte for byte",
                     std::to_string(share.equal) + " of " + std::to_string(share.all) + " equal", "all",
                     share.equal == share.all}};
  return report;
}

}  // namespace trace
