#include "study/process_pool.h"

#include <csignal>

namespace nnrun {

void ProcessPool::start(size_t id, const Task& task) {
  CommandLine command = command_;
  const auto add = [&command](const char* option, const std::string& value) {
    command.insert(command.end(), {option, value});
  };
  add("--config", "/dev/stdin");
  add("--out", task.folder.string());
  add("--stop-after", std::to_string(task.stop_after));
  children_[start_child(command, file_in_memory(task.config).get())] = id;
}

std::optional<TaskPool::Ended> ProcessPool::poll() {
  for (const auto& [child, id] : children_) {
    const auto code = ended_child(child);
    if (!code) continue;
    const Ended ended{id, *code};
    children_.erase(child);
    return ended;
  }
  return std::nullopt;
}

/// Not SIGINT: a terminal has sent that to them already, and a second one cuts the save.
void ProcessPool::stop() {
  for (const auto& [child, id] : children_) ::kill(child, SIGTERM);
}

}  // namespace nnrun
