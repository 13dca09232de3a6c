// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/sweep/process.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/core/error.h"
#include "sim/sweep/seconds.h"

namespace sim::sweep {
namespace {

// Between vfork and exec: only what is safe in a signal handler, and nothing of the parent's memory is
// written.
[[noreturn]] void become(char* const* words, int output, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);  // it ended before the line above
  ::setpgid(0, 0);                          // Ctrl-C is the sweep's to handle
  const int nothing = ::open("/dev/null", O_RDONLY);
  ::dup2(nothing, STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  struct sigaction standard {};
  standard.sa_handler = SIG_DFL;
  ::sigaction(SIGINT, &standard, nullptr);
  ::sigaction(SIGTERM, &standard, nullptr);
  ::execv(words[0], words);
  ::_exit(127);
}

}  // namespace

Process::Process(const std::vector<std::string>& words) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    throw Error(Exit::input, std::string("cannot make a pipe: ") + std::strerror(errno));
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const pid_t parent = ::getpid();
  pid_ = ::vfork();  // a fork copies page tables: milliseconds, and every page it writes to afterwards
  if (pid_ == 0) become(argv.data(), ends[1], parent);
  const int failed = errno;
  ::close(ends[1]);
  output_ = ends[0];
  if (pid_ < 0) {
    ::close(output_);
    throw Error(Exit::input, std::string("cannot start a process: ") + std::strerror(failed));
  }
  ::fcntl(output_, F_SETFL, O_NONBLOCK);
  started_ = seconds_now();
}

Process::~Process() {
  if (pid_ > 0) {
    kill();
    wait();
  }
  if (output_ >= 0) ::close(output_);
}

Process::Process(Process&& other) noexcept { *this = std::move(other); }

Process& Process::operator=(Process&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(output_, other.output_);
  std::swap(text_, other.text_);
  std::swap(started_, other.started_);
  return *this;
}

bool Process::drain() {
  char bytes[4096];
  for (;;) {
    const ssize_t n = ::read(output_, bytes, sizeof bytes);
    if (n > 0) {
      text_.append(bytes, static_cast<std::size_t>(n));
      if (text_.size() > 2 * kKept) text_.erase(0, text_.size() - kKept);
      continue;
    }
    if (n < 0 && errno == EINTR) continue;
    return n == 0;
  }
}

void Process::kill() {
  if (pid_ > 0) ::kill(pid_, SIGKILL);
}

int Process::wait() {
  int status = 0;
  while (pid_ > 0 && ::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  if (text_.size() > kKept) text_.erase(0, text_.size() - kKept);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

double Process::seconds() const { return seconds_now() - started_; }

std::string own_program() { return std::filesystem::read_symlink("/proc/self/exe").string(); }

}  // namespace sim::sweep
