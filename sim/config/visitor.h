// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "sim/config/meta.h"
#include "sim/config/slot.h"

namespace sim::config {

// Sees every setting of a configuration. A configuration is a struct whose member function
// `void fields(Visitor& v)` names each of its settings once, in the order of the file:
//
//   void fields(Visitor& v) {
//     v.field("lanes", lanes, Meta("lane", "residue lanes working in parallel").range(1, 256));
//     v.section("mul", mul, "the multiplier");
//     v.list("stages", stages, "one entry a stage");
//   }
//
// Reading, dumping and describing are visitors. What fields() declares may depend on settings declared
// before (they are read by then). Keys are words of letters, digits and '_'; "include" is taken
// (by include files). A wrong or repeated key is a defect of the program:
// Error(Exit::internal).
class Visitor {
 public:
  Visitor();
  virtual ~Visitor() = default;
  Visitor(const Visitor&) = delete;
  Visitor& operator=(const Visitor&) = delete;

  // T: bool, integers, double, std::string, enums with EnumNames, Auto of these, std::vector of these.
  template <class T>
  void field(const std::string& key, T& value, const Meta& meta) {
    declare(key);
    TypedSlot<T> slot(value, meta);
    on_field(key, slot, meta);
  }

  // A field that Auto<T> holds keeps its word in the struct as well, for messages.
  template <class T>
  void field(const std::string& key, Auto<T>& value, const Meta& meta) {
    declare(key);
    value.word = meta.word();
    TypedSlot<Auto<T>> slot(value, meta);
    on_field(key, slot, meta);
  }

  // S has `void fields(Visitor&)`.
  template <class S>
  void section(const std::string& key, S& s, const std::string& text) {
    declare(key);
    on_section(key, text, [&] { inside(join(path(), key), [&] { s.fields(*this); }); });
  }

  // A list of sections. A list that is given replaces the default one; its elements start as S{}.
  template <class S>
  void list(const std::string& key, std::vector<S>& items, const std::string& text) {
    declare(key);
    ListSlot slot;
    slot.size = [&] { return items.size(); };
    slot.renew = [&](std::size_t n) {
      items.clear();
      items.resize(n);
    };
    slot.visit = [&](std::size_t i) {
      inside(join(path(), key) + "[" + std::to_string(i) + "]", [&] { items.at(i).fields(*this); });
    };
    slot.visit_model = [&] {
      S model{};
      inside(join(path(), key) + "[]", [&] { model.fields(*this); });
    };
    on_list(key, text, slot);
  }

  // Path of the section being visited: "" at the root, "design.stages[2]".
  const std::string& path() const { return frames_.back().path; }

 protected:
  using Body = std::function<void()>;  // visits what is inside a section
  struct ListSlot {
    std::function<std::size_t()> size;
    std::function<void(std::size_t)> renew;  // that many elements, all S{}
    std::function<void(std::size_t)> visit;  // one element
    Body visit_model;                        // an S{}: what an element may hold
  };

  virtual void on_field(const std::string& key, Slot& slot, const Meta& meta) = 0;
  virtual void on_section(const std::string& key, const std::string& text, const Body& body) = 0;
  virtual void on_list(const std::string& key, const std::string& text, const ListSlot& list) = 0;
  virtual void on_leave() {}  // every key of the section or element path() has been declared

  static std::string join(const std::string& path, const std::string& key);
  const std::vector<std::string>& keys() const { return frames_.back().keys; }  // declared so far, in order

 private:
  struct Frame {
    std::string path;
    std::vector<std::string> keys;
  };
  void declare(const std::string& key);
  void inside(const std::string& path, const Body& body);

  std::vector<Frame> frames_;
};

}  // namespace sim::config
