#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "nnrun/config.h"

/// One table of spellings per enum: reading, writing, error texts and the schema all use it.
namespace nnrun {

/// Only in the file: the direction of `sweep.metric`, and the one kind of early ending.
enum class Goal { kMaximize, kMinimize };
enum class EarlyTerminateType { kHyperband };

/// Spellings in order of the enumerators; defined in names.cpp for each enum of the config.
template <typename E>
std::span<const std::string_view> names();

/// The enumerator spelled `text`.
template <typename E>
std::optional<E> value_of(std::string_view text) {
  const auto all = names<E>();
  const auto found = std::ranges::find(all, text);
  if (found == all.end()) return std::nullopt;
  return static_cast<E>(found - all.begin());
}

/// A set of enumerators as bits.
using EnumSet = uint32_t;
constexpr EnumSet kEvery = ~EnumSet{0};

template <typename... E>
constexpr EnumSet only(E... values) {
  return ((EnumSet{1} << static_cast<unsigned>(values)) | ...);
}

template <typename E>
constexpr bool contains(EnumSet set, E value) {
  return (set >> static_cast<unsigned>(value) & 1) != 0;
}

/// Spellings of the members of `set`.
template <typename E>
std::vector<std::string> names_in(EnumSet set) {
  std::vector<std::string> result;
  const auto all = names<E>();
  for (size_t i = 0; i < all.size(); ++i) {
    if (contains(set, static_cast<E>(i))) result.emplace_back(all[i]);
  }
  return result;
}

}  // namespace nnrun
