// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/system/trace_survey.h"

#include <algorithm>

#include "traces/io/format.h"
#include "traces/io/reader.h"
#include "traces/io/validate.h"

namespace platform {

TraceSurvey survey_trace(const std::string& file) {
  trace::Reader reader(file);
  TraceSurvey s;
  const auto& header = reader.header();
  s.file = file;
  s.device = trace::printable(header.device());
  s.model = trace::printable(header.model().name());
  s.precision = header.precision();
  s.thresholds = header.precision() == "flexquant" && header.flexquant().thresholds_size() > 0 &&
                 header.flexquant().schedule().empty();
  s.synthetic = header.synthetic_weights();
  s.layers = header.model().layers();
  s.hidden = header.model().hidden();
  s.intermediate = header.model().intermediate();
  s.heads = header.model().heads();
  s.kv_heads = header.model().kv_heads();
  s.head_dim = header.model().head_dim();
  s.vocab = header.model().vocab();
  s.has_weights = header.content().weights();
  s.has_digests = header.content().tile_digests();
  s.has_activations = header.content().activations();
  s.has_results = header.content().results();
  s.measured = header.content().measured_times();
  s.kv_format = header.kv().format();
  s.sub_vectors = header.kv().sub_vectors();
  s.code_bits = header.kv().code_bits();
  s.residual_tokens = header.kv().residual_tokens();
  s.asynchronous = header.kv().asynchronous();

  trace::Validator validator(header, reader.name(),
                             [&](const std::string& problem) { reader.refuse(problem); });
  while (reader.next()) {
    validator.check(reader.record());
    const auto& record = reader.record();
    switch (reader.kind()) {
      case trace::Kind::prefill:
        s.prefill = true;
        s.prompt_tokens = record.prefill().tokens();
        break;
      case trace::Kind::token:
        ++s.tokens;
        break;
      case trace::Kind::gemv: {
        const auto& gemv = record.gemv();
        ++s.gemvs;
        s.shapes[{gemv.layer(), gemv.matrix()}] = {gemv.rows(), gemv.cols()};
        if (gemv.has_time_ns()) {
          auto& mean = s.gemv_times[{gemv.matrix(), gemv.weight_bits()}];
          ++mean.count;
          mean.ns += gemv.time_ns();
        }
        break;
      }
      case trace::Kind::kv_append:
        ++s.appends;
        break;
      case trace::Kind::kv_attend:
        ++s.attends;
        s.context_tokens = std::max<std::uint64_t>(s.context_tokens, record.kv_attend().context_tokens());
        break;
      case trace::Kind::modulus:
        s.moduli[record.modulus().id()] = {
            record.modulus().bits(), trace::printable(record.modulus().source()), record.modulus().value()};
        break;
      case trace::Kind::mod_mul:
        ++s.mod_muls;
        s.encrypted_layers[record.mod_mul().layer()].insert(record.mod_mul().modulus_id());
        break;
      default:
        break;
    }
  }
  validator.finish(reader.footer(), reader.counts());
  s.digest = reader.digest();
  return s;
}

allmod::Modulus TraceSurvey::modulus(std::uint32_t id) const {
  const Modulus& m = moduli.at(id);
  mpz_class value;
  mpz_import(value.get_mpz_t(), m.value.size(), 1, 1, 0, 0, m.value.data());
  return allmod::Modulus(value, m.bits, "modulus of the trace");
}

}  // namespace platform
