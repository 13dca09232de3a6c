// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/app/model.h"

#include <stdexcept>
#include <utility>

#include "sim/core/error.h"

namespace sim::app {

std::string Job::export_trace(const std::string& format, const std::string& prefix) const {
  (void)prefix;
  throw Error(Exit::usage, "this model has no operations to write as a " + format + " trace");
}

void Registry::add(std::unique_ptr<Model> model) {
  if (!model) throw std::invalid_argument("Registry::add: no model given");
  if (find(model->name()) != nullptr) {
    throw std::invalid_argument("Registry::add: model '" + model->name() + "' is registered twice");
  }
  models_.push_back(std::move(model));
}

const Model* Registry::find(const std::string& name) const {
  for (const auto& model : models_) {
    if (model->name() == name) return model.get();
  }
  return nullptr;
}

std::vector<std::string> Registry::names() const {
  std::vector<std::string> result;
  for (const auto& model : models_) result.push_back(model->name());
  return result;
}

}  // namespace sim::app
