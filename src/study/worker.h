#pragma once

#include <functional>
#include <iosfwd>
#include <memory>
#include <string>

#include "nnrun/company.h"
#include "study/task.h"

namespace nnrun {

/// The worker's side of a WorkerPool: one process that runs several tasks at once.

/// A task as it goes to a worker, framed by lengths, since paths may hold any byte.
std::string to_message(size_t id, const Task& task);

/// Runs tasks from `in`, each on one of `threads` threads, until `in` ends; writes a line "ID CODE"
/// to `out` after each. `run` returns the task's exit code and throws nothing. It gets the company
/// that the task shares with others, null for none; that has ended when the first of them has.
using RunTask = std::function<int(const Task&, const std::shared_ptr<Company>&)>;
void serve_tasks(std::istream& in, std::ostream& out, int64_t threads, const RunTask& run);

}  // namespace nnrun
