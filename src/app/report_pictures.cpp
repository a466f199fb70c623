#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

#include "app/facts.h"
#include "app/open_run.h"
#include "app/report_details.h"
#include "app/scores.h"
#include "nnrun/files.h"
#include "report/page.h"
#include "store/features.h"
#include "train/loop_memory.h"

namespace fs = std::filesystem;

namespace nnrun {
namespace {

using Json = nlohmann::ordered_json;

/// "input" and the names of all layers, in the model's order.
std::vector<std::string> picture_layers(const StudyRun& run) {
  const std::string root = "model.layers.", end = ".type";
  std::vector<std::string> layers{"input"};
  for (const auto& [path, value] : run.fields) {
    if (!path.starts_with(root) || !path.ends_with(end)) continue;
    const std::string inner = path.substr(0, path.size() - end.size());
    layers.push_back(inner.substr(inner.rfind('.') + 1));
  }
  return layers;
}

/// A picture's file name, `<layer>-<image>.png`, taken apart. Both parts may hold dashes: the
/// longest layer name that fits is meant.
struct PictureName {
  std::string file, image;
  size_t layer;  ///< index into picture_layers
};

PictureName parse_picture(const std::string& file, const std::vector<std::string>& layers) {
  PictureName name{file, "", layers.size()};
  size_t length = 0;
  for (size_t i = 0; i < layers.size(); ++i) {
    if (layers[i].size() < length || !file.starts_with(layers[i] + "-")) continue;
    length = layers[i].size();
    name.layer = i;
  }
  const std::string stem = fs::path(file).stem().string();
  name.image = name.layer == layers.size() ? stem : stem.substr(length + 1);
  return name;
}

std::vector<PictureName> picture_names(const StudyRun& run,
                                       const std::vector<std::string>& layers) {
  std::vector<PictureName> names;
  for (const auto& [file, hash] : feature_hashes(run.folder / "features")) {
    names.push_back(parse_picture(fs::path(file).filename().string(), layers));
  }
  std::stable_sort(names.begin(), names.end(), [](const PictureName& a, const PictureName& b) {
    const int order = strverscmp(a.image.c_str(), b.image.c_str());  // 2 before 10
    return order != 0 ? order < 0 : a.layer < b.layer;
  });
  return names;
}

/// The epoch whose weights were opened.
int64_t opened_epoch(const OpenRun& open, const std::string& weights) {
  if (weights == "best") return open.last_epoch();
  return epoch_of_weights(open.checkpoint, open.material->experiment.config.training);
}

}  // namespace

Json pictures_json(const StudyRun& run) {
  const std::vector<std::string> layers = picture_layers(run);
  Json images = Json::array();
  for (const PictureName& name : picture_names(run, layers)) {
    if (images.empty() || images.back()["image"] != name.image) {
      images.push_back({{"image", name.image}, {"maps", Json::array()}});
    }
    const std::string png = read_file(run.folder / "features" / name.file);
    images.back()["maps"].push_back(
        {{"layer", name.layer < layers.size() ? layers[name.layer] : name.image},
         {"png", "data:image/png;base64," + base64(png)}});
  }
  return images;
}

Json confusion_json(const Options& options, const StudyRun& run) {
  Options opened = options;
  opened.paths = {run.folder.string()};
  const OpenRun open = open_run(opened, Need::kTest);
  const Dataset& dataset = *open.material->dataset;
  if (!open.same_data) {
    throw StoreError(run.folder.string() + ": the data are not those the run was made with");
  }
  const Confusion counts = confusion_matrix(open.predict(dataset.test), dataset.test.labels);
  Json classes = Json::array(), scores = Json::array();
  for (const ClassScore& score : class_scores(counts)) {
    classes.push_back(class_label(dataset, static_cast<int64_t>(classes.size())));
    scores.push_back({{"precision", score.precision}, {"recall", score.recall}, {"f1", score.f1}});
  }
  return {{"weights", options.weights},
          {"epoch", opened_epoch(open, options.weights)},
          {"classes", classes},
          {"scores", scores},
          {"counts", counts}};
}

}  // namespace nnrun
