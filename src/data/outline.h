#pragma once

#include <cstdint>
#include <string>

namespace nnrun {

/// What the structure of a picture file tells before anything is decoded.
struct Outline {
  std::string fault;              ///< why it is no whole picture; "" when nothing is wrong
  int64_t height = 0, width = 0;  ///< 0: the file does not say
};

inline constexpr const char* kCutShort = "the picture is cut short";
inline constexpr const char* kDamagedPicture = "the picture is damaged";

}  // namespace nnrun
