#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nnrun/config.h"
#include "nnrun/data.h"
#include "nnrun/engine.h"
#include "nnrun/files.h"

/// The run directory: lock, checkpoints, metric rows, manifest, `DONE` (interface, section 5).
namespace nnrun {

struct EpochRecord {
  int64_t epoch = 0;
  double accuracy = 0, loss = 0, val_accuracy = 0, val_loss = 0;
};

struct EpochTiming {
  int64_t epoch = 0;
  double train_seconds = 0, val_seconds = 0, checkpoint_seconds = 0;
};

/// Content of metrics.csv / timing.csv, header and final newline included.
std::string metrics_csv(const std::vector<EpochRecord>& rows);
std::string timing_csv(const std::vector<EpochTiming>& rows);
/// Inverse of metrics_csv. Throws StoreError.
std::vector<EpochRecord> parse_metrics_csv(const std::string& text, const std::string& file);

// ---- safetensors and checkpoints -----------------------------------------------------------------

/// What a checkpoint holds: the tensors and, as JSON in the metadata, everything else.
struct Checkpoint {
  Tensors tensors;                      ///< model/…, optimizer/…
  std::vector<EpochRecord> rows;        ///< all epochs so far: the metric rows live inside the commit point
  std::vector<EpochTiming> timings;
  std::string loop_state;               ///< JSON of the training loop (best, early stopping, plateau)
  int64_t updates = 0;                  ///< optimizer steps done
  std::string config_hash, data_hash;   ///< identity; a resume under others is refused
  std::string former_config_hash;       ///< where an extension has begun: config.json may still be this one
  bool exact = true;
};

/// A safetensors file with everything else in `__metadata__`: format version, metrics and timing as CSV, loop
/// state, the SHA-256 of every tensor and, first, the SHA-256 of length and header (taken with its own digits
/// as zeros). So every byte of the file is covered by a hash. Any safetensors reader opens it.
struct EncodedCheckpoint {
  std::string head;                       ///< length and header
  std::vector<std::string_view> tensors;  ///< where the checkpoint has them: it must outlive this
  std::vector<std::string_view> pieces() const&;  ///< of the file, in their order
  std::vector<std::string_view> pieces() && = delete;
};
EncodedCheckpoint encode_checkpoint(const Checkpoint& checkpoint);
/// Throws StoreError: truncated, a flipped bit anywhere, a newer format.
Checkpoint decode_checkpoint(const std::string& bytes, const std::string& file);

/// A weights file (init_from), `model/` prefix removed, `optimizer/` left out.
struct WeightsFile {
  Tensors tensors;                                 ///< of floating-point numbers, as float32
  std::map<std::string, std::string> other_types;  ///< name -> type of all others: I64, BOOL, …
};

/// Any safetensors file. A checkpoint's hashes are checked. Throws EnvironmentError (missing), StoreError
/// (content).
WeightsFile read_weights(const std::filesystem::path& file);

/// SHA-256 of the `model/` tensors' bytes in order of name.
std::string weights_sha256(const Tensors& tensors);

// ---- the directory -------------------------------------------------------------------------------

enum class Resume { kAuto, kNever, kMust };

struct Manifest {
  std::string nnrun_version, revision, torch_version, device, cpu_capability, data_dir, data_hash;
  int threads = 1;
  std::vector<DataFile> files;
  std::vector<std::string> class_names;  ///< may be empty
  int64_t val_examples = 0;   ///< that val_accuracy counts; 0: not known (older runs)
  std::string created;            ///< UTC, ISO 8601
  std::string config_sha256;      ///< of config.json; filled in when the manifest is written
  std::string vocabulary_sha256;  ///< of vocabulary.json; "": no text, or not known (older runs)
};

struct Summary {
  std::string status = "running";  ///< running, stopped, done, diverged, failed
  int64_t epochs = 0;
  std::optional<EpochRecord> last, best;
  std::optional<EpochRecord> test;  ///< with validation_fraction: accuracy and loss of the test split in val_*
  int64_t parameters = 0;
  double seconds = 0;
  int64_t seed = 0;
  std::string device, weights_sha256;
  bool exact = true;
  std::string error;               ///< failed: why
};
/// Content of summary.json, which ends with its own hash (`sha256`, taken with its digits as zeros). Non-finite
/// numbers and what does not exist yet are null; null reads back as NaN.
std::string to_json(const Summary& summary);
Summary parse_summary(const std::string& text, const std::string& file);  ///< throws StoreError

/// Content of vocabulary.json, which ends with its own hash.
std::string to_json(const Vocabulary& vocabulary);

/// What stands at a path before a run begins. kEmpty: at most nnrun's own `lock` and temporary files, also in folders
/// of trials, or what a killed process left of a run directory it was about to make. kParent: `config.json` with trials.
enum class RunState { kAbsent, kEmpty, kForeign, kRun, kParent };
/// Ask before the lock is taken (kForeign must stay untouched) and again once it is held.
/// Throws EnvironmentError: a file, below a file, not readable.
RunState inspect(const std::filesystem::path& folder);

/// What stands at a folder's name is not what was locked there, or made there: somebody has moved, deleted or replaced
/// it. Its files are another process's by now.
struct LostFolderError : EnvironmentError { using EnvironmentError::EnvironmentError; };

/// Holds `lock` for as long as it lives (open-file-description lock: dies with the process, works on shared
/// folders). Makes the folder when needed; on its end `lock` goes, and so do the folders it made if they are
/// still empty: a refusal leaves nothing behind. Throws EnvironmentError; acquire: InUseError naming the holder.
class RunLock {
 public:
  static std::unique_ptr<RunLock> acquire(const std::filesystem::path& folder);
  /// nullptr instead of an exception when somebody else holds it.
  static std::unique_ptr<RunLock> try_acquire(const std::filesystem::path& folder);
  static bool is_held(const std::filesystem::path& folder);  ///< by whomever; touches nothing
  ~RunLock();
  void check() const;  ///< throws LostFolderError when the folder's name leads to another lock by now, or to none
  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;

 private:
  explicit RunLock(std::filesystem::path file) : file_(std::move(file)) {}
  bool take();
  void write_holder() const;

  std::filesystem::path file_;
  int descriptor_ = -1;
  std::vector<std::filesystem::path> made_;  // folders, outermost first
};

/// A picture of features/: its file name and PNG bytes.
using FeaturePictures = std::vector<std::pair<std::string, std::string>>;

/// The files of one run. Every write is atomic; the checkpoint is the only commit point.
class RunDirectory {
 public:
  explicit RunDirectory(std::filesystem::path folder) : folder_(std::move(folder)) {}
  const std::filesystem::path& folder() const { return folder_; }
  std::filesystem::path file(const std::string& name) const { return folder_ / name; }

  /// From here on `check_place` is asked before anything is written or deleted, so that a LostFolderError which it
  /// throws leaves everything as it stands.
  void guard_by(std::function<void()> check_place) { check_place_ = std::move(check_place); }

  /// New run: makes the folder, config.json, manifest.json (last: its presence makes it a run); after a failure
  /// neither is left. In a folder that is nnrun's already both are replaced, and a table of trials goes.
  void create(const std::string& resolved_config, const Manifest& manifest) const;

  std::string config_json() const;               ///< throws StoreError when missing
  std::string checked_config() const;            ///< config.json; StoreError when it is not the run's any more
  Manifest manifest() const;                     ///< throws StoreError: missing, damaged, of a newer format
  std::optional<Summary> summary() const;        ///< throws StoreError when damaged
  /// vocabulary.json. Throws StoreError: damaged, or not the one that the manifest knows.
  std::optional<Vocabulary> vocabulary() const;
  bool done() const;
  /// Nothing is left to do: DONE, beside a summary that says so. Throws StoreError when that is damaged.
  bool is_finished() const;

  /// Any file of the folder, in one step. Throws EnvironmentError.
  void write(const std::string& name, const std::vector<std::string_view>& pieces, Sync sync) const;
  void remove(const std::string& name) const;  ///< durable; none there is fine

  void write_manifest(const Manifest& manifest) const;
  void write_vocabulary(const Vocabulary& vocabulary) const;
  void write_metrics(const std::vector<EpochRecord>& rows) const;
  void write_timing(const std::vector<EpochTiming>& rows) const;
  void write_summary(const Summary& summary) const;  ///< durable but for "running", then with metrics.csv before it
  void write_checkpoint(const std::string& name, const Checkpoint& checkpoint) const;  ///< durable
  std::optional<Checkpoint> checkpoint(const std::string& name) const;  ///< nullopt: no such file
  /// features/NAME for each picture, and their hashes in features/hashes.json beside those already there.
  void write_features(const FeaturePictures& pictures) const;
  void write_curves(const std::string& svg) const;  ///< curves.svg
  void write_done() const;   ///< durable, written last
  void remove_done() const;

  /// --overwrite: deletes the files nnrun makes, here and in trial folders, and folders left empty by that;
  /// `lock` stays with its holder. Where files of others remain, so do config.json and what shows beside it that the
  /// folder is nnrun's. Throws, before anything is touched: StoreError (not made by nnrun), and as check_clearable does.
  void clear() const;

  /// Deletes temporary files that killed processes left; only for the lock's holder.
  void remove_temporaries() const;

  /// Whether `clear` can be done. Throws StoreError: files nnrun did not make are in folders of trials, which could then
  /// not be made anew; InUseError: a live trial.
  void check_clearable() const;

 private:
  std::filesystem::path folder_;
  std::function<void()> check_place_ = [] {};
};

/// Checks what a parent of trials holds itself: summary.json against its own hash, config.json and sweep.csv against
/// their hashes in it, DONE against the trials. Returns what does not fit.
std::vector<Problem> verify_parent(const std::filesystem::path& folder);

/// Re-checks every hash of a run directory and its trials: config.json and vocabulary.json against the manifest,
/// manifest.json, summary.json, vocabulary.json and *.nnr against their own hashes, best.nnr, metrics.csv and the summary
/// against the rows and weights in last.nnr, features/ against features/hashes.json. Returns what does not fit; empty: all
/// is well.
/// Throws StoreError (no run), EnvironmentError (no such folder, I/O error).
std::vector<Problem> verify_run(const std::filesystem::path& folder);

}  // namespace nnrun
