#pragma once

#include <functional>
#include <memory>

#include "nnrun/engine.h"

namespace nnrun {

/// Runs `work`, turning LibTorch's errors into ours: DeviceError for out of memory and a lost
/// device, else Error(kBug); one line each.
void translating_errors(const std::function<void()>& work);

/// A session whose calls run with the given number of threads and without denormal numbers, and
/// never let an error of LibTorch out.
std::unique_ptr<Session> guarded(std::unique_ptr<Session> session, int threads);

}  // namespace nnrun
