#include "config/layer_shapes.h"

#include <algorithm>
#include <array>
#include <vector>

#include "config/saturating.h"

namespace nnrun {
namespace {

constexpr std::array<std::string_view, 4> kKindNames{"images", "token ids", "sequences", "vectors"};

constexpr std::string_view kReshape = "put a reshape before it";
constexpr std::string_view kFlatten = "put a flatten before it";
constexpr std::string_view kEmbedding = "put an embedding or a one_hot before it";
constexpr std::string_view kTextFirst = "it can only be the first layer of a text model";

// [wanted][found], both in the order of ShapeKind: image, ids, sequence, vector.
constexpr std::string_view kMissing[4][4] = {
    {"", "put an embedding or a one_hot and a reshape before it", kReshape, kReshape},
    {kTextFirst, "", kTextFirst, kTextFirst},
    {kReshape, kEmbedding, "", kReshape},
    {kFlatten, "put an embedding and a flatten before it", kFlatten, ""},
};

}  // namespace

std::string kind_names(KindSet set) {
  std::vector<std::string_view> names;
  for (size_t kind = 0; kind < kKindNames.size(); ++kind) {
    if (contains(set, static_cast<ShapeKind>(kind))) names.push_back(kKindNames[kind]);
  }
  std::string text;
  for (size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " or " : ", ";
    text += names[i];
  }
  return text;
}

std::string_view missing_layer(KindSet set, ShapeKind found) {
  constexpr std::array kByPreference{ShapeKind::kSequence, ShapeKind::kVector, ShapeKind::kImage,
                                     ShapeKind::kIds};
  const auto wanted = std::find_if(kByPreference.begin(), kByPreference.end(),
                                   [set](ShapeKind kind) { return contains(set, kind); });
  return kMissing[static_cast<size_t>(*wanted)][static_cast<size_t>(found)];
}

int64_t Shape::elements() const { return saturating_product(dims); }

std::string to_text(const Shape& shape) {
  std::string text = shape.kind == ShapeKind::kIds ? "ids " : "";
  for (size_t i = 0; i < shape.dims.size(); ++i)
    text += (i > 0 ? "x" : "") + std::to_string(shape.dims[i]);
  return text;
}

int64_t window_cells(int64_t size, int64_t kernel, int64_t stride, Padding padding,
                     std::array<int64_t, 2>* pad) {
  *pad = {0, 0};
  if (padding == Padding::kValid) return kernel > size ? 0 : (size - kernel) / stride + 1;
  const int64_t cells = (size - 1) / stride + 1;
  const int64_t missing = std::max<int64_t>((cells - 1) * stride + kernel - size, 0);
  *pad = {missing / 2, missing - missing / 2};
  return cells;
}

}  // namespace nnrun
