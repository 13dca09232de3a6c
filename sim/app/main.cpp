// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/app/main.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <new>
#include <sstream>

#include "sim/app/build_info.h"
#include "sim/app/options.h"
#include "sim/app/verbs.h"
#include "sim/config/suggest.h"
#include "sim/core/error.h"

namespace sim::app {
namespace {

// libsystemc prints four lines on stderr before sc_main() runs; only what is set before its main() is seen by
// it. `tricycle --version` names SystemC instead.
[[maybe_unused]] const int kNoBanner = ::setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 0);

std::string usage_text(const std::vector<Verb>& all) {
  std::ostringstream out;
  out << "usage: tricycle VERB ...\n\nverbs:\n";
  std::size_t width = 0;
  for (const Verb& verb : all) width = std::max(width, std::string(verb.name).size() + 2);
  for (const Verb& verb : all) {
    out << "  " << verb.name << std::string(width - std::string(verb.name).size(), ' ') << verb.text << "\n";
  }
  out << "\n`tricycle VERB --help` explains a verb, `tricycle --version` lists what was built in.\n"
         "\nexit codes: 0 done, 1 defect of the program, 2 wrong usage or configuration, 3 input that "
         "cannot\n"
         "be read or output that cannot be written, 4 failed check or deadlock, 5 stopped early by a limit "
         "or\n"
         "a signal\n";
  return out.str();
}

int dispatch(const std::vector<std::string>& words, const Registry& registry, const std::vector<Verb>& all) {
  if (words.empty()) throw Reported(Exit::usage, usage_text(all));
  const std::string& first = words.front();
  if (first == "--help" || first == "-h" || first == "help") {
    if (first == "help" && words.size() == 2) return dispatch({words[1], "--help"}, registry, all);
    std::cout << usage_text(all);
    return 0;
  }
  if (first == "--version") {
    std::cout << version_text();
    return 0;
  }
  std::vector<std::string> names;
  for (const Verb& verb : all) {
    if (first == verb.name) return verb.call({words.begin() + 1, words.end()}, registry);
    names.push_back(verb.name);
  }
  if (first.front() == '-') {
    throw Error(Exit::usage, "there is no option '" + first +
                                 "' in front of a verb; options follow the verb (" + listed(names) + ")");
  }
  throw Error(Exit::usage, "there is no verb '" + first + "'" + config::did_you_mean(first, names) +
                               "; the verbs are: " + listed(names));
}

int fail(Exit code, const std::string& text) {
  std::cerr << text << (text.empty() || text.back() != '\n' ? "\n" : "") << std::flush;
  return static_cast<int>(code);
}

int fail_internal(const std::string& text) {
  return fail(Exit::internal,
              "tricycle: internal error: " + text +
                  "\nThis is a defect of the program. Please report it with the configuration and "
                  "the output of `tricycle --version`.");
}

}  // namespace

const std::vector<Verb>& verbs() {
  static const std::vector<Verb> kVerbs = {
      {"run", "simulate one configuration and write a run folder", run},
      {"describe", "list models, or every setting and statistic of one", describe},
      {"rtl", "write the configured hardware as Verilog with a self-checking bench", rtl},
      {"check", "compare the results of a run with a golden one", check},
      {"compare", "show two or more runs side by side: what differs, in percent", compare_runs},
      {"report", "make one HTML page of runs and sweeps", report},
  };
  return kVerbs;
}

int main(int argc, char** argv, const Registry& registry, const std::vector<Verb>& more) {
  try {
    std::vector<Verb> all = verbs();
    all.insert(all.end(), more.begin(), more.end());
    const int code = dispatch({argv + (argc > 0 ? 1 : 0), argv + argc}, registry, all);
    std::cout.flush();
    if (!std::cout && code == 0) throw Error(Exit::input, "cannot write to stdout; is the disk full?");
    return code;
  } catch (const Reported& e) {
    return fail(e.exit_code(), e.what());
  } catch (const Error& e) {
    if (e.exit_code() == Exit::internal) return fail_internal(e.what());
    return fail(e.exit_code(), std::string("tricycle: error: ") + e.what());
  } catch (const std::bad_alloc&) {
    return fail(Exit::internal, "tricycle: error: out of memory; make the configuration smaller");
  } catch (const std::exception& e) {
    return fail_internal(e.what());
  } catch (...) {
    return fail_internal("an exception of unknown type");
  }
}

}  // namespace sim::app
