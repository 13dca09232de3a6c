// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors

#include "sim/config/yaml_tree.h"

#include <algorithm>
#include <sstream>
#include <utility>
#include <vector>

#include <yaml-cpp/yaml.h>

#include "sim/config/tree_builder.h"

namespace sim::config {
namespace {

// Length of the UTF-8 sequence that starts at text[i], or 0 when it is not one.
std::size_t utf8_length(const std::string& text, std::size_t i) {
  const auto at = [&](std::size_t k) { return static_cast<unsigned char>(k < text.size() ? text[k] : 0); };
  const unsigned char c = at(i);
  const std::size_t n = c < 0x80                ? 1
                        : c >= 0xC2 && c < 0xE0 ? 2
                        : c >= 0xE0 && c < 0xF0 ? 3
                        : c >= 0xF0 && c < 0xF5 ? 4
                                                : 0;
  for (std::size_t k = 1; k < n; ++k) {
    if ((at(i + k) & 0xC0u) != 0x80u) return 0;
  }
  return n;
}

// yaml-cpp reads binary files as nonsense, or not to their end; say what they are instead.
bool is_text(const std::string& text, const TreeBuilder& builder, Diagnostics& diagnostics) {
  YAML::Mark at;
  for (std::size_t i = 0; i < text.size();) {
    const auto c = static_cast<unsigned char>(text[i]);
    const std::size_t n = utf8_length(text, i);
    const bool control = (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f;
    if (n == 0 || control) {
      const std::string what = control ? "a control character (code " + std::to_string(c) + ")"
                                       : std::string("bytes that are not UTF-8");
      diagnostics.error(builder.mark(at), what + ": is this a YAML file? A configuration is UTF-8 text");
      return false;
    }
    i += n;
    at.column += static_cast<int>(n);
    if (c == '\n') {
      ++at.line;
      at.column = 0;
    }
  }
  return true;
}

// What to do about the commoner messages of the parser.
std::string syntax_hint(const std::vector<std::string>& lines, const YAML::Exception& e) {
  const auto says = [&](const char* part) { return e.msg.find(part) != std::string::npos; };
  const auto at = static_cast<std::size_t>(std::max(e.mark.line, 0));
  const std::string line = at < lines.size() ? lines[at] : "";
  if (line.substr(0, line.find_first_not_of(" \t")).find('\t') != std::string::npos) {
    return " (indent with spaces, not tabs)";
  }
  if (says("end of sequence flow")) return " (a ']' is missing)";
  if (says("end of map flow")) return " (a '}' is missing)";
  if (says("illegal map value"))
    return " (is the line indented like its neighbours, and a text with ':' quoted?)";
  if (says("end of map not found")) return " (a line must be `key: value`, indented like its neighbours)";
  if (says("end of sequence not found")) return " (elements must be indented alike)";
  if (says("unknown token")) return " (a text that starts like this needs quotes)";
  if (says("illegal EOF")) return " (a quote is never closed)";
  return "";
}

std::string without_byte_order_mark(const std::string& text) {
  return text.compare(0, 3, "\xEF\xBB\xBF") == 0 ? text.substr(3) : text;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string line = text.substr(begin, end - begin);
    if (!line.empty() && line.back() == '\r') line.pop_back();
    lines.push_back(std::move(line));
    begin = end + 1;
  }
  return lines;
}

}  // namespace

std::shared_ptr<const Source> make_source(const std::string& name, const std::string& text) {
  auto source = std::make_shared<Source>();
  source->name = name;
  source->lines = lines_of(without_byte_order_mark(text));
  return source;
}

bool parse_yaml(const std::string& given, const std::shared_ptr<const Source>& source,
                const ParseContext& context, Diagnostics& diagnostics, Node& out) {
  const std::string text = without_byte_order_mark(given);
  const std::vector<std::string> lines = lines_of(text);
  TreeBuilder builder(lines, source, context, diagnostics);
  if (!is_text(text, builder, diagnostics)) return false;
  std::istringstream in(text);
  try {
    YAML::Parser parser(in);
    if (!parser.HandleNextDocument(builder)) return true;  // nothing but comments
    out = builder.take();
    TreeBuilder second(lines, source, context, diagnostics);
    if (parser.HandleNextDocument(second)) {
      diagnostics.error(
          second.take().mark,
          "a second YAML document begins: a configuration is one (is there a '---', or a line that is "
          "indented less than the first?)");
      return false;
    }
  } catch (const ParseStop& stop) {
    diagnostics.error(stop.where, stop.what);
    return false;
  } catch (const YAML::Exception& e) {
    diagnostics.error(builder.mark(e.mark), "not valid YAML: " + e.msg + syntax_hint(lines, e));
    return false;
  }
  return !builder.failed();
}

}  // namespace sim::config
