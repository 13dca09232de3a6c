// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace sim::record {

// What a VCD file says, read without any help of the code under test. Values are extended to the declared
// width. Throws std::runtime_error on anything that is not VCD.
struct Vcd {
  using Changes = std::vector<std::pair<std::uint64_t, std::string>>;  // time, bits

  std::string timescale;
  std::string comment;
  std::map<std::string, unsigned> widths;  // by path "a.b.c"
  std::map<std::string, Changes> changes;  // in order of the file
  std::vector<std::uint64_t> times;
  std::string dumped;  // paths in $dumpvars, in order, each followed by a space

  explicit Vcd(const std::string& text) {
    std::istringstream in(text);
    std::map<std::string, std::string> paths;  // by code
    std::vector<std::string> scopes;
    std::string word;
    while (in >> word && word != "$enddefinitions") {
      const std::string body = until_end(in);
      std::istringstream part(body);
      if (word == "$scope") {
        std::string kind, name;
        part >> kind >> name;
        scopes.push_back(name);
      } else if (word == "$upscope") {
        if (scopes.empty()) throw std::runtime_error("$upscope without $scope");
        scopes.pop_back();
      } else if (word == "$var") {
        std::string kind, code, name, range, path;
        unsigned width = 0;
        part >> kind >> width >> code >> name >> range;
        for (const auto& scope : scopes) path += scope + ".";
        path += name;
        if (!range.empty() && range != "[" + std::to_string(width - 1) + ":0]")
          throw std::runtime_error(range);
        if (!paths.emplace(code, path).second) throw std::runtime_error("code used twice: " + code);
        if (!widths.emplace(path, width).second) throw std::runtime_error("signal declared twice: " + path);
      } else if (word == "$timescale") {
        part >> timescale;
      } else if (word == "$comment") {
        comment += body;
      } else if (word != "$date" && word != "$version") {
        throw std::runtime_error("unknown section " + word);
      }
    }
    if (word != "$enddefinitions" || !scopes.empty()) throw std::runtime_error("declarations do not end");
    until_end(in);
    read_changes(in, paths);
  }

  std::string last(const std::string& path) const { return changes.at(path).back().second; }

 private:
  static std::string until_end(std::istream& in) {
    std::string body, word;
    while (in >> word) {
      if (word == "$end") return body;
      body += word + " ";
    }
    throw std::runtime_error("a section without $end");
  }

  void read_changes(std::istream& in, const std::map<std::string, std::string>& paths) {
    bool dumping = false;
    std::string word;
    while (in >> word) {
      if (word[0] == '#') {
        const std::uint64_t time = std::stoull(word.substr(1));
        if (!times.empty() && time <= times.back())
          throw std::runtime_error("time does not advance: " + word);
        times.push_back(time);
      } else if (word == "$dumpvars" || word == "$end") {
        if (dumping == (word == "$dumpvars")) throw std::runtime_error("unexpected " + word);
        dumping = word == "$dumpvars";
      } else {
        std::string bits, code;
        if (word[0] == 'b') {
          bits = word.substr(1);
          in >> code;
        } else {
          bits = word.substr(0, 1);
          code = word.substr(1);
        }
        const std::string& path = paths.at(code);
        const unsigned width = widths.at(path);
        if (bits.empty() || bits.size() > width || bits.find_first_not_of("01x") != std::string::npos) {
          throw std::runtime_error("not a value of " + path + ": " + word);
        }
        if ((word[0] == 'b') != (width > 1)) throw std::runtime_error("wrong form of value: " + word);
        if (times.empty()) throw std::runtime_error("a value before the first time");
        bits.insert(0, width - bits.size(), bits[0] == 'x' ? 'x' : '0');
        changes[path].emplace_back(times.back(), bits);
        if (dumping) dumped += path + " ";
      }
    }
    if (dumping) throw std::runtime_error("$dumpvars does not end");
  }
};

}  // namespace sim::record
