#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "nnrun/config.h"
#include "nnrun/store.h"

/// The rules of what may happen to a path that results are to go to (interface, sections 2 and 5).
namespace nnrun {

/// What a command line asks of the folder.
struct FolderRequest {
  std::filesystem::path folder;
  Resume resume = Resume::kAuto;
  bool overwrite = false;
};

/// What a run is made from, besides its config.
struct Inputs {
  std::vector<DataFile> files;
  std::string data_hash;
};

/// What is to be done with it.
enum class FolderAction {
  kFresh,     ///< nothing there, or to be overwritten
  kContinue,  ///< a run of this config that is not at its end
  kFinished,  ///< nothing left to do
  kDiverged,  ///< a run of this config that will not get further
};

/// A run directory found or to be made, locked. Unless `keep` is called, the destructor removes
/// what `make` made.
///   RunFolder folder(request, experiment.config);  // StoreError, InUseError: it is refused
///   folder.make(manifest, checkpoint, exact);      // creates or extends it
///   folder.keep();                                 // there are results now
class RunFolder {
 public:
  /// Without the lock it is only looked at, and nothing is touched.
  RunFolder(FolderRequest request, const ExperimentConfig& config, bool locked = true);
  ~RunFolder();
  RunFolder(const RunFolder&) = delete;
  RunFolder& operator=(const RunFolder&) = delete;

  FolderAction action() const { return action_; }
  const RunDirectory& directory() const { return directory_; }
  const std::string& resolved_config() const { return resolved_; }

  /// last.nnr of the run that is continued, with the time that its last save took. Throws
  /// StoreError: it, the best.nnr it speaks of or vocabulary.json is damaged, or of another run.
  std::optional<Checkpoint> checkpoint() const;

  /// Throws StoreError when the run was made from other files than these, or other data.
  void check_inputs(const Inputs& inputs) const;

  /// Creates the directory, or brings config and manifest of a run that goes on up to date;
  /// `exact`: whether it will have the bytes of one that was never interrupted.
  void make(const Manifest& manifest, const std::optional<Checkpoint>& checkpoint, bool exact);

  /// From here on there are results: the folder stays whatever happens.
  void keep() { made_ = false; }

 private:
  void examine_run(const ExperimentConfig& config);
  void adapt(Checkpoint checkpoint, bool exact) const;
  void check_never_saved() const;

  FolderRequest request_;
  RunDirectory directory_;
  std::string resolved_;
  std::unique_ptr<RunLock> lock_;
  FolderAction action_ = FolderAction::kFresh;
  bool extends_ = false;  ///< the config asks for more epochs than the run's own
  bool made_ = false;     ///< `make` filled a fresh folder that holds no results yet
};

/// Throws StoreError when the run in `folder` was made from other files than these, or other data.
void check_inputs(const Manifest& then, const std::filesystem::path& folder, const Inputs& inputs);

/// A stored config with another path of the initial weights.
std::string with_init_from(const std::string& text, const std::string& file,
                           const std::filesystem::path& folder);

/// config.json of a run; with this path of the initial weights where these are the run's, since
/// they may have been moved.
std::string stored_config(const RunDirectory& run, const std::string& init_from);

/// Nullopt: there is no run, or one whose own process will say what is wrong.
std::optional<Manifest> stored_manifest(const std::filesystem::path& folder);

/// Whether a run was made from a file with this one's content. Throws EnvironmentError.
bool used_file(const Manifest& manifest, const std::filesystem::path& file);

/// Throws a StoreError at a folder or file.
[[noreturn]] void refuse_folder(const std::filesystem::path& folder, const std::string& message);

/// Throws StoreError, one problem per pointer, unless the config `now` equals `then` or only raises
/// the values at `may_grow`. True when one was raised.
bool check_same_config(const std::string& then, const std::string& now,
                       const std::filesystem::path& folder,
                       const std::vector<std::string>& may_grow);

/// What may grow in the config of a run, and of a study of such runs.
constexpr const char* kEpochsPointer = "/training/epochs";

/// More epochs leave a run's first ones as they were: its schedule does not depend on their number.
bool may_train_longer(const ExperimentConfig& config);

/// Refuses what is neither absent, empty nor made by nnrun, what --resume forbids, and what
/// --overwrite cannot delete. Throws StoreError, InUseError.
RunState examine_folder(const FolderRequest& request);

}  // namespace nnrun
