#include "report/tiles.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace nnrun {
namespace {

constexpr int64_t kGap = 2;            // pixels between tiles, after the enlargement
constexpr int64_t kPictureSide = 480;  // aim of the enlargement
constexpr uint8_t kBackground = 255;

struct Grid {
  int64_t tiles, height, width;  // of one tile, in cells
  int64_t columns() const {
    return static_cast<int64_t>(std::ceil(std::sqrt(static_cast<double>(tiles))));
  }
  int64_t rows() const { return (tiles + columns() - 1) / columns(); }
};

Grid grid_of(const Shape& shape) {
  const auto& dims = shape.dims;
  if (shape.kind == ShapeKind::kImage) return {dims[0], dims[1], dims[2]};
  if (shape.kind == ShapeKind::kSequence) return {1, dims[0], dims[1]};
  return {1, 1, dims[0]};
}

/// Pixels per cell: whole numbers keep the cells square and sharp.
int64_t enlargement(int64_t cells) {
  return std::max<int64_t>(1, kPictureSide / std::max<int64_t>(1, cells));
}

/// Scales `count` values to 0 … 255; a constant map is black, what is not finite is black too.
std::vector<uint8_t> to_grey(const float* values, int64_t count) {
  float low = INFINITY, high = -INFINITY;
  for (int64_t i = 0; i < count; ++i)
    if (std::isfinite(values[i])) low = std::min(low, values[i]), high = std::max(high, values[i]);
  std::vector<uint8_t> grey(static_cast<size_t>(count), 0);
  const float scale = high > low ? 255.0F / (high - low) : 0.0F;
  for (int64_t i = 0; i < count; ++i)
    if (std::isfinite(values[i]))
      grey[static_cast<size_t>(i)] = static_cast<uint8_t>(std::lround((values[i] - low) * scale));
  return grey;
}

/// Paints a tile of grey cells, each cell `zoom` pixels wide, with its corner at (top, left).
void paint(Picture& picture, const std::vector<uint8_t>& cells, const Grid& grid, int64_t top,
           int64_t left, int64_t zoom) {
  for (int64_t y = 0; y < grid.height * zoom; ++y)
    for (int64_t x = 0; x < grid.width * zoom; ++x)
      picture.pixels[static_cast<size_t>((top + y) * picture.width + left + x)] =
          cells[static_cast<size_t>(y / zoom * grid.width + x / zoom)];
}

}  // namespace

Picture tile_channels(const Shape& shape, const float* values) {
  const Grid grid = grid_of(shape);
  const int64_t zoom =
      enlargement(std::max(grid.columns() * grid.width, grid.rows() * grid.height));
  const int64_t step_y = grid.height * zoom + kGap, step_x = grid.width * zoom + kGap;
  Picture picture;
  picture.channels = 1;
  picture.height = grid.rows() * step_y + kGap;
  picture.width = grid.columns() * step_x + kGap;
  picture.pixels.assign(static_cast<size_t>(picture.height * picture.width), kBackground);
  const int64_t cells = grid.height * grid.width;
  for (int64_t tile = 0; tile < grid.tiles; ++tile)
    paint(picture, to_grey(values + tile * cells, cells), grid,
          kGap + tile / grid.columns() * step_y, kGap + tile % grid.columns() * step_x, zoom);
  return picture;
}

Picture input_picture(const Shape& shape, const uint8_t* pixels) {
  const int64_t channels = shape.dims[0], height = shape.dims[1], width = shape.dims[2];
  const int64_t zoom = enlargement(std::max(height, width));
  Picture picture;
  picture.height = height * zoom;
  picture.width = width * zoom;
  picture.channels = channels == 3 ? 3 : 1;
  picture.pixels.reserve(static_cast<size_t>(picture.height * picture.width * picture.channels));
  for (int64_t y = 0; y < picture.height; ++y)
    for (int64_t x = 0; x < picture.width; ++x)
      for (int64_t c = 0; c < picture.channels; ++c)
        picture.pixels.push_back(
            pixels[static_cast<size_t>((c * height + y / zoom) * width + x / zoom)]);
  return picture;
}

}  // namespace nnrun
