// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/app/prompt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/model_folder.h"

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using workload::parse_ids;
using workload::read_prompt;
using workload::RunOptions;

class Prompt : public ::testing::Test {
 protected:
  Prompt() {
    shape_ = workload::synthetic_shape("tiny");
    shape_.context = 12;
    options_.tokens = 4;
  }
  std::pair<sim::Exit, std::string> error() const {
    try {
      read_prompt(options_, shape_);
    } catch (const sim::Error& e) {
      return {e.exit_code(), e.what()};
    }
    return {sim::Exit::done, ""};
  }
  workload::ModelShape shape_;
  RunOptions options_;
  test_support::TempFolder folder_;
};

TEST_F(Prompt, text_is_bytes) {
  options_.prompt = "A\xc3\xa9";
  EXPECT_THAT(read_prompt(options_, shape_), ElementsAre(65, 0xc3, 0xa9));
}

TEST_F(Prompt, a_file_is_bytes_for_a_byte_level_model_and_ids_for_others) {
  options_.prompt_file = (folder_ / "p").string();
  test_support::write_bytes(folder_ / "p", "1 2\n");
  EXPECT_THAT(read_prompt(options_, shape_), ElementsAre('1', ' ', '2', '\n'));
  shape_.vocab = 300;
  EXPECT_THAT(read_prompt(options_, shape_), ElementsAre(1, 2));
}

TEST_F(Prompt, a_tokenizer_takes_text_away) {
  EXPECT_TRUE(workload::is_byte_level(shape_, ""));
  EXPECT_TRUE(workload::is_byte_level(shape_, folder_ / ""));
  test_support::write_bytes(folder_ / "tokenizer.json", "{}");
  EXPECT_FALSE(workload::is_byte_level(shape_, folder_ / ""));
  options_.model = (folder_ / "").string();
  options_.prompt = "x";
  EXPECT_EQ(error().first, sim::Exit::usage);
  EXPECT_THAT(error().second, HasSubstr("give --prompt-ids"));
}

TEST_F(Prompt, ids) {
  EXPECT_THAT(parse_ids("1,2, 3\n4", sim::Exit::usage, "x"), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(parse_ids(" , ", sim::Exit::usage, "x"), ElementsAre());
  for (const char* bad : {"1,x", "-1", "1.5", "4294967296", "0x10", "1;2"}) {
    EXPECT_THROW(parse_ids(bad, sim::Exit::usage, "x"), sim::Error) << bad;
  }
}

TEST_F(Prompt, the_context_is_filled_exactly_and_not_beyond) {
  options_.prompt = "12345678";
  EXPECT_EQ(error().first, sim::Exit::done);  // 8 + 4 of 12
  options_.tokens = 5;
  EXPECT_EQ(error(),
            std::make_pair(sim::Exit::usage, std::string("--tokens 5 behind a prompt of 8 is more than the "
                                                         "model's context of 12; at most 4 fit")));
  options_.prompt = "1234567890123";
  EXPECT_EQ(error(),
            std::make_pair(sim::Exit::input,
                           std::string("--prompt: the prompt has 13 tokens, the model's context 12")));
}

TEST_F(Prompt, what_is_no_prompt) {
  options_.prompt_ids = "1,256";
  EXPECT_EQ(error(),
            std::make_pair(sim::Exit::input,
                           std::string("--prompt-ids: id 256 of token 1 is outside the vocabulary of 256")));
  options_.prompt_ids = ",";
  EXPECT_EQ(error(), std::make_pair(sim::Exit::input, std::string("--prompt-ids: the prompt has no tokens")));
  options_.prompt_ids.clear();
  options_.prompt_file = (folder_ / "none").string();
  EXPECT_EQ(error().first, sim::Exit::input);
}

}  // namespace
