#pragma once

#include <cstdio>
#include <mutex>
#include <string>

namespace nnrun {

/// Takes what this thread prints on C's `stderr` while it lives: libpng and libjpeg tell there what
/// is wrong with a picture, and OpenCV gives them no other way. Descriptor 2, std::cerr and the
/// lines of other threads are left alone.
///   CaughtStderr decoder;
///   cv::imdecode(…);
///   decoder.said();  // "Corrupt JPEG data: premature end of data segment\n"
class CaughtStderr {
 public:
  CaughtStderr();
  ~CaughtStderr();
  CaughtStderr(const CaughtStderr&) = delete;
  CaughtStderr& operator=(const CaughtStderr&) = delete;

  const std::string& said() const { return said_; }

 private:
  std::unique_lock<std::mutex> alone_;  ///< `stderr` is one for all threads
  std::FILE* before_;
  std::string said_;
};

}  // namespace nnrun
