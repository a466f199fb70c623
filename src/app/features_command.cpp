#include <algorithm>

#include "app/commands.h"
#include "app/feature_maps.h"
#include "app/open_run.h"
#include "nnrun/files.h"
#include "nnrun/format.h"

namespace fs = std::filesystem;

namespace nnrun {
namespace {

/// Layers whose output can be seen as a map, for a config that names none.
std::vector<std::string> map_layers(const ModelPlan& plan) {
  std::vector<std::string> layers;
  for (const auto& layer : plan.layers)
    if (layer.out.kind == ShapeKind::kImage || layer.out.kind == ShapeKind::kSequence)
      layers.push_back(layer.config.name);
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

void check_layers(const ModelPlan& plan, const std::vector<std::string>& layers) {
  std::vector<std::string> known;
  for (const auto& layer : plan.layers) known.push_back(layer.config.name);
  std::vector<Problem> problems;
  for (const auto& layer : layers) {
    if (std::find(known.begin(), known.end(), layer) != known.end()) continue;
    Problem problem;
    problem.option = "--layers " + layer;
    problem.message = "the model has no such layer";
    problem.suggestion = nearest(layer, known);
    problems.push_back(problem);
  }
  if (!problems.empty()) throw ConfigError(problems);
}

FeatureMapsConfig wanted_maps(const Options& options, const Material& material) {
  const auto& configured = material.experiment.config.feature_maps;
  FeatureMapsConfig maps = configured ? *configured : FeatureMapsConfig{{}, {}};
  if (!options.layers.empty()) maps.layers = options.layers;
  if (maps.layers.empty()) maps.layers = map_layers(material.plan);
  if (!options.images.empty()) maps.images.clear();
  for (const auto& image : options.images) maps.images.push_back(parse_image(image));
  if (maps.images.empty()) maps.images = {{"", 0}, {"", 1}};
  check_layers(material.plan, maps.layers);
  return maps;
}

void write_pictures(const fs::path& folder, const FeaturePictures& pictures) {
  make_folders(folder);
  for (const auto& [name, png] : pictures) replace_file(folder / name, png, Sync::kNone);
}

}  // namespace

int features_command(const Options& options, Output& out) {
  const OpenRun run = open_run(options, Need::kData);
  const FeatureMapsConfig maps = wanted_maps(options, *run.material);
  const FeaturePictures pictures = draw_feature_maps(*run.material, *run.bench.session, maps,
                                                     run_data_folder(options, run.manifest));
  const fs::path folder =
      options.out.empty() ? run.directory.file("features") : fs::path(options.out);
  if (options.out.empty())
    run.directory.write_features(pictures);
  else
    write_pictures(folder, pictures);
  for (const auto& [name, png] : pictures) out.line((folder / name).string());
  return 0;
}

}  // namespace nnrun
