#pragma once

#include <functional>

#include "app/options.h"

namespace nnrun {

/// Runs `work`, which gives an exit code; an error that it throws is printed and becomes its code.
int guarded_code(const std::function<int()>& work, ErrorFormat errors);

/// The same at once, without any clean-up, for errors that nothing can catch: a library that is
/// being loaded throws such.
void guard_uncaught(ErrorFormat errors);

}  // namespace nnrun
