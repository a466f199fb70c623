#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "app/options.h"
#include "nnrun/config.h"
#include "nnrun/data.h"
#include "nnrun/engine.h"
#include "nnrun/plan.h"

/// An experiment with all it takes to compute: data, plan, device, session.
namespace nnrun {

/// Which hardware a run uses.
struct Hardware {
  DeviceOption device;
  int threads = 1;
};

/// `--device`, `--threads`; `in_trial`: one of several runs side by side, which take one thread
/// each.
Hardware hardware_from(const Options& options, bool in_trial);

/// Everything that decides the content of a data set, as text: two experiments of one key have the
/// same data.
std::string data_key(const ExperimentConfig& config);

/// The data of an experiment, with problems of the config placed where their values were written.
/// Throws DataError, EnvironmentError; DeviceError where memory does not hold them.
Dataset read_dataset(const Experiment& experiment, const std::filesystem::path& data_dir);

/// Everything that decides the content of a data set, but for its files, as text.
std::string data_key(const ExperimentConfig& config);

/// The file of records that a picture of feature_maps is from, below the data folder.
std::string picture_file(const FeatureImage& image, const DataConfig& data);

/// The model's plan on these data. Throws ConfigError with what is wrong with the model and with
/// all else that only the data reveal (feature-map images, an epoch without a batch).
ModelPlan plan_on_data(const Experiment& experiment, const Dataset& dataset);

/// Data and plan: what can be known without LibTorch.
struct Material {
  Experiment experiment;
  std::shared_ptr<const Dataset> dataset;
  std::vector<DataFile> picture_files = {};  ///< that only feature_maps names
  ModelPlan plan;
};

/// Reads data and infers shapes, experiment after experiment or, from several threads, side by
/// side. Experiments that want the same data share them while one of them is alive, and so does the
/// next one.
///   MaterialLoader loader(data_dir);
///   for (const Trial& trial : trials) use(*loader.load(trial.experiment));
class MaterialLoader {
 public:
  explicit MaterialLoader(std::filesystem::path data_dir) : data_dir_(std::move(data_dir)) {}

  /// Throws ConfigError, DataError, EnvironmentError; problems of the data together with what the
  /// config alone tells of the model.
  std::unique_ptr<const Material> load(const Experiment& experiment);

 private:
  std::shared_ptr<const Dataset> dataset_of(const Experiment& experiment);
  DataFile picture_facts(const std::string& name);
  void check_feature_image(size_t i, Material& material);

  std::filesystem::path data_dir_;
  std::mutex mutex_;  ///< guards what follows; held while data are read, so that nobody reads twice
  std::map<std::string, std::weak_ptr<const Dataset>> known_;  ///< by what decides their content
  std::shared_ptr<const Dataset> last_;                        ///< that was asked for
  std::map<std::string, DataFile> picture_files_;              ///< checked, by name
};

/// A session with its weights not yet set.
struct Workbench {
  DeviceChoice device;
  std::string device_name;  ///< "cpu", "cuda:0 (NVIDIA H100)"
  EngineInfo engine;
  std::unique_ptr<Session> session;
};

/// Whether nothing but a GPU will do.
bool asks_for_cuda(const Experiment& experiment, const DeviceOption& device);

/// Throws DeviceError when this machine cannot give the experiment its device. Loads the engine.
void check_hardware(const Experiment& experiment, const DeviceOption& device);

/// Throws EnvironmentError, StoreError, ConfigError when `init_from` names weights that are
/// missing, damaged or do not fit; without a plan on the data, as far as the config tells the
/// model.
void check_init_from(const Experiment& experiment, const ModelPlan* on_data = nullptr);

/// The material of a run that is to begin anew. Problems of its data, model, initial weights and
/// device are thrown together.
std::unique_ptr<const Material> load_for_start(MaterialLoader& loader, const Experiment& experiment,
                                               const DeviceOption& device);

/// Whether rows are missing from an embedding, since only the data tell the vocabulary.
bool lacks_vocabulary(const ModelPlan& plan);

/// Loads the engine and opens a session, of `company` if any; `material` must outlive it. Throws
/// DeviceError, EnvironmentError.
Workbench open_workbench(const Material& material, const Hardware& hardware,
                         const std::shared_ptr<Company>& company = nullptr);

/// Initial weights of the experiment: its initialiser's, or those of `init_from`.
Tensors starting_weights(const Material& material);

/// The session request of a material on a device.
SessionRequest session_request(const Material& material, const DeviceChoice& device);

}  // namespace nnrun
