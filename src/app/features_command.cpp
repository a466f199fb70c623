#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "app/commands.h"
#include "app/feature_maps.h"
#include "app/open_run.h"
#include "app/shared_problems.h"
#include "config/picture_names.h"
#include "nnrun/files.h"
#include "nnrun/format.h"

namespace fs = std::filesystem;

namespace nnrun {
namespace {

using Json = nlohmann::ordered_json;

/// Layers whose output can be seen as a map, for a config that names none.
std::vector<std::string> map_layers(const ModelPlan& plan, const DataConfig& data) {
  std::vector<std::string> layers;
  for (const auto& layer : plan.layers) {
    const bool is_map =
        layer.out.kind == ShapeKind::kImage || layer.out.kind == ShapeKind::kSequence;
    if (is_map && !is_called_like_input(data, layer.config.name))
      layers.push_back(layer.config.name);
  }
  return layers;
}

/// "3", or "test_batch.bin#1940".
FeatureImage parse_image(const std::string& text) {
  const size_t hash = text.rfind('#');
  const auto index = parse_int(hash == std::string::npos ? text : text.substr(hash + 1));
  if (index && *index >= 0) return {hash == std::string::npos ? "" : text.substr(0, hash), *index};
  Problem problem;
  problem.option = "--images " + text;
  problem.message = "no image (expected an index or FILE#RECORD)";
  throw ConfigError(std::vector<Problem>{problem});
}

/// Those inside residual layers too.
void collect_names(const std::vector<LayerPlan>& layers, std::vector<std::string>& names) {
  for (const auto& layer : layers) {
    names.push_back(layer.config.name);
    collect_names(layer.inner, names);
  }
}

void check_layers(const ModelPlan& plan, const DataConfig& data,
                  const std::vector<std::string>& layers) {
  std::vector<std::string> known;
  collect_names(plan.layers, known);
  std::vector<Problem> problems;
  for (const auto& layer : layers) {
    const bool is_known = std::find(known.begin(), known.end(), layer) != known.end();
    if (is_known && !is_called_like_input(data, layer)) continue;
    Problem problem;
    problem.option = "--layers " + layer;
    problem.message = is_known ? "its maps would be called like the pictures of the images"
                               : "the model has no such layer";
    if (!is_known) problem.suggestion = nearest(layer, known);
    problems.push_back(problem);
  }
  if (!problems.empty()) throw ConfigError(problems);
}

/// The images that were asked for, else the first two of the split.
std::vector<FeatureImage> wanted_images(const Options& options, const DataConfig& data,
                                        int64_t available) {
  std::vector<FeatureImage> images;
  std::vector<Problem> problems;
  for (const auto& text : options.images) {
    images.push_back(parse_image(text));
    const bool is_record = !images.back().file.empty();
    if (is_record ? data.type == DataType::kCifar10 : images.back().index < available) continue;
    Problem problem;
    problem.option = "--images " + text;
    problem.message = is_record ? "records exist in cifar10 files only (expected an index)"
                                : "no such example in the split (got " + text + ", expected 0 to " +
                                      std::to_string(available - 1) + ")";
    problems.push_back(problem);
  }
  if (!problems.empty()) throw ConfigError(problems);
  for (int64_t i = 0; images.size() < 2 && options.images.empty() && i < available; ++i)
    images.push_back({"", i});
  return images;
}

FeatureMapsConfig wanted_maps(const Options& options, const Material& material) {
  const DataConfig& data = material.experiment.config.data;
  const auto& configured = material.experiment.config.feature_maps;
  FeatureMapsConfig maps = configured ? *configured : FeatureMapsConfig{{}, {}};
  if (!options.layers.empty()) maps.layers = options.layers;
  if (maps.layers.empty()) maps.layers = map_layers(material.plan, data);
  const Split split = maps.test_split ? Split::kTest : Split::kTrain;
  SharedProblems problems;
  problems.collect([&] {
    if (!options.images.empty() || maps.images.empty())
      maps.images = wanted_images(options, data, material.dataset->split(split).size());
  });
  problems.collect([&] { check_layers(material.plan, data, maps.layers); });
  problems.throw_if_any();
  return maps;
}

/// The files of single pictures; those of the split were looked at as it was read.
std::vector<std::string> picture_files(const FeatureMapsConfig& maps, const Material& material) {
  std::set<std::string> names;
  for (const FeatureImage& image : maps.images)
    if (!image.file.empty()) names.insert(picture_file(image, material.experiment.config.data));
  for (const DataFile& file : material.dataset->files) names.erase(file.path);
  return {names.begin(), names.end()};
}

void write_pictures(const fs::path& folder, const FeaturePictures& pictures) {
  make_folders(folder);
  for (const auto& [name, png] : pictures) replace_file(folder / name, png, Sync::kNone);
}

}  // namespace

int features_command(const Options& options, Output& out) {
  const OpenRun run = open_run(options, Need::kMaps);
  const FeatureMapsConfig maps = wanted_maps(options, *run.material);
  const fs::path data_dir = run_data_folder(options, run.manifest);
  warn_of_changed_files(picture_files(maps, *run.material), run.manifest, data_dir);
  const FeaturePictures pictures =
      draw_feature_maps(*run.material, *run.bench.session, maps, data_dir);
  const fs::path folder =
      options.out.empty() ? run.directory.file("features") : fs::path(options.out);
  if (options.out.empty())
    run.directory.write_features(pictures);
  else
    write_pictures(folder, pictures);
  Json files = Json::array();
  for (const auto& [name, png] : pictures) files.push_back((folder / name).string());
  if (options.json) out.json(files);
  for (const auto& file : files)
    if (!options.json) out.line(file.get<std::string>());
  return 0;
}

}  // namespace nnrun
