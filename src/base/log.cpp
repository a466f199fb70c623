#include "nnrun/log.h"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <utility>

#include "nnrun/format.h"

namespace nnrun {
namespace {

constexpr const char* kBarePattern = "%v";

/// Console and run log of the process.
struct Log {
  spdlog::logger console{"console", std::make_shared<spdlog::sinks::stderr_sink_mt>()};
  std::mutex mutex;  // guards `file`
  std::unique_ptr<spdlog::logger> file;

  Log() {
    console.set_pattern(kBarePattern);
    console.set_error_handler([](const std::string&) {});  // stderr is gone: nobody to tell
  }
};

Log& the_log() {
  static Log log;
  return log;
}

void append_to_file(const char* level, const std::string& text) {
  Log& log = the_log();
  const std::lock_guard lock(log.mutex);
  if (!log.file) return;
  using Json = nlohmann::ordered_json;
  const Json line{{"time", utc_now()}, {"level", level}, {"message", text}};
  log.file->info(line.dump(-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace));
}

void warn_on_console(const std::string& text) { the_log().console.warn("nnrun: warning: " + text); }

std::unique_ptr<spdlog::logger> open_file(const std::string& path) {
  auto logger = std::make_unique<spdlog::logger>(
      "file", std::make_shared<spdlog::sinks::basic_file_sink_mt>(path));
  logger->set_pattern(kBarePattern);
  logger->flush_on(spdlog::level::info);
  logger->set_error_handler([path, warned = false](const std::string& reason) mutable {
    if (!std::exchange(warned, true)) warn_on_console(path + ": " + reason);
  });
  return logger;
}

}  // namespace

void log_info(const std::string& text) {
  the_log().console.info(text);
  append_to_file("info", text);
}

void log_warning(const std::string& text) {
  warn_on_console(text);
  append_to_file("warning", text);
}

void set_verbosity(Verbosity verbosity) {
  the_log().console.set_level(verbosity == Verbosity::kQuiet ? spdlog::level::warn
                                                             : spdlog::level::info);
}

void set_log_file(const std::string& path) {
  Log& log = the_log();
  const std::lock_guard lock(log.mutex);
  log.file.reset();
  if (path.empty()) return;
  try {
    log.file = open_file(path);
  } catch (const spdlog::spdlog_ex& error) {
    warn_on_console(error.what());
  }
}

}  // namespace nnrun
