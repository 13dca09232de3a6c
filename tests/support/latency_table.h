// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace test {

// Rows of a table in a model's README, between "<!-- NAME -->" and the next empty line: the documented number
// is the one that the tests hold the model to, so the page cannot drift.
struct TableRow {
  std::map<std::string, std::string> cells;  // by column heading
  unsigned number(const std::string& column) const {
    return static_cast<unsigned>(std::stoul(cells.at(column)));
  }
  // A cell of the form "n=128 w=8 ...".
  std::map<std::string, std::string> settings(const std::string& column) const {
    std::map<std::string, std::string> result;
    std::istringstream words(cells.at(column));
    for (std::string word; words >> word;) {
      word.erase(std::remove(word.begin(), word.end(), '`'), word.end());
      const std::size_t eq = word.find('=');
      if (eq == std::string::npos) throw std::runtime_error("not key=value: " + word);
      result[word.substr(0, eq)] = word.substr(eq + 1);
    }
    return result;
  }
};

inline std::vector<std::string> split_row(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream in(line.substr(1));
  for (std::string cell; std::getline(in, cell, '|');) {
    const std::size_t first = cell.find_first_not_of(' ');
    const std::size_t last = cell.find_last_not_of(' ');
    cells.push_back(first == std::string::npos ? "" : cell.substr(first, last - first + 1));
  }
  return cells;
}

inline std::vector<TableRow> read_table(const std::string& file, const std::string& name) {
  std::ifstream in(file);
  if (!in) throw std::runtime_error("cannot read " + file);
  std::string line;
  while (std::getline(in, line) && line != "<!-- " + name + " -->") {
  }
  std::vector<std::string> headings;
  std::vector<TableRow> rows;
  while (std::getline(in, line) && !line.empty() && line[0] == '|') {
    const std::vector<std::string> cells = split_row(line);
    if (headings.empty()) {
      headings = cells;
      std::getline(in, line);  // |---|
      continue;
    }
    TableRow row;
    for (std::size_t i = 0; i < headings.size() && i < cells.size(); ++i) row.cells[headings[i]] = cells[i];
    rows.push_back(row);
  }
  if (rows.empty()) throw std::runtime_error(file + " has no table '" + name + "'");
  return rows;
}

}  // namespace test
