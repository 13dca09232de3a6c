// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/io/shape.h"

namespace trace {

MatrixShape matrix_shape(const Model& model, Matrix matrix) {
  const std::uint64_t hidden = model.hidden(), inner = model.intermediate();
  const std::uint64_t heads = model.heads(), kv_heads = model.kv_heads(), dim = model.head_dim();
  switch (matrix) {
    case tricycle::trace::QKV_PROJ:
      return {(heads + 2 * kv_heads) * dim, hidden};
    case tricycle::trace::O_PROJ:
      return {hidden, heads * dim};
    case tricycle::trace::GATE_UP_PROJ:
      return {2 * inner, hidden};
    case tricycle::trace::DOWN_PROJ:
      return {hidden, inner};
    case tricycle::trace::LM_HEAD:
      return {model.vocab(), hidden};
    default:
      return {};
  }
}

std::string matrix_name(int matrix) {
  switch (matrix) {
    case tricycle::trace::QKV_PROJ:
      return "qkv_proj";
    case tricycle::trace::O_PROJ:
      return "o_proj";
    case tricycle::trace::GATE_UP_PROJ:
      return "gate_up_proj";
    case tricycle::trace::DOWN_PROJ:
      return "down_proj";
    case tricycle::trace::LM_HEAD:
      return "lm_head";
    default:
      return "matrix " + std::to_string(matrix);
  }
}

}  // namespace trace
