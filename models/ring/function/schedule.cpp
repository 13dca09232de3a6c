// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/function/schedule.h"

#include "models/ring/function/graph_builder.h"
#include "models/ring/function/refuse.h"
#include "models/ring/function/schedules/schedules.h"

namespace ring {
namespace {

constexpr std::size_t kMostOps = 40'000'000;
constexpr unsigned kMostMultiRingGpus = 128;

std::uint64_t up(std::uint64_t value, std::uint64_t unit) { return (value + unit - 1) / unit * unit; }

std::string nearest(std::uint64_t value, std::uint64_t unit) {
  const std::uint64_t above = up(value, unit);
  return above > unit ? std::to_string(above - unit) + " or " + std::to_string(above) : std::to_string(above);
}

/// Why the groups of `what` GPUs do not fit.
void check_divides(unsigned gpus, unsigned part, const std::string& what, const std::string& setting) {
  if (part >= 1 && gpus % part == 0) return;
  std::string divisors;
  for (unsigned d = 1; d <= gpus; ++d) {
    if (gpus % d == 0) divisors += (divisors.empty() ? "" : ", ") + std::to_string(d);
  }
  refuse(setting + ": " + std::to_string(gpus) + " GPUs cannot be cut into " + std::to_string(part) + " " +
         what + "; possible: " + divisors);
}

}  // namespace

const std::vector<std::pair<ScheduleKind, std::string>>& schedule_words() {
  static const std::vector<std::pair<ScheduleKind, std::string>> words = {
      {ScheduleKind::ring, "ring"},
      {ScheduleKind::ring_zigzag, "ring_zigzag"},
      {ScheduleKind::token_ring, "token_ring"},
      {ScheduleKind::token_ring_zigzag, "token_ring_zigzag"},
      {ScheduleKind::ulysses, "ulysses"},
      {ScheduleKind::ulysses_ring, "ulysses_ring"},
      {ScheduleKind::multi_node, "multi_node"},
      {ScheduleKind::multi_ring, "multi_ring"}};
  return words;
}

std::string word(ScheduleKind kind) {
  for (const auto& [k, text] : schedule_words()) {
    if (k == kind) return text;
  }
  return {};
}

std::unique_ptr<Schedule> make_schedule(const ScheduleOptions& o) {
  if (o.gpus == 0) refuse("a schedule needs at least one GPU");
  switch (o.kind) {
    case ScheduleKind::ring:
    case ScheduleKind::ring_zigzag:
      return make_ring(o);
    case ScheduleKind::token_ring:
    case ScheduleKind::token_ring_zigzag:
      return make_token_ring(o);
    case ScheduleKind::ulysses:
      return make_ulysses(o);
    case ScheduleKind::ulysses_ring:
      check_divides(o.gpus, o.ulysses, "to a group", "schedule.ulysses");
      return make_ulysses_ring(o);
    case ScheduleKind::multi_node:
      check_divides(o.gpus, o.nodes, "nodes", "schedule.nodes");
      return make_multi_node(o);
    case ScheduleKind::multi_ring:
      break;
  }
  if (o.gpus > kMostMultiRingGpus) {
    refuse("schedule.kind: multi_ring is built for " + std::to_string(kMostMultiRingGpus) +
           " GPUs at the most (every GPU sends on every ring in every step)");
  }
  return make_multi_ring(o);
}

std::string division_refusal(const Schedule& schedule, const Problem& problem) {
  const std::uint64_t unit = schedule.token_unit();
  if (problem.seq_len == 0) return "no tokens";
  if (problem.chunk_tokens > 0) {
    if (problem.chunk_tokens % unit != 0) {
      return "chunks of " + std::to_string(problem.chunk_tokens) + " tokens do not divide into " +
             std::to_string(unit) +
             " equal parts; the nearest that do: " + nearest(problem.chunk_tokens, unit);
    }
    if (problem.seq_len % problem.chunk_tokens != 0) {
      return std::to_string(problem.seq_len) + " tokens are not a whole number of chunks of " +
             std::to_string(problem.chunk_tokens) +
             "; the nearest that are: " + nearest(problem.seq_len, problem.chunk_tokens);
    }
  } else if (problem.seq_len % unit != 0) {
    return std::to_string(problem.seq_len) + " tokens do not divide into " + std::to_string(unit) +
           " equal parts; the nearest that do: " + nearest(problem.seq_len, unit);
  }
  return {};
}

Problem padded(const Schedule& schedule, const Problem& problem) {
  Problem result = problem;
  if (problem.chunk_tokens > 0) result.chunk_tokens = up(problem.chunk_tokens, schedule.token_unit());
  result.seq_len =
      up(problem.seq_len, problem.chunk_tokens > 0 ? result.chunk_tokens : schedule.token_unit());
  return result;
}

Plan make_plan(const Schedule& schedule, const ScheduleOptions& options, const Problem& problem,
               const Costs& costs) {
  for (const std::string& why : {schedule.refusal(problem), division_refusal(schedule, problem)}) {
    if (!why.empty()) refuse(why);
  }
  if (problem.passes() > 65535) refuse("more than 65535 passes of a chunked prefill; use larger chunks");
  Plan plan;
  plan.steps = schedule.steps();
  plan.layout.chunks_per_pass = schedule.chunks();
  plan.layout.chunk_len = problem.pass_tokens() / schedule.chunks();
  for (unsigned c = 0; c < schedule.chunks(); ++c) plan.layout.owners.push_back(schedule.owner(c));
  GraphBuilder builder(problem, options.gpus, costs, plan.layout, plan.graph);
  for (unsigned pass = 0; pass < problem.passes(); ++pass) {
    builder.set_pass(pass);
    schedule.build(builder, pass);
    if (plan.graph.size() > kMostOps) {
      refuse("more than " + std::to_string(kMostOps) + " operations after pass " + std::to_string(pass + 1) +
             " of " + std::to_string(problem.passes()) + "; use fewer GPUs or larger chunks of the prefill");
    }
  }
  return plan;
}

}  // namespace ring
