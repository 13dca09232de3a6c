// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/record/fst.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace sim::record {

std::string convert_to_fst(const std::filesystem::path& vcd, const std::filesystem::path& fst,
                           const std::string& converter) {
  std::string program = converter;
  std::string input = "--vcdname=" + vcd.string();
  std::string output = "--fstname=" + fst.string();
  char* arguments[] = {program.data(), input.data(), output.data(), nullptr};

  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t child = 0;
  const int error = ::posix_spawnp(&child, converter.c_str(), &actions, nullptr, arguments, environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error == ENOENT) {
    return "waves.fst was not written: " + converter +
           " is not installed (Debian: gtkwave); waves.vcd can be opened as it is";
  }

  int status = 0;
  pid_t waited = -1;
  if (error == 0) {
    do {
      waited = ::waitpid(child, &status, 0);
    } while (waited < 0 && errno == EINTR);
  }
  if (waited == child && WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};

  std::error_code ignored;
  std::filesystem::remove(fst, ignored);
  const std::string why = error != 0 ? ": " + std::string(std::strerror(error)) : "";
  return "waves.fst was not written: " + converter + " failed" + why + "; waves.vcd is complete";
}

}  // namespace sim::record
