#pragma once

#include <memory>
#include <vector>

#include "app/options.h"
#include "app/workbench.h"
#include "nnrun/store.h"

/// A run directory, opened to be used: its config, data and trained weights.
namespace nnrun {

/// What a command needs besides the run's model: the examples of a split, of the one that the
/// config's feature maps show, or none.
enum class Need { kTrain, kTest, kMaps, kModel };

struct OpenRun {
  RunDirectory directory;
  Manifest manifest;
  std::unique_ptr<const Material> material;  ///< without the examples that are not needed
  Checkpoint checkpoint;
  Workbench bench;        ///< its session holds the checkpoint's weights
  bool same_data = true;  ///< the examples are those that the run was made with

  int64_t last_epoch() const { return static_cast<int64_t>(checkpoint.rows.size()) - 1; }
  /// Class probabilities [n, classes], as the evaluation after the last epoch saw them.
  std::vector<float> predict(const Examples& examples) const {
    return bench.session->predict(examples, last_epoch());
  }
};

/// The examples are texts, not images.
bool is_text(const DataConfig& data);

/// The directory at `path`. Throws StoreError when it is no run.
RunDirectory find_run(const std::string& path);

/// Opens the run at options.paths[0] with `--weights`, `--data-dir` (default: the recorded folder),
/// `--device` and `--threads`; warns of data files that have changed since. What the run knows of
/// its data (vocabulary, names of the classes) is the run's own, not that of the files found now.
/// Throws StoreError: no run, no weights yet, damaged.
OpenRun open_run(const Options& options, Need need);

/// Warns of those of the run's files `names` below the data folder that have changed since.
void warn_of_changed_files(const std::vector<std::string>& names, const Manifest& manifest,
                           const std::filesystem::path& data_dir);

/// The config of a run. Throws StoreError when it cannot be read back.
Experiment stored_experiment(const RunDirectory& directory);

/// The folder the run's data lie in: `--data-dir`, else the recorded one.
std::filesystem::path run_data_folder(const Options& options, const Manifest& manifest);

}  // namespace nnrun
