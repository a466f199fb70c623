#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nnrun/config.h"
#include "nnrun/store.h"
#include "nnrun/train.h"

/// TensorBoard's event file: TFRecords that hold `Event` protobufs (TensorFlow's record_writer.h,
/// event.proto and summary.proto).
namespace nnrun {

/// Its name in a run directory: always the same, so that a resumed run has one file.
inline constexpr const char* kEventFile = "events.out.tfevents.0.nnrun";

/// CRC-32C (Castagnoli; RFC 3720, appendix B.4).
uint32_t crc32c(std::string_view bytes);

/// The wall time (seconds since 1970) that opens an event file; nullopt when it is none.
std::optional<double> start_of_events(std::string_view file);

/// The records of a run, one per epoch with the four metrics (tags as in metrics.csv) and
/// `learning_rate`; the epoch is the step. A pure function of start, rows and timings: wall times
/// are the start plus the seconds trained and validated so far.
///   EventStream stream(start, optimizer, epochs);
///   file = stream.next(rows, timings);    // the opening record and all rows
///   file += stream.next(rows, timings);   // rows that have come since
class EventStream {
 public:
  EventStream(double start, const OptimizerConfig& optimizer, int64_t epochs);
  std::string next(const std::vector<EpochRecord>& rows, const std::vector<EpochTiming>& timings);

 private:
  std::string epoch_record(const EpochRecord& row, double wall_time);

  double start_, seconds_ = 0;
  Schedule schedule_;
  size_t written_ = 0;  ///< rows
  bool opened_ = false;
};

/// The event file of a run. Rows are appended, so that TensorBoard sees them come; the first write
/// of a process, and the one after a failure, replaces the file by what the rows say: no step is
/// lost or doubled by a stop, a crash or a full disk.
class EventFile {
 public:
  EventFile(std::filesystem::path file, OptimizerConfig optimizer, int64_t epochs);

  /// Brings the file up to date with all rows of the run so far. Throws EnvironmentError.
  void write(const std::vector<EpochRecord>& rows, const std::vector<EpochTiming>& timings);

 private:
  void rewrite(const std::vector<EpochRecord>& rows, const std::vector<EpochTiming>& timings);

  std::filesystem::path file_;
  OptimizerConfig optimizer_;
  int64_t epochs_;
  std::optional<EventStream> stream_;  ///< what stands in the file; none: not known
};

}  // namespace nnrun
