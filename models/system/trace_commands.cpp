// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/system/trace_commands.h"

#include <utility>

#include "models/allmod/trace_replay.h"
#include "models/common/gpu_channel.h"
#include "sim/core/error.h"
#include "traces/io/reader.h"
#include "traces/io/shape.h"

namespace platform {

using common::Command;
using common::CommandId;
using common::GpuCommand;
using common::GpuWork;
using common::Operation;

namespace {

Operation operation_of(int matrix) {
  switch (matrix) {
    case tricycle::trace::QKV_PROJ:
      return Operation::qkv_proj;
    case tricycle::trace::O_PROJ:
      return Operation::o_proj;
    case tricycle::trace::GATE_UP_PROJ:
      return Operation::gate_up_proj;
    case tricycle::trace::DOWN_PROJ:
      return Operation::down_proj;
    default:
      return Operation::lm_head;
  }
}

}  // namespace

TraceCommands::TraceCommands(const Settings& settings, const DecodeModel& model, const GemvPlaces* places,
                             std::vector<unsigned> chains, unsigned prefill, const sim::Region& region)
    : settings_(settings),
      model_(model),
      places_(places),
      chains_(std::move(chains)),
      prefill_(prefill),
      region_(region),
      reader_(std::make_unique<trace::Reader>(settings.workload.trace)) {
  reader_->trust();  // survey_trace() has read it
  if (settings.precision == Precision::thresholds) {
    const auto& recorded = reader_->header().flexquant();
    flexquant::PolicySettings policy;
    policy.layer_order.assign(recorded.layer_order().begin(), recorded.layer_order().end());
    for (const double threshold : recorded.thresholds())
      policy.thresholds.push_back(threshold * settings.threshold_scale);
    policy.hysteresis = recorded.hysteresis();
    policy.way_back = recorded.way_back();
    policy.window = recorded.window();
    policy_.emplace(reader_->header().model().layers(), std::move(policy));
  }
  reading_ = true;  // what comes before the first token: the prompt's keys and values
}

TraceCommands::~TraceCommands() = default;

bool TraceCommands::next(Command& command) {
  while (ready_.empty() && !at_end_) read_token();
  if (ready_.empty()) return false;
  command = std::move(ready_.front());
  ready_.pop_front();
  return true;
}

// Up to the next Token record, or the end.
void TraceCommands::read_token() {
  while (true) {
    if (!more_ && !reader_->next()) {
      at_end_ = true;
      close_token();
      return;
    }
    more_ = false;
    switch (reader_->kind()) {
      case trace::Kind::token: {
        if (reading_ && !token_.empty()) {
          more_ = true;  // looked at again by the next call
          close_token();
          return;
        }
        const auto& token = reader_->record().token();
        const std::uint64_t number = seen_tokens_++;
        in_token_ = true;
        if (policy_) policy_->observe(token.pple());
        reading_ = region_.simulated(number);
        if (!reading_) {
          ++skipped_;
          encodes_.clear();
          break;
        }
        TokenInfo info;
        info.number = number;
        info.index = token.index();
        info.position = token.position();
        info.measured = region_.phase(number) == sim::Region::Phase::measure;
        for (const char bits : token.layer_bits()) {
          const unsigned used =
              bits_of(static_cast<std::uint32_t>(info.bits.size()), static_cast<unsigned>(bits));
          info.bits += used == 16 ? 'f' : static_cast<char>('0' + used % 10);
        }
        tokens_.push_back(std::move(info));
        measured_chain_ = 0;
        measured_token_.reset();
        if (token.has_time_ns()) measured_token_ = token.time_ns() * 1000;
        break;
      }
      case trace::Kind::prefill:
        if (prefill_ == 0) break;
        ++records_[static_cast<std::size_t>(Operation::prefill)];
        chain_ = add(Operation::prefill, prefill_, {}).id;
        break;
      case trace::Kind::gemv:
      case trace::Kind::kv_append:
      case trace::Kind::kv_attend:
        if (!reading_) {
          ++skipped_;
          break;
        }
        if (reader_->kind() == trace::Kind::gemv) gemv();
        if (reader_->kind() == trace::Kind::kv_append) append();
        if (reader_->kind() == trace::Kind::kv_attend) attend();
        break;
      case trace::Kind::mod_mul:
        if (chains_.empty() || reader_->record().mod_mul().layer() != settings_.map.encrypted_layer) break;
        if (reading_) {
          mod_mul();
        } else {
          ++skipped_;
        }
        break;
      default:
        break;
    }
  }
}

unsigned TraceCommands::bits_of(std::uint32_t layer, unsigned recorded) const {
  switch (settings_.precision) {
    case Precision::thresholds:  // the head (and what no threshold is for) stays
      return layer < policy_->layer_bits().size() ? policy_->bits(layer) : recorded;
    case Precision::int8:
      return 8;
    case Precision::int4:
      return 4;
    case Precision::fp16:
      return 16;
    default:
      return recorded;
  }
}

Command& TraceCommands::add(Operation operation, unsigned channel, std::vector<CommandId> waits_for) {
  Command command;
  command.id = ++last_id_;
  command.channel = channel;
  command.operation = operation;
  command.token = in_token_ ? tokens_.size() - 1 : kPrefill;
  for (const CommandId id : waits_for) {
    if (id != 0) command.waits_for.push_back(id);
  }
  token_.push_back(std::move(command));
  return token_.back();
}

Command& TraceCommands::add_kernel(Operation operation, const GpuCommand& kernel, unsigned stream,
                                   std::vector<CommandId> waits_for) {
  Command& command = add(operation, kGpu, std::move(waits_for));
  command.stream = stream;
  auto work = std::make_unique<GpuWork>();
  work->kernel = kernel;
  work->kernel.tag = command.id;
  work->kernel.stream = stream;
  command.work = std::move(work);
  command.account.hbm_bytes = kernel.read + kernel.written;
  return command;
}

void TraceCommands::gemv() {
  const auto& g = reader_->record().gemv();
  if (g.weight_bits() != 8 && g.weight_bits() != 4 && settings_.precision == Precision::trace) {
    reader_->refuse("a product with weights of " + std::to_string(g.weight_bits()) +
                    " bits; set precision to int8 or int4 (or fp16, map.gemv=gpu), or write the trace with "
                    "--precision flexquant");
  }
  ++records_[static_cast<std::size_t>(operation_of(g.matrix()))];
  const unsigned bits = bits_of(g.layer(), g.weight_bits());
  const std::uint64_t elements = std::uint64_t{g.rows()} * g.cols();
  macs_ += elements;
  const CommandId between = add_kernel(Operation::other, model_.other(model_.other_ps() / 4), 0, {chain_}).id;
  others_.push_back(token_.size() - 1);
  const Operation operation = operation_of(g.matrix());
  const std::uint64_t measured = g.weight_bits() == bits ? g.time_ns() : 0;
  Command* command = nullptr;
  if (places_ == nullptr || settings_.on_gpu(g.layer())) {
    const GpuCommand kernel = model_.gemv(g.layer(), g.matrix(), g.rows(), g.cols(), bits, measured);
    command = &add_kernel(operation, kernel, 0, {between});
    command->account.weight_bytes = DecodeModel::weight_bytes(elements, bits);
  } else {
    const GemvPlace place = places_->find(g.layer(), g.matrix(), bits == 4);
    command = &add(operation, place.channel, {between});
    auto work = std::make_unique<GemvWork>();
    work->layer = place.layer;
    work->planes = place.planes;
    work->codes = g.activation_codes();
    work->digest = g.result_digest();
    work->checked = settings_.fidelity.value == Value::checked && bits == g.weight_bits() &&
                    !g.activation_codes().empty() && reader_->header().content().results();
    work->token = tokens_.back().index;
    command->work = std::move(work);
  }
  command->layer = g.layer();
  command->account.macs = elements;
  command->account.weights = elements;
  if (bits == 4) command->account.int4_weights = elements;
  measured_chain_ += g.time_ns() * 1000;
  chain_ = command->id;
}

void TraceCommands::append() {
  const auto& a = reader_->record().kv_append();
  ++records_[static_cast<std::size_t>(Operation::kv_append)];
  const bool pq = settings_.kv == ring::KvFormat::pq;
  if (!in_token_) {
    // The prompt's. On a cluster they were encoded where they were computed, and have come over its links.
    const std::uint64_t tokens = a.appended_tokens();
    Command& c =
        prefill_ != 0 ? add_kernel(Operation::kv_append, model_.store(a.layer(), tokens), 0, {chain_})
        : pq ? add_kernel(Operation::kv_append, model_.encode(a.layer(), tokens, a.time_ns()), 0, {chain_})
             : add_kernel(Operation::kv_append, model_.append(a.layer(), tokens, 0), 0, {chain_});
    c.layer = a.layer();
    chain_ = c.id;
    return;
  }
  Command& plain =
      add_kernel(Operation::kv_append, model_.append(a.layer(), a.appended_tokens(), tokens_.back().position),
                 0, {chain_});
  plain.layer = a.layer();
  plain.account.kv_bytes = plain.account.hbm_bytes;
  chain_ = plain.id;
  if (!pq || a.encoded_tokens() == 0) return;
  const bool beside = reader_->header().kv().asynchronous();
  Command& c = add_kernel(Operation::kv_append, model_.encode(a.layer(), a.encoded_tokens(), a.time_ns()),
                          beside ? 1 : 0, {chain_});
  c.layer = a.layer();
  c.account.kv_bytes = c.account.hbm_bytes;
  c.beside = beside;
  if (beside) {
    new_encodes_[a.layer()] = c.id;
  } else {
    chain_ = c.id;
    measured_chain_ += a.time_ns() * 1000;
  }
}

void TraceCommands::attend() {
  const auto& a = reader_->record().kv_attend();
  ++records_[static_cast<std::size_t>(Operation::attention)];
  const std::uint64_t ns = a.lut_ns() + a.attend_ns() + a.reduce_ns();
  const std::uint64_t window = std::max<std::uint64_t>(1, reader_->header().kv().residual_tokens());
  const std::uint64_t residual =
      reader_->header().kv().format() == "pq" ? a.residual_tokens() : a.context_tokens() % window;
  const auto encode = encodes_.find(a.layer());
  Command& c = add_kernel(Operation::attention, model_.attend(a.layer(), a.context_tokens(), residual, ns), 0,
                          {chain_, encode == encodes_.end() ? 0 : encode->second});
  c.layer = a.layer();
  c.account.kv_bytes = c.account.hbm_bytes;
  measured_chain_ += ns * 1000;
  chain_ = c.id;
}

// Charted apart: nothing of the token waits for it.
void TraceCommands::mod_mul() {
  const auto& part = reader_->record().mod_mul();
  if (part.operations_size() == 0) return;
  const std::uint64_t number = records_[static_cast<std::size_t>(Operation::encrypted)]++;
  Command& c =
      add(Operation::encrypted, chains_[static_cast<std::size_t>(number % chains_.size())], {chain_});
  auto work = std::make_unique<ChainWork>();
  work->program = allmod::part_program(settings_.survey->modulus(part.modulus_id()), part);
  work->population = part.population();
  work->matrix = part.matrix();
  work->weight_bits = part.weight_bits();
  c.work = std::move(work);
  c.layer = part.layer();
  c.beside = true;
}

// The token is whole: its measured time that no record explains is shared out over the kernels between
// products.
void TraceCommands::close_token() {
  if (token_.empty()) return;
  if (in_token_ && model_.measured() && measured_token_ && !others_.empty()) {
    const common::Ps rest = *measured_token_ > measured_chain_ ? *measured_token_ - measured_chain_ : 0;
    for (std::size_t i = 0; i < others_.size(); ++i) {
      auto& kernel = static_cast<GpuWork&>(*token_[others_[i]].work).kernel;
      kernel.duration = rest * (i + 1) / others_.size() - rest * i / others_.size();
    }
  }
  for (Command& command : token_) {
    if (command.id == chain_) command.last_of_token = true;
    ready_.push_back(std::move(command));
  }
  token_.clear();
  others_.clear();
  encodes_ = std::move(new_encodes_);
  new_encodes_.clear();
}

}  // namespace platform
