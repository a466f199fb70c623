#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "nnrun/config.h"
#include "nnrun/data.h"
#include "nnrun/engine.h"

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
  bool exact = true;
};

/// A safetensors file with the extra state in `__metadata__` and a SHA-256 of every tensor and of the state.
std::string encode_checkpoint(const Checkpoint& checkpoint);
/// Throws StoreError: truncated, a flipped bit anywhere, a newer format.
Checkpoint decode_checkpoint(const std::string& bytes, const std::string& file);

/// Any safetensors file (init_from): float32 tensors, `model/` prefix removed, `optimizer/` left out.
Tensors read_weights(const std::filesystem::path& file);

/// SHA-256 of the `model/` tensors' bytes in order of name.
std::string weights_sha256(const Tensors& tensors);

// ---- the directory -------------------------------------------------------------------------------

enum class Resume { kAuto, kNever, kMust };

struct Manifest {
  std::string nnrun_version, revision, torch_version, device, cpu_capability, data_dir, data_hash;
  int threads = 1;
  std::vector<DataFile> files;
  std::string created;  ///< UTC, ISO 8601
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
std::string to_json(const Summary& summary);           ///< content of summary.json
Summary parse_summary(const std::string& text, const std::string& file);  ///< throws StoreError

/// What stands at a path before a run begins.
enum class RunState { kAbsent, kEmpty, kForeign, kRun, kParent };
RunState inspect(const std::filesystem::path& folder);

/// Holds `lock` for as long as it lives (fcntl/OFD lock: dies with the process, works on shared folders).
/// Throws InUseError naming the holder.
class RunLock {
 public:
  static std::unique_ptr<RunLock> acquire(const std::filesystem::path& folder);
  /// nullptr instead of an exception when somebody else holds it.
  static std::unique_ptr<RunLock> try_acquire(const std::filesystem::path& folder);
  ~RunLock();
  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;

 private:
  explicit RunLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

/// The files of one run. Every write is atomic; the checkpoint is the only commit point.
class RunDirectory {
 public:
  explicit RunDirectory(std::filesystem::path folder) : folder_(std::move(folder)) {}
  const std::filesystem::path& folder() const { return folder_; }
  std::filesystem::path file(const std::string& name) const { return folder_ / name; }

  /// New run: makes the folder, config.json, manifest.json (last: its presence makes it a run).
  void create(const std::string& resolved_config, const Manifest& manifest) const;

  std::string config_json() const;             ///< throws StoreError when missing or unreadable
  Manifest manifest() const;
  std::optional<Summary> summary() const;
  std::optional<Vocabulary> vocabulary() const;  ///< vocabulary.json
  bool done() const;

  void write_manifest(const Manifest& manifest) const;
  void write_vocabulary(const Vocabulary& vocabulary) const;
  void write_metrics(const std::vector<EpochRecord>& rows) const;
  void write_timing(const std::vector<EpochTiming>& rows) const;
  void write_summary(const Summary& summary) const;
  void write_checkpoint(const std::string& name, const Checkpoint& checkpoint) const;  ///< durable
  std::optional<Checkpoint> checkpoint(const std::string& name) const;  ///< nullopt: no such file
  void write_done() const;   ///< durable, written last
  void remove_done() const;

  /// --overwrite: deletes the files nnrun makes (and trial folders that hold only such), nothing else.
  void clear() const;

 private:
  std::filesystem::path folder_;
};

/// Re-checks every hash of a run directory (summary against last.nnr, metrics.csv against the rows inside,
/// config hash, features/hashes.json). Returns what does not fit; empty: all is well. Throws StoreError: no run.
std::vector<Problem> verify_run(const std::filesystem::path& folder);

}  // namespace nnrun
