#include "repository.h"

namespace nnrun {

std::filesystem::path repository() { return NNRUN_REPOSITORY; }

}  // namespace nnrun
