#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/descriptor.h"

namespace nnrun {

/// A program and its arguments.
using CommandLine = std::vector<std::string>;

/// A file without a name that holds `content`, at its end. Throws EnvironmentError.
Descriptor file_in_memory(const std::string& content);

/// Starts a process that dies with this one: the kernel kills it when this one goes, however it
/// goes. A missing `output` throws away what it prints. Throws EnvironmentError.
pid_t start_child(const CommandLine& command, int input, std::optional<int> output = std::nullopt);

/// Exit code of a child that has ended, 128 + signal for a killed one; nothing while it lives.
std::optional<int> ended_child(pid_t child);

/// Waits for a child to end.
int wait_for_child(pid_t child);

}  // namespace nnrun
