#pragma once

#include <filesystem>

namespace nnrun {

/// The checkout that the tests were built from.
std::filesystem::path repository();

}  // namespace nnrun
