// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/model/load.h"

#include <set>

#include "sim/core/error.h"
#include "traces/workload/model/checkpoint.h"
#include "traces/workload/model/config.h"

namespace workload {
namespace {

class Loader {
 public:
  Loader(const std::filesystem::path& directory, const ModelShape& shape)
      : directory_(directory), checkpoint_(directory), shape_(shape) {}

  Weights load() {
    // The layers' names are looked at before any memory is taken: a config.json that claims more layers than
    // there are tensors ends here.
    const std::string last = layer_name(shape_.layers - 1) + "input_layernorm.weight";
    if (!checkpoint_.has(last)) {
      throw sim::Error(sim::Exit::input, directory_.string() + ": num_hidden_layers is " +
                                             std::to_string(shape_.layers) + " but there is no tensor '" +
                                             last + "'");
    }
    Weights w;
    w.shape = shape_;
    w.embedding = matrix({{"model.embed_tokens.weight", shape_.vocab}}, shape_.hidden);
    for (unsigned l = 0; l < shape_.layers; ++l) w.layers.push_back(layer(l));
    w.final_norm = vector("model.norm.weight", shape_.hidden);
    if (!shape_.tied_head) {
      w.lm_head = matrix({{"lm_head.weight", shape_.vocab}}, shape_.hidden);
    } else {
      used_.insert("lm_head.weight");
    }
    check_all_used();
    w.digest = digest_of(w);
    return w;
  }

 private:
  struct Part {
    std::string name;
    std::size_t rows;
  };

  static std::string layer_name(unsigned layer) { return "model.layers." + std::to_string(layer) + "."; }

  LayerWeights layer(unsigned index) {
    const std::string name = layer_name(index);
    const std::size_t kv = shape_.kv_rows();
    LayerWeights l;
    l.qkv_proj = matrix({{name + "self_attn.q_proj.weight", shape_.q_rows()},
                         {name + "self_attn.k_proj.weight", kv},
                         {name + "self_attn.v_proj.weight", kv}},
                        shape_.hidden);
    l.o_proj = matrix({{name + "self_attn.o_proj.weight", shape_.hidden}}, shape_.q_rows());
    l.gate_up_proj = matrix({{name + "mlp.gate_proj.weight", shape_.intermediate},
                             {name + "mlp.up_proj.weight", shape_.intermediate}},
                            shape_.hidden);
    l.down_proj = matrix({{name + "mlp.down_proj.weight", shape_.hidden}}, shape_.intermediate);
    l.input_norm = vector(name + "input_layernorm.weight", shape_.hidden);
    l.post_norm = vector(name + "post_attention_layernorm.weight", shape_.hidden);
    return l;
  }

  // Shapes first, memory then: a small file cannot make this program ask for much.
  void require(const std::string& name, const std::vector<std::uint64_t>& shape) {
    checkpoint_.require(name, shape);
    used_.insert(name);
  }

  Matrix matrix(const std::vector<Part>& parts, std::size_t cols) {
    std::size_t rows = 0;
    for (const Part& part : parts) {
      require(part.name, {part.rows, cols});
      rows += part.rows;
    }
    Matrix m(rows, cols);
    std::size_t row = 0;
    for (const Part& part : parts) {
      checkpoint_.read(part.name, m.row(row));
      row += part.rows;
    }
    return m;
  }

  std::vector<float> vector(const std::string& name, std::size_t size) {
    require(name, {size});
    std::vector<float> v(size);
    checkpoint_.read(name, v.data());
    return v;
  }

  void check_all_used() const {
    for (const std::string& name : checkpoint_.tensors()) {
      // Older checkpoints store the rotary embedding's frequencies, which follow from config.json.
      const std::string inverse = ".rotary_emb.inv_freq";
      const bool frequencies = name.size() > inverse.size() &&
                               name.compare(name.size() - inverse.size(), inverse.size(), inverse) == 0;
      if (used_.count(name) == 0 && !frequencies) {
        throw sim::Error(sim::Exit::input, checkpoint_.file_of(name) + ": tensor '" + name.substr(0, 100) +
                                               "' is no part of the model that config.json describes");
      }
    }
  }

  std::filesystem::path directory_;
  Checkpoint checkpoint_;
  ModelShape shape_;
  std::set<std::string> used_;
};

}  // namespace

Weights load_weights(const std::filesystem::path& directory) {
  return Loader(directory, read_config(directory)).load();
}

}  // namespace workload
