#pragma once

#include <string>
#include <string_view>

#include "nnrun/plan.h"

/// Which kinds of shape a layer accepts, and what to say when it gets another one.
namespace nnrun {

using KindSet = unsigned;  // bits of ShapeKind

constexpr KindSet bit(ShapeKind kind) { return 1U << static_cast<unsigned>(kind); }
constexpr bool accepts(KindSet set, ShapeKind kind) { return (set & bit(kind)) != 0; }

constexpr KindSet kImages = bit(ShapeKind::kImage);
constexpr KindSet kTokens = bit(ShapeKind::kIds);
constexpr KindSet kSequences = bit(ShapeKind::kSequence);
constexpr KindSet kVectors = bit(ShapeKind::kVector);
constexpr KindSet kNumbers = kImages | kSequences | kVectors;

/// "images, sequences or vectors".
std::string kind_names(KindSet set);

/// What is missing between a shape of kind `found` and a layer that accepts `set`:
/// "put a flatten before it".
std::string_view missing_layer(KindSet set, ShapeKind found);

}  // namespace nnrun
