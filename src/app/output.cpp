#include "app/output.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <nlohmann/json.hpp>

#include "nnrun/error.h"

namespace nnrun {

void Output::json(const nlohmann::ordered_json& value) {
  line(value.dump(2, ' ', /*ensure_ascii=*/false, nlohmann::json::error_handler_t::replace));
}

void Output::flush() {
  size_t written = 0;
  while (written < buffer_.size()) {
    const ssize_t count =
        ::write(STDOUT_FILENO, buffer_.data() + written, buffer_.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0)
      throw EnvironmentError(std::string("cannot write to standard output: ") +
                             std::strerror(errno));
    written += static_cast<size_t>(count);
  }
  buffer_.clear();
}

void prepare_standard_streams() {
  const int unusable[] = {O_WRONLY, O_RDONLY,
                          O_RDONLY};  // reading from 0, writing to 1 and 2 must fail
  for (int descriptor = 0; descriptor <= 2; ++descriptor)
    if (::fcntl(descriptor, F_GETFD) < 0) ::open("/dev/null", unusable[descriptor]);
  std::signal(SIGPIPE, SIG_IGN);
}

}  // namespace nnrun
