#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/options.h"
#include "app/run_folder.h"
#include "app/workbench.h"
#include "nnrun/config.h"
#include "nnrun/store.h"
#include "nnrun/train.h"

/// One run from its config to its results: the composition of all layers.
namespace nnrun {

struct RunRequest {
  Experiment experiment;
  FolderRequest folder;
  std::filesystem::path data_dir;
  Hardware hardware;
  std::string label;  ///< names the run in progress lines
  bool quiet = false;
  std::optional<int64_t> stop_after;       ///< pause after this many epochs, as a signal would
  std::shared_ptr<MaterialLoader> loader;  ///< shared with other runs; null: the run's own
  std::shared_ptr<Company> company;        ///< with runs of other seeds; null: none
};

struct RunResult {
  Outcome outcome = Outcome::kDone;
  bool nothing_to_do = false;  ///< the run was at its end already
  Summary summary;
};

/// Tells what runs are made from; the initial weights that several share are read once.
///   InputFacts facts;
///   for (const auto& trial : trials) check(facts.of(*loader.load(trial.experiment)));
class InputFacts {
 public:
  /// Data, pictures of feature maps, initial weights. Throws EnvironmentError.
  Inputs of(const Material& material);

 private:
  std::map<std::string, DataFile> weights_;
};

/// Validation data were split off the training set.
bool has_test_of_its_own(const Dataset& dataset);

/// The test split's metrics, in val_*; nullopt: stopped.
std::optional<EpochRecord> evaluate_test(Session& session, int64_t epochs);

/// Trains, continues or finds finished the run of a request. Throws every Error of the family; then
/// the folder is as it was, unless an epoch was finished (status `failed`).
RunResult run_experiment(const RunRequest& request);

}  // namespace nnrun
