// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// A comparison for people, within the columns that there are.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <ostream>

#include "sim/app/comparison.h"
#include "sim/app/timing_error.h"

namespace sim::app {
namespace {

using Json = nlohmann::ordered_json;
using Line = std::vector<std::string>;
constexpr const char* kGap = "  ";
constexpr std::size_t kShortestValue = 10, kLongestValue = 28;

std::string formatted(const char* format, double value) {
  char text[64];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

std::string cut(const std::string& text, std::size_t most) {
  if (text.size() <= most) return text;
  // Of a path the end says more.
  if (text.find('/') != std::string::npos) return "..." + text.substr(text.size() - (most - 3));
  return text.substr(0, most - 3) + "...";
}

std::string shown(const std::optional<Json>& value, bool extrapolated, std::size_t most = kLongestValue) {
  if (!value) return "";
  std::string text;
  if (value->is_null())
    text = "-";
  else if (value->is_string())
    text = value->get<std::string>();
  else if (value->is_number_float())
    text = formatted("%.6g", value->get<double>());
  else
    text = value->dump();
  return cut((extrapolated ? "~" : "") + text, most);
}

std::string ratio_text(const ComparedRow& row, std::size_t run) {
  const auto value = ratio(row, run);
  return value ? formatted("%.4g", *value) : "";
}

std::string change(const ComparedRow& row, std::size_t run) {
  if (!row.values[run] || !row.values[0]) return "";
  const auto percent = change_percent(row, run);
  if (!percent) return row.values[run] != row.values[0] ? "differs" : "";
  if (*percent == 0) return "=";
  return formatted(std::fabs(*percent) < 1000 ? "%+.3g %%" : "%+.0f %%", *percent);
}

std::string difference_text(const ComparedRow& row, std::size_t run) {
  const auto value = difference(row, run);
  if (!value) return "";
  const bool whole = row.values[0]->is_number_integer() && row.values[run]->is_number_integer();
  return formatted(whole ? "%.15g" : "%.6g", *value);
}

/// The first column at the left, the others at the right (`left`: all at the left). A first cell that would
/// push the others beyond the width has a line of its own.
void write_table(std::ostream& out, const std::vector<Line>& lines, std::size_t width, bool left = false) {
  const std::size_t columns = lines.front().size();
  std::vector<std::size_t> widths(columns);
  for (const Line& line : lines) {
    for (std::size_t i = 0; i < columns; ++i) widths[i] = std::max(widths[i], line[i].size());
  }
  std::size_t rest = 2;
  for (std::size_t i = 1; i < columns; ++i) rest += widths[i] + 2;
  const std::size_t first = std::min(widths[0], width > rest + 16 ? width - rest : 16);
  for (const Line& line : lines) {
    std::string text = kGap + line[0];
    if (line[0].size() > first) {
      out << text << "\n";
      text = kGap + std::string(first, ' ');
    } else {
      text += std::string(first - line[0].size(), ' ');
    }
    for (std::size_t i = 1; i < columns; ++i) {
      const std::string pad(widths[i] - line[i].size(), ' ');
      text += kGap + (left ? line[i] + pad : pad + line[i]);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    out << text << "\n";
  }
}

void write_wrapped(std::ostream& out, const std::string& head, const std::vector<std::string>& words,
                   std::size_t width) {
  std::string line = head;
  for (const std::string& word : words) {
    if (line.size() + 1 + word.size() > width && line.size() > 4) {
      out << line << "\n";
      line = "   ";
    }
    line += " " + word;
  }
  out << line << "\n";
}

std::string without_names(const std::string& key) {
  const auto open = key.find('[');
  const auto close = key.find(']', open);
  return open == std::string::npos || close == std::string::npos
             ? key
             : key.substr(0, open + 1) + without_names(key.substr(close));
}

class Text {
 public:
  Text(std::ostream& out, const Comparison& c, const TextStyle& style) : out_(out), c_(c), style_(style) {}

  void write() {
    head();
    write_text(out_, c_, timing_errors(c_));
    settings();
    figures();
  }

 private:
  std::size_t runs() const { return c_.runs.size(); }

  bool wanted(const ComparedRow& row) const {
    return style_.keys.empty() ||
           std::any_of(style_.keys.begin(), style_.keys.end(),
                       [&](const std::string& word) { return row.key.find(word) != std::string::npos; });
  }

  void head() {
    std::vector<Line> lines;
    for (std::size_t i = 0; i < runs(); ++i) {
      const RunResults& r = c_.runs[i];
      lines.push_back({c_.labels[i], r.folder.string(), r.model, r.partial ? "PARTIAL" : r.outcome});
    }
    write_table(out_, lines, style_.width, true);
    for (const std::string& note : c_.notes) write_wrapped(out_, "  note:", {note}, style_.width + 200);
  }

  std::string owners(const ComparedRow& row) const {
    std::string text;
    for (std::size_t i = 0; i < runs(); ++i) {
      if (row.values[i]) text += (text.empty() ? "" : ", ") + c_.labels[i];
    }
    return text;
  }

  // What only some runs have, named by runs, elements of lists together.
  void only(const char* what, const std::vector<const ComparedRow*>& rows) {
    std::vector<std::pair<std::string, std::vector<std::string>>> groups;
    for (const ComparedRow* row : rows) {
      const std::string runs = owners(*row);
      auto group = std::find_if(groups.begin(), groups.end(), [&](const auto& g) { return g.first == runs; });
      if (group == groups.end()) group = groups.insert(group, {runs, {}});
      auto& list = group->second;
      const std::string name = style_.all ? row->key : without_names(row->key);
      if (std::find(list.begin(), list.end(), name) == list.end()) list.push_back(name);
    }
    for (auto& [runs, list] : groups) {
      out_ << "\n" << what << " of " << runs << " only (" << list.size() << ")\n";
      const std::size_t most = style_.all ? list.size() : std::min<std::size_t>(list.size(), 40);
      const bool more = most < list.size();
      list.resize(most);
      for (std::size_t i = 0; i + (more ? 0 : 1) < most; ++i) list[i] += ",";
      if (more) list.emplace_back("... (--all shows them)");
      write_wrapped(out_, " ", list, style_.width);
    }
  }

  void settings() {
    std::vector<const ComparedRow*> table, some;
    std::size_t equal = 0, differ = 0;
    for (const ComparedRow& row : c_.settings) {
      if (!wanted(row)) continue;
      if (!row.differs() && !row.everywhere()) {
        some.push_back(&row);
        continue;
      }
      (row.differs() ? differ : equal) += 1;
      if (row.differs() || style_.all) table.push_back(&row);
    }
    out_ << "\nSettings: " << differ << (differ == 1 ? " differs, " : " differ, ") << equal << " are equal\n";
    if (!table.empty()) {
      std::size_t longest = 0;
      for (const ComparedRow* row : table) longest = std::max(longest, row->key.size());
      const std::size_t left = style_.width > longest + 4 ? style_.width - longest - 4 : 0;
      const std::size_t each = std::clamp(left / runs() - 2, kShortestValue, kLongestValue);
      std::vector<Line> lines(1, Line{"setting"});
      for (const std::string& name : c_.labels) lines[0].push_back(name);
      for (const ComparedRow* row : table) {
        Line line{row->key};
        for (const auto& value : row->values) line.push_back(shown(value, false, each));
        lines.push_back(std::move(line));
      }
      write_table(out_, lines, style_.width, true);
    }
    only("Settings", some);
  }

  Line figure_head(std::size_t first, std::size_t last) const {
    if (runs() == 2) return {"key", "A", "B", "B - A", "change", "B / A"};
    Line line{"key", "A"};
    for (std::size_t i = first; i < last; ++i) {
      line.push_back(c_.labels[i]);
      line.emplace_back("change");
    }
    return line;
  }

  Line figure_line(const ComparedRow& row, std::size_t first, std::size_t last) const {
    Line line{row.key, shown(row.values[0], row.extrapolated[0])};
    for (std::size_t i = first; i < last; ++i) {
      line.push_back(shown(row.values[i], row.extrapolated[i]));
      if (runs() == 2) line.push_back(difference_text(row, i));
      line.push_back(change(row, i));
      if (runs() == 2) line.push_back(ratio_text(row, i));
    }
    return line;
  }

  // As many runs beside the first one as the width has room for.
  void figure_table(const std::vector<const ComparedRow*>& rows) {
    for (std::size_t first = 1; first < runs();) {
      std::size_t last = first;
      std::vector<Line> lines;
      do {
        ++last;
        std::vector<Line> more(1, figure_head(first, last));
        for (const ComparedRow* row : rows) more.push_back(figure_line(*row, first, last));
        if (last > first + 1 && columns(more) > style_.width) {
          --last;
          break;
        }
        lines = std::move(more);
      } while (last < runs());
      if (first != 1) out_ << "\n";
      write_table(out_, lines, style_.width);
      first = last;
    }
  }

  static std::size_t columns(const std::vector<Line>& lines) {
    std::size_t sum = 0;
    for (std::size_t i = 0; i < lines.front().size(); ++i) {
      std::size_t most = 0;
      for (const Line& line : lines) most = std::max(most, line[i].size());
      sum += 2 + (i == 0 ? std::min<std::size_t>(most, 40) : most);
    }
    return sum;
  }

  void figures() {
    std::vector<const ComparedRow*> table, some;
    std::vector<std::pair<std::string, std::vector<const ComparedRow*>>> lists;  // by name, in their order
    std::size_t equal = 0, differ = 0;
    for (const ComparedRow& row : c_.figures) {
      if (!wanted(row)) continue;
      if (!row.differs() && !row.everywhere()) {
        some.push_back(&row);
        continue;
      }
      (row.differs() ? differ : equal) += 1;
      if (!row.differs() && !style_.all) continue;
      if (!row.in_list || style_.all) {
        table.push_back(&row);
        continue;
      }
      const std::string name = without_names(row.key);
      auto at = std::find_if(lists.begin(), lists.end(), [&](const auto& l) { return l.first == name; });
      if (at == lists.end()) at = lists.insert(lists.end(), {name, {}});
      at->second.push_back(&row);
    }
    out_ << "\nFigures: " << differ << (differ == 1 ? " differs, " : " differ, ") << equal << " are equal\n";
    if (!table.empty()) figure_table(table);
    for (const auto& [name, rows] : lists) list_line(name, rows);
    if (!lists.empty()) out_ << "  (--all shows every element)\n";
    only("Figures", some);
  }

  void list_line(const std::string& name, const std::vector<const ComparedRow*>& rows) {
    out_ << "  " << name << ": " << rows.size()
         << (rows.size() == 1 ? " element differs" : " elements differ");
    const ComparedRow* most = nullptr;
    std::size_t where = 1;
    for (const ComparedRow* row : rows) {
      for (std::size_t i = 1; i < runs(); ++i) {
        const auto now = change_percent(*row, i);
        if (now && (most == nullptr || std::fabs(*now) > std::fabs(*change_percent(*most, where)))) {
          most = row;
          where = i;
        }
      }
    }
    if (most != nullptr) {
      out_ << ", most " << most->key << " " << change(*most, where) << " (" << c_.labels[where] << ")";
    }
    out_ << "\n";
  }

  std::ostream& out_;
  const Comparison& c_;
  const TextStyle& style_;
};

}  // namespace

void write_text(std::ostream& out, const Comparison& comparison, const TextStyle& style) {
  Text(out, comparison, style).write();
}

}  // namespace sim::app
