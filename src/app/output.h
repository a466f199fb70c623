#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace nnrun {

/// Results of a command on stdout. Nothing is written before `flush`, so that an error leaves
/// stdout empty; a long listing flushes on its way, once nothing can go wrong any more.
///   Output out;
///   out.line("accuracy 0.48");
///   out.flush();
class Output {
 public:
  void write(std::string_view text) { buffer_ += text; }
  void line(std::string_view text) { (buffer_ += text) += '\n'; }

  /// Indented; bytes that are no UTF-8 (in names of files) are replaced.
  void json(const nlohmann::ordered_json& value);

  /// Throws EnvironmentError when stdout is closed, full or has lost its reader.
  void flush();

 private:
  std::string buffer_;
};

/// Gives the closed ones of descriptors 0, 1 and 2 to /dev/null in a mode in which use fails, so
/// that no file of ours lands on them; ignores SIGPIPE, so that a lost reader is an ordinary error.
void prepare_standard_streams();

}  // namespace nnrun
