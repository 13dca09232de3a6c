// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/io/validate.h"

#include <functional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/core/error.h"
#include "tests/support/temp_folder.h"
#include "tests/support/trace_samples.h"

namespace {

using test_support::sample_header;
using test_support::sample_records;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using trace::Record;

using Records = std::vector<Record>;

/// Problems without file and position.
std::vector<std::string> problems(const trace::Header& header, const Records& records, bool complete = true) {
  test_support::TempFolder folder;
  {
    trace::Writer writer(folder / "a.tct", header);
    for (const Record& record : records) writer.write(record);
    writer.finish(complete);
  }
  trace::Reader reader(folder / "a.tct");
  std::vector<std::string> found;
  trace::validate(reader, [&](const std::string& line) {
    EXPECT_THAT(line, HasSubstr("a.tct: record "));
    found.push_back(line.substr(line.find("content): ") + 10));
  });
  return found;
}

/// The first problem after something was done to the first record of a kind.
template <class Change>
std::string after(trace::Kind kind, Change change, unsigned skip = 0) {
  Records records = sample_records();
  for (Record& record : records) {
    if (record.kind_case() != static_cast<int>(kind) || skip-- > 0) continue;
    change(record);
    break;
  }
  const auto found = problems(sample_header(), records);
  return found.empty() ? "" : found.front();
}

template <class Change>
std::string after_header(Change change) {
  trace::Header header = sample_header();
  change(header);
  const auto found = problems(header, sample_records());
  return found.empty() ? "" : found.front();
}

TEST(Validate, TheSampleIsValid) {
  EXPECT_THAT(problems(sample_header(), sample_records()), ElementsAre());
  EXPECT_THAT(problems(sample_header(), sample_records(), false), ElementsAre());
}

TEST(Validate, Header) {
  EXPECT_THAT(after_header([](auto& h) { h.set_backend("gpu"); }), HasSubstr("backend is 'gpu'"));
  EXPECT_THAT(after_header([](auto& h) { h.set_precision("int2"); }), HasSubstr("precision is 'int2'"));
  EXPECT_THAT(after_header([](auto& h) { h.clear_flexquant(); }),
              HasSubstr("flexquant is there exactly where"));
  EXPECT_THAT(after_header([](auto& h) { h.mutable_flexquant()->set_layer_order(0, 0); }),
              HasSubstr("names a layer twice"));
  EXPECT_THAT(after_header([](auto& h) { h.mutable_flexquant()->add_thresholds(1); }),
              HasSubstr("3 flexquant.thresholds for 2 layers"));
  EXPECT_THAT(after_header([](auto& h) { h.mutable_flexquant()->set_schedule("share 0.5"); }),
              HasSubstr("a schedule and thresholds"));
  EXPECT_THAT(after_header([](auto& h) { h.mutable_content()->set_filled_cache(true); }),
              HasSubstr("content.filled_cache with a prompt"));
  EXPECT_THAT(after_header([](auto& h) { h.mutable_kv()->set_format("fp8"); }),
              HasSubstr("kv.format is 'fp8'"));
  EXPECT_THAT(after_header([](auto& h) { h.mutable_kv()->set_sub_vectors(3); }),
              HasSubstr("kv.sub_vectors 3 does not divide head_dim 4"));
  EXPECT_THAT(after_header([](auto& h) { h.set_prompt_ids(1, 32); }),
              HasSubstr("prompt id 32 is not below vocab"));
  EXPECT_THAT(after_header([](auto& h) { h.mutable_model()->set_weights_digest("12"); }),
              HasSubstr("64 lower-case"));
  EXPECT_THAT(after_header([](auto& h) { h.mutable_model()->set_kv_heads(3); }),
              HasSubstr("cannot share 3 kv_heads"));
  EXPECT_THROW(after_header([](auto& h) { h.mutable_model()->set_vocab(0); }), sim::Error);
  EXPECT_THROW(after_header([](auto& h) { h.mutable_model()->set_hidden(1u << 25); }), sim::Error);
}

TEST(Validate, Tensors) {
  const auto kind = trace::Kind::tensor;
  EXPECT_THAT(after(kind, [](auto& r) { r.mutable_tensor()->set_layer(2); }),
              "Tensor: layer 2 of a model of 2");
  EXPECT_THAT(after(kind, [](auto& r) { r.mutable_tensor()->set_cols(9); }),
              "Tensor: qkv_proj has 16 x 9, by the header it has 16 x 8");
  EXPECT_THAT(after(kind, [](auto& r) { r.mutable_tensor()->set_rows(17); }),
              "Tensor: rows 0 to 17 of qkv_proj of layer 0, which has 16");
  EXPECT_THAT(after(
                  kind, [](auto& r) { r.mutable_tensor()->set_first_row(11); }, 1),
              "Tensor: rows 11 to 17 of qkv_proj of layer 0, which has 16");
  EXPECT_THAT(after(
                  kind, [](auto& r) { r.mutable_tensor()->set_first_row(9); }, 1),
              HasSubstr("goes on with row 9, expected is row 10"));
  EXPECT_THAT(after(kind, [](auto& r) { r.mutable_tensor()->mutable_int8_codes()->pop_back(); }),
              "Tensor: int8_codes has 79 entries, expected are 80");
  EXPECT_THAT(after(kind, [](auto& r) { r.mutable_tensor()->add_int8_scales(1); }),
              "Tensor: int8_scales has 11 entries, expected are 10");
  EXPECT_THAT(after(kind, [](auto& r) { (*r.mutable_tensor()->mutable_int8_codes())[3] = '\x80'; }),
              HasSubstr("a code of -128"));
  EXPECT_THAT(after(kind, [](auto& r) { (*r.mutable_tensor()->mutable_int4_codes())[3] = '\x81'; }),
              HasSubstr("a code of -8"));
  EXPECT_THAT(after(kind, [](auto& r) { r.mutable_tensor()->set_int8_scales(0, -1); }),
              HasSubstr("a scale is negative"));
  EXPECT_THAT(after(kind, [](auto& r) { r.mutable_tensor()->set_group(3); }),
              "Tensor: int4_scales has 20 entries, expected are 30");
  EXPECT_THAT(after(kind, [](auto& r) { r.mutable_tensor()->set_group(0); }), "Tensor: group is 0");
  EXPECT_THAT(after(kind, [](auto& r) { r.mutable_tensor()->clear_int4(); }),
              HasSubstr("int4_codes without a format"));
  Records records = sample_records();
  records.erase(records.begin() + 1);  // the second half of a matrix
  EXPECT_THAT(problems(sample_header(), records).front(),
              HasSubstr("Tensor records of qkv_proj of layer 0 end at row 10 of 16"));
  records = sample_records();
  records.push_back(records.front());
  EXPECT_THAT(problems(sample_header(), records).front(), "Tensor: must stand before the first Token");
}

TEST(Validate, TileDigests) {
  const auto kind = trace::Kind::tile_digest;
  EXPECT_THAT(
      after(kind, [](auto& r) { r.mutable_tile_digest()->set_tile_stride(2); }),
      HasSubstr("1 tiles of 2 need 14 bytes of ones and 8 of rows_by_leading_plane, there are 28 and 16"));
  EXPECT_THAT(
      after(kind, [](auto& r) { (*r.mutable_tile_digest()->mutable_rows_by_leading_plane())[8] = 4; }),
      "TileDigest: tile 1 has 4 rows, rows_by_leading_plane adds up to 7");
  EXPECT_THAT(after(kind, [](auto& r) { (*r.mutable_tile_digest()->mutable_ones())[16] = 65; }),
              "TileDigest: tile 1 has 64 codes, 65 of them with a one in plane 2");
  EXPECT_THAT(after(kind, [](auto& r) { (*r.mutable_tile_digest()->mutable_ones())[16] = 64; }), "");
  EXPECT_THAT(after(kind, [](auto& r) { r.mutable_tile_digest()->set_tile_rows(0); }),
              HasSubstr("tile_rows 0"));
}

TEST(Validate, Tokens) {
  const auto kind = trace::Kind::token;
  EXPECT_THAT(after(kind, [](auto& r) { r.mutable_token()->set_id(32); }),
              HasSubstr("is not below vocab 32"));
  EXPECT_THAT(after(
                  kind, [](auto& r) { r.mutable_token()->set_index(2); }, 1),
              "Token: index 2 follows 0");
  EXPECT_THAT(after(
                  kind, [](auto& r) { r.mutable_token()->set_position(9); }, 1),
              "Token: position 9 follows 4");
  EXPECT_THAT(after(
                  kind, [](auto& r) { r.mutable_token()->set_input_id(9); }, 1),
              "Token: input_id 9, the token before chose 0");
  EXPECT_THAT(after(kind, [](auto& r) { r.mutable_token()->set_layer_bits("\x08"); }),
              HasSubstr("has 1 entries"));
  EXPECT_THAT(after(kind, [](auto& r) { r.mutable_token()->set_layer_bits("\x08\x06"); }),
              "Token: layer_bits has 6, which precision flexquant has not");
  EXPECT_THAT(after(kind, [](auto& r) { r.mutable_token()->set_pple(-1); }), HasSubstr("negative, infinite"));
}

TEST(Validate, WhatBelongsToTokens) {
  using trace::Kind;
  EXPECT_THAT(after(Kind::gemv, [](auto& r) { r.mutable_gemv()->set_weight_bits(4); }),
              "Gemv: qkv_proj of layer 0 ran with 4 bits, the Token says 8");
  EXPECT_THAT(after(Kind::gemv, [](auto& r) { r.mutable_gemv()->mutable_activation_codes()->pop_back(); }),
              "Gemv: 7 activation_codes for 8 cols");
  EXPECT_THAT(after(Kind::gemv, [](auto& r) { r.mutable_gemv()->clear_activation_codes(); }),
              HasSubstr("no activation_codes, but"));
  EXPECT_THAT(after(Kind::kv_append, [](auto& r) { r.mutable_kv_append()->set_encoded_tokens(0); }),
              HasSubstr("without encoded_tokens"));
  EXPECT_THAT(after(Kind::kv_attend, [](auto& r) { r.mutable_kv_attend()->set_context_tokens(65); }),
              HasSubstr("outside 1 to the context of 64"));
  EXPECT_THAT(after(Kind::kv_attend, [](auto& r) { r.mutable_kv_attend()->set_sub_vectors(4); }),
              HasSubstr("the header says 2 of 4"));
  EXPECT_THAT(after(Kind::prefill, [](auto& r) { r.mutable_prefill()->set_tokens(5); }),
              HasSubstr("4 prompt_ids"));
  EXPECT_THAT(after(Kind::prefill, [](auto& r) { r.mutable_prefill()->mutable_blocks(1)->set_layer(2); }),
              "Prefill: layer 2 of a model of 2");
  EXPECT_THAT(after(Kind::prefill, [](auto& r) { r.mutable_prefill()->mutable_blocks(1)->set_kv_tokens(3); }),
              "Prefill: a causal block of 4 query and 3 kv tokens; the mask lies along the diagonal");
  Records records = sample_records();
  while (!records.front().has_gemv()) records.erase(records.begin());
  EXPECT_THAT(problems(sample_header(), records).front(), "Gemv: belongs to a Token, and none came yet");
}

TEST(Validate, EncryptedLayers) {
  const auto kind = trace::Kind::mod_mul;
  const auto part = [&](const std::function<void(trace::ModMul&)>& change) {
    return after(kind, [&](Record& r) { change(*r.mutable_mod_mul()); });
  };
  EXPECT_THAT(part([](auto& m) { m.set_modulus_id(2); }), "ModMul: no Modulus with id 2 came before");
  EXPECT_THAT(part([](auto& m) { m.set_inputs(9); }), HasSubstr("which has 8 inputs"));
  EXPECT_THAT(part([](auto& m) { m.set_population(0); }), HasSubstr("population is 0"));
  EXPECT_THAT(part([](auto& m) { m.add_weights(0); }), "ModMul: 5 weights for 2 outputs x 2 inputs");
  EXPECT_THAT(part([](auto& m) { m.set_weights(0, 128); }), HasSubstr("weight 128 does not fit 8 bits"));
  EXPECT_THAT(part([](auto& m) { m.set_weight_bits(4), m.set_weights(0, -8); }), HasSubstr("-7 to 7"));
  EXPECT_THAT(part([](auto& m) { m.set_operations(2, 3); }),
              "ModMul: operation 1 uses value 3, before it are only 3");
  EXPECT_THAT(part([](auto& m) { m.add_operations(0); }), HasSubstr("come in pairs, and there are 7"));
  EXPECT_THAT(part([](auto& m) { m.mutable_results(0)->set_value(5); }), "ModMul: a result is value 5 of 5");
  EXPECT_THAT(part([](auto& m) { m.mutable_results(1)->set_negative(false); }), HasSubstr("comes twice"));
  EXPECT_THAT(part([](auto& m) { m.mutable_results()->RemoveLast(); }),
              "ModMul: output 1 has positive weights and no such result");
  EXPECT_THAT(part([](auto& m) { m.mutable_operands()->pop_back(); }),
              "ModMul: operands has 3 bytes, 2 of 2 are expected");
  EXPECT_THAT(part([](auto& m) { m.set_operands("\xff\xf1\x01\x01"); }),
              "ModMul: operand 0 is not below the modulus");
  const auto modulus = [&](const std::function<void(trace::Modulus&)>& change) {
    return after(trace::Kind::modulus, [&](Record& r) { change(*r.mutable_modulus()); });
  };
  EXPECT_THAT(modulus([](auto& m) { m.set_kind("rsa"); }), HasSubstr("kind is 'rsa'"));
  EXPECT_THAT(modulus([](auto& m) { m.set_bits(15); }), HasSubstr("not a number of exactly 15 bits"));
  EXPECT_THAT(modulus([](auto& m) { m.set_value("\xff\xf2"); }), "Modulus: value is even");
}

TEST(Validate, TileDigestsInPlaceOfWeightsAreOfEveryMatrix) {
  trace::Header header = sample_header();
  header.mutable_content()->set_weights(false);
  Records records;  // without tensors; the one digest is that of the first matrix
  for (const Record& r : sample_records()) {
    if (!r.has_tensor()) records.push_back(r);
  }
  EXPECT_THAT(
      problems(header, records).front(),
      HasSubstr("Gemv: there is no TileDigest of o_proj of layer 0, but the header's content.tile_digests"));
}

TEST(Validate, MoreThanTheHeaderPromisesOrLess) {
  EXPECT_THAT(after_header([](auto& h) { h.mutable_content()->set_weights(false); }),
              HasSubstr("content.weights says that there is none"));
  trace::Header header = sample_header();
  Records records = sample_records();
  records.erase(records.begin() + 11);
  EXPECT_THAT(problems(header, records).front(),
              HasSubstr("content.prefill is set, but there is no prefill"));
  EXPECT_THAT(problems(header, records, false), ElementsAre());  // cut short, it may still have come
}

TEST(Validate, CountsOfTheFooter) {
  const trace::Header header = sample_header();
  std::vector<std::string> found;
  trace::Validator validator(header, "a.tct", [&](const std::string& text) { found.push_back(text); });
  std::array<std::uint64_t, trace::kKinds + 1> counts{};
  counts[1] = counts[2] = 1;
  counts[6] = 3;
  trace::Footer footer;
  (*footer.mutable_counts())[1] = 1;
  (*footer.mutable_counts())[2] = 1;
  (*footer.mutable_counts())[6] = 4;
  (*footer.mutable_counts())[99] = 2;
  footer.set_tokens(4);
  validator.finish(footer, counts);
  EXPECT_THAT(found, ElementsAre("footer: counts 4 records of kind token, there are 3",
                                 "footer: counts 2 records of unknown kinds, there are 0",
                                 "footer: says 4 tokens, there are 3"));
}

}  // namespace
