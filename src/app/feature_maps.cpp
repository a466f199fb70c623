#include "app/feature_maps.h"

#include <algorithm>

#include "config/picture_names.h"
#include "nnrun/images.h"
#include "report/tiles.h"

namespace fs = std::filesystem;

namespace nnrun {
namespace {

/// "0" for an index, "test_batch.bin-1940" for a record of a file, "more_a.bin-7" in a sub-folder.
std::string image_name(const FeatureImage& image) {
  std::string file = image.file;
  std::replace(file.begin(), file.end(), '/', '_');
  return (file.empty() ? "" : file + "-") + std::to_string(image.index);
}

/// One example as a data set of its own.
Examples slice(const Examples& all, int64_t index) {
  const auto cut = [&](const auto& values) {
    const auto width = static_cast<std::ptrdiff_t>(values.size()) / all.size();
    return std::decay_t<decltype(values)>(values.begin() + index * width,
                                          values.begin() + (index + 1) * width);
  };
  Examples one;
  one.pixels = cut(all.pixels);
  one.ids = cut(all.ids);
  one.lengths = cut(all.lengths);
  one.labels = cut(all.labels);
  if (all.extra_offsets.empty()) return one;
  const auto begin = all.extra_offsets[static_cast<size_t>(index)],
             end = all.extra_offsets[static_cast<size_t>(index) + 1];
  one.extra_ids.assign(all.extra_ids.begin() + begin, all.extra_ids.begin() + end);
  one.extra_offsets = {0, end - begin};
  return one;
}

Examples find_example(const Material& material, const FeatureMapsConfig& maps,
                      const FeatureImage& image, const fs::path& data_dir) {
  const DataConfig& data = material.experiment.config.data;
  if (!image.file.empty())
    return read_cifar_file(data_dir / picture_file(image, data), data.pixel_order, image.index);
  const Examples& split = material.dataset->split(maps.test_split ? Split::kTest : Split::kTrain);
  if (image.index < split.size()) return slice(split, image.index);
  throw DataError("no such example (got " + std::to_string(image.index) + ", expected 0 to " +
                  std::to_string(split.size() - 1) + ")");
}

}  // namespace

FeaturePictures draw_feature_maps(const Material& material, Session& session,
                                  const FeatureMapsConfig& maps, const fs::path& data_dir) {
  FeaturePictures pictures;
  for (const auto& image : maps.images) {
    const Examples example = find_example(material, maps, image, data_dir);
    const std::string suffix = "-" + image_name(image) + ".png";
    for (const auto& output : session.activations(example, maps.layers))
      pictures.emplace_back(output.layer + suffix,
                            png_bytes(tile_channels(output.shape, output.values.data())));
    if (!example.pixels.empty())
      pictures.emplace_back(
          kInputPicture + suffix,
          png_bytes(input_picture(material.dataset->input.shape, example.pixels.data())));
  }
  return pictures;
}

}  // namespace nnrun
