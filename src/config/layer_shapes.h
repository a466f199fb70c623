#pragma once

#include <string>
#include <string_view>

#include "config/names.h"
#include "nnrun/plan.h"

/// Which kinds of shape a layer accepts, and what to say when it gets another one.
namespace nnrun {

using KindSet = EnumSet;  // of ShapeKind

constexpr KindSet kImages = only(ShapeKind::kImage);
constexpr KindSet kTokens = only(ShapeKind::kIds);
constexpr KindSet kSequences = only(ShapeKind::kSequence);
constexpr KindSet kVectors = only(ShapeKind::kVector);
constexpr KindSet kNumbers = kImages | kSequences | kVectors;

/// "images, sequences or vectors".
std::string kind_names(KindSet set);

/// What is missing between a shape of kind `found` and a layer that accepts `set`:
/// "put a flatten before it".
std::string_view missing_layer(KindSet set, ShapeKind found);

}  // namespace nnrun
