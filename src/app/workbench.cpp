#include "app/workbench.h"

#include <algorithm>
#include <new>
#include <nlohmann/json.hpp>

#include "app/engine_loader.h"
#include "app/facts.h"
#include "app/process_facts.h"
#include "app/shared_problems.h"
#include "base/cuda_libraries.h"
#include "data/cifar.h"
#include "nnrun/format.h"
#include "nnrun/log.h"
#include "nnrun/train.h"

namespace nnrun {
namespace {

std::vector<Problem> feature_image_problems(const Experiment& experiment, const Dataset& dataset) {
  std::vector<Problem> problems;
  if (!experiment.config.feature_maps) return problems;
  const FeatureMapsConfig& maps = *experiment.config.feature_maps;
  const int64_t available = dataset.split(maps.test_split ? Split::kTest : Split::kTrain).size();
  for (size_t i = 0; i < maps.images.size(); ++i)
    if (maps.images[i].file.empty() && maps.images[i].index >= available)
      problems.push_back(problem_at(experiment, "/feature_maps/images/" + std::to_string(i),
                                    "no such example in the split (got " +
                                        std::to_string(maps.images[i].index) + ", expected 0 to " +
                                        std::to_string(available - 1) + ")"));
  return problems;
}

std::vector<Problem> drop_last_problems(const Experiment& experiment, const Dataset& dataset) {
  const TrainingConfig& training = experiment.config.training;
  if (steps_per_epoch(training, dataset.train.size()) > 0) return {};
  return {problem_at(experiment, "/training/drop_last",
                     "drops the only batch of an epoch (got " + grouped(dataset.train.size()) +
                         " training examples, expected at least batch_size " +
                         grouped(training.batch_size) + ")")};
}

/// nullptr: the file is not among these.
const DataFile* find_file(const std::vector<DataFile>& files, const std::string& name) {
  const auto found = std::ranges::find(files, name, &DataFile::path);
  return found == files.end() ? nullptr : &*found;
}

/// In a catch clause: throws the data's problems again, behind what the config alone tells of the
/// model.
[[noreturn]] void throw_behind_model(const Experiment& experiment, const Error& error) {
  try {
    plan_experiment(experiment, input_from_config(experiment.config.data));
  } catch (const ConfigError& model) {
    auto problems = model.problems();
    problems.insert(problems.end(), error.problems().begin(), error.problems().end());
    throw ConfigError(problems);
  }
  throw;
}

/// The device an option means on this machine. Throws DeviceError when it has none of the asked
/// kind.
DeviceChoice choose_device(const DeviceOption& option, const EngineInfo& engine) {
  using Kind = DeviceOption::Kind;
  const auto devices = static_cast<int>(engine.cuda_devices.size());
  if (option.kind == Kind::kCpu || (option.kind == Kind::kAuto && devices == 0)) return {};
  if (option.index < devices) return {DeviceKind::kCuda, option.index, 1};
  const std::string reason =
      cuda_load_problem().empty() ? engine.cuda_problem : cuda_load_problem();
  Problem problem;
  problem.option = "--device " + to_text(option);
  problem.message =
      devices == 0 ? "no CUDA device (" + reason + ")"
                   : "no such device (expected cuda:0 to cuda:" + std::to_string(devices - 1) + ")";
  throw DeviceError(std::vector<Problem>{problem});
}

void check_precision(const Experiment& experiment, const DeviceChoice& device) {
  const Precision precision = experiment.config.training.precision;
  if (precision == Precision::kFloat32 || device.kind == DeviceKind::kCuda) return;
  const std::string message =
      "needs a CUDA device (got \"" + std::string(name_of(precision)) + "\" on the CPU)";
  throw DeviceError(std::vector<Problem>{problem_at(experiment, "/training/precision", message)});
}

std::string device_name(const DeviceChoice& device, const EngineInfo& engine) {
  if (device.kind == DeviceKind::kCpu) return "cpu";
  const std::string name = engine.cuda_devices[static_cast<size_t>(device.index)];
  return "cuda:" + std::to_string(device.index) + " (" + name + ")";
}

}  // namespace

Hardware hardware_from(const Options& options, bool in_trial) {
  const int threads = in_trial ? 1 : available_cores();
  return {options.device, static_cast<int>(options.threads.value_or(threads))};
}

std::string data_key(const ExperimentConfig& config) {
  const bool seeded = config.data.validation_fraction ||
                      config.data.type == DataType::kSyntheticImages ||
                      config.data.type == DataType::kSyntheticText;
  const auto json = nlohmann::json::parse(resolved_json(config));
  return json.at("data").dump() + (seeded ? std::to_string(config.seed) : "");
}

std::string picture_file(const FeatureImage& image, const DataConfig& data) {
  return (std::filesystem::path(data.path) / image.file).string();
}

Dataset read_dataset(const Experiment& experiment, const std::filesystem::path& data_dir) {
  try {
    return load_dataset(experiment.config.data, data_dir, experiment.config.seed);
  } catch (const DataError& error) {
    std::vector<Problem> problems = error.problems();
    for (auto& problem : problems)
      if (problem.file.empty() && !problem.pointer.empty())
        problem = problem_at(experiment, problem.pointer, problem.message, problem.suggestion);
    throw DataError(problems);
  } catch (const std::bad_alloc&) {
    throw DeviceError(std::vector<Problem>{
        problem_at(experiment, "/data", "out of memory (the data do not fit)")});
  }
}

ModelPlan plan_on_data(const Experiment& experiment, const Dataset& dataset) {
  ModelPlan plan;
  std::vector<Problem> problems;
  try {
    plan = plan_experiment(experiment, dataset.input);
  } catch (const ConfigError& error) {
    problems = error.problems();
  }
  for (const auto& found :
       {feature_image_problems(experiment, dataset), drop_last_problems(experiment, dataset)})
    problems.insert(problems.end(), found.begin(), found.end());
  if (!problems.empty()) throw ConfigError(problems);
  return plan;
}

std::shared_ptr<const Dataset> MaterialLoader::dataset_of(const Experiment& experiment) {
  const std::lock_guard lock(mutex_);
  std::weak_ptr<const Dataset>& known = known_[data_key(experiment.config)];
  if (auto dataset = known.lock()) return last_ = dataset;
  last_.reset();  // before the next one comes: two may not fit
  last_ = std::make_shared<const Dataset>(read_dataset(experiment, data_dir_));
  known = last_;
  return last_;
}

DataFile MaterialLoader::picture_facts(const std::string& name) {
  const std::lock_guard lock(mutex_);
  if (!picture_files_.contains(name)) picture_files_[name] = check_cifar_file(data_dir_, name);
  return picture_files_[name];
}

/// Before the first epoch, since the pictures are drawn after the last.
void MaterialLoader::check_feature_image(size_t i, Material& material) {
  const ExperimentConfig& config = material.experiment.config;
  const FeatureImage& image = config.feature_maps->images[i];
  if (image.file.empty()) return;
  const std::string name = picture_file(image, config.data);
  const DataFile* file = find_file(material.dataset->files, name);
  if (!file) file = find_file(material.picture_files, name);
  if (!file) file = &material.picture_files.emplace_back(picture_facts(name));
  const int64_t records = file->bytes / kCifarRecordBytes;
  if (image.index < records) return;
  throw ConfigError({problem_at(material.experiment, "/feature_maps/images/" + std::to_string(i),
                                "no such record in the file (got " + grouped(image.index) +
                                    ", expected 0 to " + grouped(records - 1) + ")")});
}

std::unique_ptr<const Material> MaterialLoader::load(const Experiment& experiment) {
  auto material = std::make_unique<Material>();
  material->experiment = experiment;
  try {
    material->dataset = dataset_of(experiment);
  } catch (const Error& error) {
    throw_behind_model(experiment, error);
  }
  SharedProblems problems;
  problems.collect([&] { material->plan = plan_on_data(experiment, *material->dataset); });
  const auto& maps = experiment.config.feature_maps;
  for (size_t i = 0; maps && i < maps->images.size(); ++i)
    problems.collect([&] { check_feature_image(i, *material); });
  problems.throw_if_any();
  return material;
}

SessionRequest session_request(const Material& material, const DeviceChoice& device) {
  SessionRequest request;
  request.plan = &material.plan;
  request.dataset = material.dataset.get();
  request.optimizer = material.experiment.config.optimizer;
  request.training = material.experiment.config.training;
  request.seed = static_cast<uint64_t>(material.experiment.config.seed);
  request.device = device;
  return request;
}

bool asks_for_cuda(const Experiment& experiment, const DeviceOption& device) {
  return device.kind == DeviceOption::Kind::kCuda ||
         experiment.config.training.precision != Precision::kFloat32;
}

void check_hardware(const Experiment& experiment, const DeviceOption& device) {
  const EngineInfo engine =
      load_engine(/*want_cuda=*/device.kind != DeviceOption::Kind::kCpu).info();
  check_precision(experiment, choose_device(device, engine));
}

Workbench open_workbench(const Material& material, const Hardware& hardware,
                         const std::shared_ptr<Company>& company) {
  Engine& engine = load_engine(/*want_cuda=*/hardware.device.kind != DeviceOption::Kind::kCpu);
  Workbench bench;
  bench.engine = engine.info();
  bench.device = choose_device(hardware.device, bench.engine);
  bench.device.threads = hardware.threads;
  bench.device_name = device_name(bench.device, bench.engine);
  check_precision(material.experiment, bench.device);
  if (has_cuda_driver() && !cuda_load_problem().empty())
    log_info(cuda_load_problem() + "; running on the CPU");
  if (bench.device.kind == DeviceKind::kCuda && !bench.engine.cuda_half_problem.empty())
    log_info(bench.engine.cuda_half_problem + "; running without CUDA graphs and kernels");
  SessionRequest request = session_request(material, bench.device);
  request.company = company;
  bench.session = engine.open(request);
  return bench;
}

Tensors starting_weights(const Material& material) {
  const ExperimentConfig& config = material.experiment.config;
  if (config.model.init_from.empty()) return initial_weights(material.plan, config.seed);
  return fit_weights(material.experiment, material.plan, read_weights(config.model.init_from));
}

void check_init_from(const Experiment& experiment, const ModelPlan* on_data) {
  const ExperimentConfig& config = experiment.config;
  if (config.model.init_from.empty()) return;
  const WeightsFile weights = read_weights(config.model.init_from);
  const ModelPlan plan =
      on_data != nullptr ? *on_data : plan_experiment(experiment, input_from_config(config.data));
  if (!lacks_vocabulary(plan)) fit_weights(experiment, plan, weights);
}

std::unique_ptr<const Material> load_for_start(MaterialLoader& loader, const Experiment& experiment,
                                               const DeviceOption& device) {
  std::unique_ptr<const Material> material;
  SharedProblems problems;
  problems.collect([&] { material = loader.load(experiment); });
  problems.collect([&] { check_init_from(experiment, material ? &material->plan : nullptr); });
  if (asks_for_cuda(experiment, device))
    problems.collect([&] { check_hardware(experiment, device); });
  problems.throw_if_any();
  return material;
}

bool lacks_vocabulary(const ModelPlan& plan) {
  const LayerType first = plan.layers.front().config.type;  // the only one that can be a table
  const bool is_table = first == LayerType::kEmbedding || first == LayerType::kEmbeddingBag;
  return is_table && !plan.input.vocabulary;
}

}  // namespace nnrun
