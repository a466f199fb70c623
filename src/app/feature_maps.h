#pragma once

#include <filesystem>

#include "app/workbench.h"
#include "nnrun/store.h"

namespace nnrun {

/// Draws the outputs of `layers` for each image: `<layer>-<image>.png`, and `input-<image>.png`
/// beside them. Throws DataError for an image that does not exist.
FeaturePictures draw_feature_maps(const Material& material, Session& session,
                                  const FeatureMapsConfig& maps,
                                  const std::filesystem::path& data_dir);

}  // namespace nnrun
