#pragma once

#include <string>

namespace nnrun {

/// Log lines go to stderr (and to `log.jsonl` of the thread's run, once set), never to stdout.
/// Thin cover over spdlog so that its headers stay in one file.
void log_info(const std::string& text);
void log_warning(const std::string& text);  ///< `nnrun: warning: TEXT`; shown under --quiet too
/// A warning that --quiet leaves out, and with it the trials of a study, which has told it for all of them.
void log_advice(const std::string& text);

enum class Verbosity { kQuiet, kNormal };
void set_verbosity(Verbosity verbosity);

/// Each further line of this thread is also appended to this file as {"time", "level", "message"}; "" ends it.
/// By thread, since a process may run several experiments side by side.
void set_log_file(const std::string& path);

}  // namespace nnrun
