#pragma once

#include <sys/types.h>

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace nnrun {

/// Child processes that die with their parent: the kernel kills them when it goes, however it goes.
///   ProcessPool pool;
///   pool.start({"/usr/bin/nnrun", "--config", "/dev/stdin"}, config_json);
///   while (auto ended = pool.poll()) report(ended->code);
class ProcessPool {
 public:
  struct Ended {
    pid_t child;
    int code;  ///< exit code; 128 + signal for a killed child
  };

  /// Runs `argv` with `input` as its stdin (a file in memory); its stdout is thrown away. Throws
  /// EnvironmentError when there is no room for a process.
  pid_t start(const std::vector<std::string>& argv, const std::string& input);

  /// A child that has ended since the last call; does not wait.
  std::optional<Ended> poll();

  /// Sends a signal to all that live.
  void signal_all(int signal) const;

  size_t alive() const { return children_.size(); }

 private:
  std::set<pid_t> children_;
};

}  // namespace nnrun
