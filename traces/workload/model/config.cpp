// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/model/config.h"

#include <limits>

#include "sim/core/error.h"
#include "traces/workload/model/strict_json.h"

namespace workload {
namespace {

using nlohmann::json;

class ConfigReader {
 public:
  ConfigReader(const json& config, const std::string& where) : config_(config), where_(where) {
    if (!config.is_object()) fail("is no JSON object");
  }

  ModelShape read() {
    check_architecture();
    ModelShape s;
    s.layers = size("num_hidden_layers");
    s.hidden = size("hidden_size");
    s.intermediate = size("intermediate_size");
    s.heads = size("num_attention_heads");
    s.kv_heads = has("num_key_value_heads") ? size("num_key_value_heads") : s.heads;
    s.vocab = size("vocab_size");
    s.context = has("max_position_embeddings") ? size("max_position_embeddings") : 2048;
    s.norm_eps = has("rms_norm_eps") ? number(config_, "rms_norm_eps") : 1e-6;
    s.tied_head = flag("tie_word_embeddings");
    if (has("head_dim")) {
      s.head_dim = size("head_dim");
    } else {
      if (s.heads == 0 || s.hidden % s.heads != 0) {
        fail("hidden_size (" + std::to_string(s.hidden) + ") is no multiple of num_attention_heads (" +
             std::to_string(s.heads) + ") and there is no head_dim");
      }
      s.head_dim = s.hidden / s.heads;
    }
    read_rope(s);
    check(s, where_);
    return s;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw sim::Error(sim::Exit::input, where_ + ": " + what);
  }

  static bool given(const json& object, const char* key) {
    return object.contains(key) && !object[key].is_null();
  }
  bool has(const char* key) const { return given(config_, key); }

  unsigned size(const char* key) const {
    if (!has(key)) fail(std::string("there is no ") + key);
    const json& v = config_[key];
    const bool whole = v.is_number_integer() && (v.is_number_unsigned() || v.get<std::int64_t>() >= 0);
    if (!whole || v.get<std::uint64_t>() > std::numeric_limits<unsigned>::max()) {
      fail(std::string(key) + " is " + shown(v) + ", which is no size");
    }
    return v.get<unsigned>();
  }
  double number(const json& object, const char* key) const {
    if (!given(object, key)) fail(std::string("there is no ") + key);
    const json& v = object[key];
    if (!v.is_number()) fail(std::string(key) + " is " + shown(v) + ", which is no number");
    return v.get<double>();
  }
  bool flag(const char* key) const {
    if (!has(key)) return false;
    if (!config_[key].is_boolean())
      fail(std::string(key) + " is " + shown(config_[key]) + ", must be true or false");
    return config_[key].get<bool>();
  }
  std::string word(const json& object, const char* key, const std::string& otherwise) const {
    if (!given(object, key)) return otherwise;
    if (!object[key].is_string()) fail(std::string(key) + " is " + shown(object[key]) + ", which is no word");
    return object[key].get<std::string>();
  }
  static std::string shown(const json& v) {
    return v.dump(-1, ' ', false, json::error_handler_t::replace).substr(0, 60);
  }

  void check_architecture() const {
    const std::string type = word(config_, "model_type", "llama");
    if (type != "llama") fail("model_type is '" + type.substr(0, 60) + "'; this program runs 'llama' only");
    if (has("architectures")) {
      const json& list = config_["architectures"];
      if (!list.is_array() || list.size() != 1 || list[0] != "LlamaForCausalLM") {
        fail("architectures is " + shown(list) + "; this program runs [\"LlamaForCausalLM\"] only");
      }
    }
    const std::string act = word(config_, "hidden_act", "silu");
    if (act != "silu" && act != "swish")
      fail("hidden_act is '" + act.substr(0, 60) + "'; only silu is computed");
    for (const char* key : {"attention_bias", "mlp_bias"}) {
      if (flag(key)) fail(std::string(key) + " is true; biases are not computed");
    }
    if (has("quantization_config")) {
      fail(
          "quantization_config: the weights are stored quantised; give a directory with F32, F16 or BF16 "
          "weights");
    }
    if (has("sliding_window")) fail("sliding_window is set; only full attention is computed");
    if (has("pretraining_tp") && config_["pretraining_tp"] != 1) {
      fail("pretraining_tp is " + shown(config_["pretraining_tp"]) + "; only 1 is computed");
    }
  }

  void read_rope(ModelShape& s) const {
    if (has("rope_theta")) s.rope_theta = number(config_, "rope_theta");
    for (const char* key : {"rope_scaling", "rope_parameters"}) {
      if (!has(key)) continue;
      const json& rope = config_[key];
      if (!rope.is_object()) fail(std::string(key) + " is " + shown(rope) + ", which is no object");
      if (given(rope, "rope_theta")) s.rope_theta = number(rope, "rope_theta");
      if (given(rope, "partial_rotary_factor") && rope["partial_rotary_factor"] != 1.0) {
        fail("partial_rotary_factor is " + shown(rope["partial_rotary_factor"]) + "; only 1 is computed");
      }
      const std::string type = word(rope, "rope_type", word(rope, "type", "default"));
      if (type == "default") continue;
      if (type != "llama3") {
        fail(std::string(key) + ": rope_type '" + type.substr(0, 60) +
             "' is not computed; default and llama3 are");
      }
      RopeScaling& r = s.rope_scaling;
      r.llama3 = true;
      r.factor = number(rope, "factor");
      r.low_freq_factor = number(rope, "low_freq_factor");
      r.high_freq_factor = number(rope, "high_freq_factor");
      r.original_context = number(rope, "original_max_position_embeddings");
      if (!(r.factor >= 1) || !(r.low_freq_factor > 0) || !(r.high_freq_factor > r.low_freq_factor) ||
          !(r.original_context >= 1)) {
        fail(std::string(key) +
             ": needs factor >= 1, 0 < low_freq_factor < high_freq_factor and "
             "original_max_position_embeddings >= 1");
      }
    }
  }

  const json& config_;
  std::string where_;
};

}  // namespace

ModelShape shape_from_config(const json& config, const std::string& where) {
  return ConfigReader(config, where).read();
}

ModelShape read_config(const std::filesystem::path& directory) {
  std::error_code error;
  if (!std::filesystem::is_directory(directory, error)) {
    throw sim::Error(sim::Exit::input, directory.string() +
                                           ": there is no such directory; a model is a directory with "
                                           "config.json and model.safetensors");
  }
  const auto file = directory / "config.json";
  JsonLimits limits;
  limits.bytes = std::size_t{1} << 20;
  ModelShape shape = shape_from_config(read_strict_json(file, limits), file.string());
  auto last = directory.lexically_normal();
  if (last.filename().empty()) last = last.parent_path();
  shape.name = last.filename().string();
  return shape;
}

}  // namespace workload
