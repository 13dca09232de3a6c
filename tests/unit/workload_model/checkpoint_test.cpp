// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/model/checkpoint.h"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/core/error.h"
#include "tests/support/model_folder.h"

namespace {

using nlohmann::json;
using test_support::f32_tensor;
using test_support::safetensors_bytes;
using test_support::write_bytes;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using workload::Checkpoint;

class ModelCheckpoint : public ::testing::Test {
 protected:
  void write_index(const json& map) {
    write_bytes(folder_ / "model.safetensors.index.json",
                json{{"metadata", {{"total_size", 1}}}, {"weight_map", map}}.dump());
  }
  std::string error() {
    try {
      const Checkpoint unused(folder_ / "");
    } catch (const sim::Error& e) {
      EXPECT_EQ(e.exit_code(), sim::Exit::input);
      return e.what();
    }
    return "";
  }
  test_support::TempFolder folder_;
};

TEST_F(ModelCheckpoint, several_files_are_one) {
  write_bytes(folder_ / "m1.safetensors",
              safetensors_bytes({{"a", f32_tensor({2}, 1)}, {"c", f32_tensor({1}, 3)}}));
  write_bytes(folder_ / "m2.safetensors", safetensors_bytes({{"b", f32_tensor({1}, 2)}}));
  write_index({{"a", "m1.safetensors"}, {"b", "m2.safetensors"}, {"c", "m1.safetensors"}});
  const Checkpoint c(folder_ / "");
  EXPECT_THAT(c.tensors(), ElementsAre("a", "b", "c"));
  float value = 0;
  c.read("b", &value);
  EXPECT_EQ(value, 2.0F);
  c.read("c", &value);
  EXPECT_EQ(value, 3.0F);
  EXPECT_THAT(c.file_of("b"), HasSubstr("m2.safetensors"));
}

TEST_F(ModelCheckpoint, an_index_that_does_not_fit_its_files) {
  write_bytes(folder_ / "m1.safetensors",
              safetensors_bytes({{"a", f32_tensor({2})}, {"c", f32_tensor({1})}}));
  write_bytes(folder_ / "m2.safetensors",
              safetensors_bytes({{"a", f32_tensor({2})}, {"b", f32_tensor({1})}}));
  write_index({{"a", "m1.safetensors"}, {"c", "m1.safetensors"}, {"x", "m1.safetensors"}});
  EXPECT_THAT(error(), HasSubstr("tensor 'x' is not in m1.safetensors, where the index says it is"));
  write_index({{"a", "m1.safetensors"}});
  EXPECT_THAT(error(), HasSubstr("m1.safetensors: holds tensor 'c', which the index does not place there"));
  write_index({{"a", "m1.safetensors"}, {"c", "m1.safetensors"}, {"b", "m2.safetensors"}});
  EXPECT_THAT(error(), HasSubstr("m2.safetensors: holds tensor 'a', which the index does not place there"));
  write_index({{"a", "m3.safetensors"}});
  EXPECT_THAT(error(), HasSubstr("m3.safetensors: cannot be opened: No such file or directory"));
}

TEST_F(ModelCheckpoint, an_index_does_not_lead_out_of_its_folder) {
  for (const char* name : {"../m1.safetensors", "/etc/passwd", "", ".", ".."}) {
    write_index({{"a", name}});
    EXPECT_THAT(error(), HasSubstr("tensor 'a' is said to be in a file that is none of this directory"))
        << name;
  }
  write_index({{"a", 1}});
  EXPECT_THAT(error(), HasSubstr("none of this directory"));
}

TEST_F(ModelCheckpoint, an_index_without_a_map_and_a_folder_without_anything) {
  EXPECT_THAT(error(), HasSubstr("has neither model.safetensors nor model.safetensors.index.json"));
  write_bytes(folder_ / "model.safetensors.index.json", "{\"weight_map\": []}");
  EXPECT_THAT(error(), HasSubstr("has no weight_map"));
}

TEST_F(ModelCheckpoint, shapes_and_values_that_are_not_finite) {
  auto bad = f32_tensor({2, 2});
  const float nan = std::numeric_limits<float>::quiet_NaN();
  bad.bytes.replace(8, 4, std::string(reinterpret_cast<const char*>(&nan), 4));
  const auto file = folder_ / "model.safetensors";
  write_bytes(file, safetensors_bytes({{"a", bad}}));
  const Checkpoint c(folder_ / "");
  const auto message = [](const auto& call) -> std::string {
    try {
      call();
    } catch (const sim::Error& e) {
      return e.what();
    }
    return "";
  };
  std::vector<float> out(4);
  EXPECT_EQ(message([&] { c.require("a", {2, 2}); }), "");
  EXPECT_EQ(message([&] { c.require("a", {4}); }),
            file.string() + ": tensor 'a': shape [2, 2], config.json needs [4]");
  EXPECT_THAT(message([&] { c.require("b", {4}); }), HasSubstr("there is no tensor 'b' of shape [4]"));
  EXPECT_EQ(message([&] { c.read("a", out.data()); }),
            file.string() + ": tensor 'a': element 2 is not finite");
}

}  // namespace
