// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Ulysses: an all-to-all gives each GPU all tokens of some heads, attention is local, an all-to-all gives the
// tokens back. With a ring between groups (USP), the group's GPUs hold its tokens after the first all-to-all,
// and K and V circulate between GPUs of equal number in their groups.
#include "models/ring/function/schedules/schedules.h"

namespace ring {

void all_to_all(const std::vector<unsigned>& gpus,
                const std::function<void(unsigned, unsigned, unsigned, unsigned)>& send) {
  const unsigned n = static_cast<unsigned>(gpus.size());
  for (unsigned k = 1; k < n; ++k) {
    for (unsigned i = 0; i < n; ++i) send(gpus[i], gpus[(i + k) % n], i, (i + k) % n);
  }
}

namespace {

std::string heads_refusal(const Problem& problem, unsigned degree, const std::string& kind) {
  if (problem.heads % degree == 0) return {};
  return kind + " deals out " + std::to_string(problem.heads) + " heads to " + std::to_string(degree) +
         " GPUs, which does not divide; use a number of GPUs that divides the heads";
}

/// Both kinds: groups of `degree` neighbours, a ring of gpus / degree groups.
class Ulysses final : public Schedule {
 public:
  Ulysses(const ScheduleOptions& o, unsigned degree, std::string word)
      : gpus_(o.gpus), degree_(degree), word_(std::move(word)) {}
  std::string refusal(const Problem& problem) const override {
    // One layout of chunks serves both masks; a single group has nothing to balance.
    return heads_refusal(problem, degree_, word_);
  }
  std::uint64_t token_unit() const override { return chunks(); }
  unsigned chunks() const override { return zigzag() ? 2 * gpus_ : gpus_; }
  unsigned owner(unsigned chunk) const override {
    return zigzag_owner(chunk, groups(), degree_) * degree_ + chunk % degree_;
  }
  unsigned steps() const override { return degree_ > 1 ? groups() + 2 : groups(); }

  void build(GraphBuilder& b, unsigned pass) const override {
    const Shares shares(b, groups(), zigzag(), degree_);
    const auto heads = [&](unsigned u) {
      const unsigned share = b.problem().heads / degree_;
      return HeadRange{u * share, share};
    };
    std::vector<std::uint32_t> own(gpus_);  // chunks of the pass that a GPU holds before and after
    for (unsigned gpu = 0; gpu < gpus_; ++gpu) {
      const unsigned g = gpu / degree_, u = gpu % degree_, base = pass * b.layout().chunks_per_pass;
      std::vector<std::uint32_t> chunks = {base + g * degree_ + u};
      if (zigzag()) chunks.push_back(base + (2 * groups() - 1 - g) * degree_ + u);
      own[gpu] = b.layout().add(chunks);
    }
    unsigned step = 0;
    if (degree_ > 1) {
      for (unsigned g = 0; g < groups(); ++g) {
        all_to_all(numbers(degree_, g * degree_), [&](unsigned from, unsigned to, unsigned, unsigned u) {
          b.transfer_q(from, to, step, own[from], heads(u));
          b.transfer_kv(from, to, step, own[from], heads(u));
        });
      }
      for (unsigned gpu = 0; gpu < gpus_; ++gpu) b.close(gpu, step);
      ++step;
    }
    for (unsigned u = 0; u < degree_; ++u) {
      ring_pass(b, numbers(groups(), u, degree_), shares, heads(u), step);
    }
    step += groups();
    if (degree_ == 1) return;
    for (unsigned g = 0; g < groups(); ++g) {
      all_to_all(numbers(degree_, g * degree_), [&](unsigned from, unsigned to, unsigned u, unsigned) {
        b.transfer_out(from, to, step, {own[to], OpData::kNoSet}, heads(u), false);
      });
    }
    for (unsigned gpu = 0; gpu < gpus_; ++gpu) b.close(gpu, step);
  }

 private:
  unsigned groups() const { return gpus_ / degree_; }
  bool zigzag() const { return groups() > 1; }

  unsigned gpus_, degree_;
  std::string word_;
};

}  // namespace

std::unique_ptr<Schedule> make_ulysses(const ScheduleOptions& o) {
  return std::make_unique<Ulysses>(o, o.gpus, "ulysses");
}

std::unique_ptr<Schedule> make_ulysses_ring(const ScheduleOptions& o) {
  return std::make_unique<Ulysses>(o, o.ulysses, "ulysses_ring");
}

}  // namespace ring
