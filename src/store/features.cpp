#include "store/features.h"

#include "nnrun/files.h"
#include "nnrun/store.h"
#include "store/json_text.h"
#include "store/own_files.h"
#include "store/seal.h"

namespace nnrun {

namespace fs = std::filesystem;
using Hashes = std::map<std::string, std::string>;

Hashes feature_hashes(const fs::path& features) {
  const fs::path file = features / kFeatureHashesFile;
  if (!is_there(file)) return {};
  const std::string text = read_file(file);
  return read_json(text, file.string(), [&](const nlohmann::json& json) {
    check_sealed_json(text, file.string());
    return json.at("files").get<Hashes>();
  });
}

void RunDirectory::write_features(const FeaturePictures& pictures) const {
  check_place_();
  const fs::path features = file(kFeaturesFolder);
  make_folders(features);
  Hashes hashes = feature_hashes(features);
  for (const auto& [name, png] : pictures) {
    replace_file(features / name, {png}, Sync::kNone, check_place_);
    hashes[name] = sha256(png);
  }
  for (const auto& [name, png] : pictures) sync_file(features / name);
  replace_file(features / kFeatureHashesFile, {sealed_json({{"files", hashes}})}, Sync::kDurable,
               check_place_);
}

}  // namespace nnrun
