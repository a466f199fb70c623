#include "nnrun/log.h"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/live_line.h"
#include "nnrun/error.h"
#include "nnrun/files.h"
#include "nnrun/format.h"

namespace nnrun {
namespace {

constexpr const char* kBarePattern = "%v";

/// stderr, which all threads of the process share.
struct Console {
  spdlog::logger logger{"console", std::make_shared<spdlog::sinks::stderr_sink_mt>()};

  Console() {
    logger.set_pattern(kBarePattern);
    logger.set_error_handler([](const std::string&) {});  // stderr is gone: nobody to tell
  }
};

/// On a new line.
spdlog::logger& console() {
  static Console console;
  clear_live_line();
  return console.logger;
}

/// log.jsonl of the run that this thread trains.
std::unique_ptr<spdlog::logger>& run_log() {
  thread_local std::unique_ptr<spdlog::logger> log;
  return log;
}

void append_to_file(const char* level, const std::string& text) {
  const auto& file = run_log();
  if (!file) return;
  using Json = nlohmann::ordered_json;
  const Json line{{"time", utc_now()}, {"level", level}, {"message", text}};
  file->info(line.dump(-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace));
}

void warn_on_console(const std::string& text,
                     spdlog::level::level_enum level = spdlog::level::warn) {
  console().log(level, "nnrun: warning: " + text);
}

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
  console().info(text);
  append_to_file("info", text);
}

void log_warning(const std::string& text) {
  warn_on_console(text);
  append_to_file("warning", text);
}

void log_advice(const std::string& text) {
  warn_on_console(text, spdlog::level::info);
  append_to_file("warning", text);
}

void set_verbosity(Verbosity verbosity) {
  console().set_level(verbosity == Verbosity::kQuiet ? spdlog::level::warn : spdlog::level::info);
}

void set_log_file(const std::string& path) {
  run_log().reset();
  if (path.empty()) return;
  try {
    detach_file(path);
    run_log() = open_file(path);
  } catch (const spdlog::spdlog_ex& error) {
    warn_on_console(error.what());
  } catch (const EnvironmentError& error) {
    warn_on_console(error.what());
  }
}

}  // namespace nnrun
