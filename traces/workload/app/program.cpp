// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <iostream>
#include <new>

#include "sim/config/suggest.h"
#include "sim/core/error.h"
#include "traces/workload/app/verbs.h"
#include "traces/workload/cuda/backend.h"
#include "traces/workload/numeric/cpu.h"

namespace workload {
namespace {

std::string usage_text() {
  std::string text = "usage: tricycle-workload VERB ...\n\nverbs:\n";
  for (const Verb& verb : verbs()) {
    text += "  " + std::string(verb.name) + std::string(12 - std::string(verb.name).size(), ' ') + verb.text +
            "\n";
  }
  return text +
         "\n`tricycle-workload VERB --help` explains a verb, `tricycle-workload --version` lists what was "
         "built in.\n"
         "\nexit codes: 0 done, 1 defect of the program, 2 wrong usage, 3 input that cannot be read or "
         "output that\n"
         "cannot be written, 5 stopped early by a limit or a signal\n";
}

std::string version_text() {
  return generator_text() + "\nCUDA        " + (cuda::built() ? "yes" : "no") + "\nSIMD        " +
         name(detect_simd_level()) +
         " (portable, avx2 and avx512 are built in; the processor decides)\ncompiler    " TRICYCLE_COMPILER
         "\n";
}

int dispatch(const std::vector<std::string>& words) {
  if (words.empty()) {
    std::cerr << usage_text();
    return static_cast<int>(sim::Exit::usage);
  }
  const std::string& first = words.front();
  if (first == "--help" || first == "-h" || first == "help") {
    if (first == "help" && words.size() == 2) return dispatch({words[1], "--help"});
    std::cout << usage_text();
    return 0;
  }
  if (first == "--version") {
    std::cout << version_text();
    return 0;
  }
  std::vector<std::string> names;
  std::string listed;
  for (const Verb& verb : verbs()) {
    if (first == verb.name) return verb.call({words.begin() + 1, words.end()});
    names.emplace_back(verb.name);
    listed += (listed.empty() ? "" : ", ") + names.back();
  }
  throw sim::Error(sim::Exit::usage, "there is no verb '" + first + "'" +
                                         sim::config::did_you_mean(first, names) +
                                         "; the verbs are: " + listed);
}

int fail(sim::Exit code, const std::string& text) {
  std::cerr << text << "\n" << std::flush;
  return static_cast<int>(code);
}

int fail_internal(const std::string& text) {
  return fail(sim::Exit::internal,
              "tricycle-workload: internal error: " + text +
                  "\nThis is a defect of the program. Please report it with the command and the "
                  "output of `tricycle-workload --version`.");
}

}  // namespace

std::string generator_text() { return "tricycle-workload " TRICYCLE_VERSION; }

int main(int argc, char** argv) {
  try {
    const int code = dispatch({argv + (argc > 0 ? 1 : 0), argv + argc});
    std::cout.flush();
    if (!std::cout && code == 0) {
      throw sim::Error(sim::Exit::input, "cannot write to stdout; is the disk full?");
    }
    return code;
  } catch (const sim::Error& e) {
    if (e.exit_code() == sim::Exit::internal) return fail_internal(e.what());
    return fail(e.exit_code(), std::string("tricycle-workload: error: ") + e.what());
  } catch (const std::bad_alloc&) {
    return fail(sim::Exit::limit,
                "tricycle-workload: error: out of memory; choose a smaller model or context");
  } catch (const std::exception& e) {
    return fail_internal(e.what());
  }
}

}  // namespace workload
