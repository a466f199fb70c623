#include "data/image_dataset.h"

#include <utility>

#include "data/selection.h"

namespace nnrun {

Dataset image_dataset(const DataConfig& config, ImageSplits&& splits, int64_t seed) {
  const Selection chosen =
      select_examples(config, splits.train.labels, splits.test.labels, splits.classes, seed);
  Dataset set;
  set.validation = take(splits.train, chosen.validation);
  set.train = take(std::move(splits.train), chosen.train);
  set.test = take(std::move(splits.test), chosen.test);
  set.input.shape = {ShapeKind::kImage, {splits.shape.begin(), splits.shape.end()}};
  set.input.classes = splits.classes;
  if (config.normalize) {
    set.mean = config.normalize->mean;
    set.std = config.normalize->std;
  }
  set.class_names = std::move(splits.class_names);
  return set;
}

}  // namespace nnrun
