#include "report/events.h"

#include <array>
#include <bit>
#include <chrono>
#include <cstring>
#include <utility>

#include "nnrun/files.h"

namespace nnrun {
namespace {

namespace fs = std::filesystem;

// ---- bytes
// ---------------------------------------------------------------------------------------

/// An unsigned number as its bytes, the lowest first.
template <typename Number>
std::string little_endian(Number value) {
  std::string bytes;
  for (size_t i = 0; i < sizeof value; ++i) bytes += static_cast<char>(value >> 8 * i & 0xff);
  return bytes;
}

std::array<uint32_t, 256> make_crc_table() {
  constexpr uint32_t kPolynomial = 0x82f63b78;  // Castagnoli's, bits reversed
  std::array<uint32_t, 256> table{};
  for (uint32_t byte = 0; byte < table.size(); ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? crc >> 1 ^ kPolynomial : crc >> 1;
    table[byte] = crc;
  }
  return table;
}

std::string masked_crc(std::string_view bytes) {
  const uint32_t crc = crc32c(bytes);
  return little_endian(std::rotr(crc, 15) + 0xa282ead8U);
}

/// Length, its CRC, the data, their CRC.
std::string record(std::string_view data) {
  const std::string length = little_endian(static_cast<uint64_t>(data.size()));
  return length + masked_crc(length) + std::string(data) + masked_crc(data);
}

// ---- protobuf fields: the key is the field's number * 8 + the kind of its coding
// --------------------

std::string varint(uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(value | 0x80);
  return bytes + static_cast<char>(value);
}

std::string key(uint64_t field, uint64_t kind) { return varint(field << 3 | kind); }
/// Zero is what a reader takes for a missing field, and is not written.
std::string number_field(uint64_t field, uint64_t value) {
  return value == 0 ? "" : key(field, 0) + varint(value);
}
std::string double_field(uint64_t field, double value) {
  return key(field, 1) + little_endian(std::bit_cast<uint64_t>(value));
}
std::string bytes_field(uint64_t field, std::string_view bytes) {
  return key(field, 2) + varint(bytes.size()) + std::string(bytes);
}
std::string float_field(uint64_t field, float value) {
  return key(field, 5) + little_endian(std::bit_cast<uint32_t>(value));
}

// ---- events
// --------------------------------------------------------------------------------------

constexpr uint64_t kWallTime = 1, kStep = 2, kFileVersion = 3, kSummary = 5;  // fields of Event
constexpr uint64_t kValue = 1;                                                // of Summary
constexpr uint64_t kTag = 1, kSimpleValue = 2;                                // of Summary.Value

constexpr size_t kHeadSize = 12;  // of a record: length and its CRC

std::string opening_record(double wall_time) {
  return record(double_field(kWallTime, wall_time) + bytes_field(kFileVersion, "brain.Event:2"));
}

std::string scalar(std::string_view tag, double value) {
  return bytes_field(kValue,
                     bytes_field(kTag, tag) + float_field(kSimpleValue, static_cast<float>(value)));
}

double now() {
  const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration<double>(since_1970).count();
}

}  // namespace

uint32_t crc32c(std::string_view bytes) {
  static const std::array<uint32_t, 256> table = make_crc_table();
  uint32_t crc = ~0U;
  for (const char c : bytes) crc = crc >> 8 ^ table[(crc ^ static_cast<unsigned char>(c)) & 0xff];
  return ~crc;
}

std::optional<double> start_of_events(std::string_view file) {
  double start = 0;
  const size_t opening = opening_record(start).size();
  if (file.size() < opening) return std::nullopt;
  std::memcpy(&start, file.data() + kHeadSize + 1, sizeof start);  // behind the key of kWallTime
  if (opening_record(start) != file.substr(0, opening)) return std::nullopt;
  return start;
}

EventStream::EventStream(double start, const OptimizerConfig& optimizer, int64_t epochs)
    : start_(start), schedule_(optimizer, epochs) {}

std::string EventStream::next(const std::vector<EpochRecord>& rows,
                              const std::vector<EpochTiming>& timings) {
  std::string records = std::exchange(opened_, true) ? "" : opening_record(start_);
  for (; written_ < rows.size(); ++written_) {
    if (written_ < timings.size()) {
      seconds_ += timings[written_].train_seconds + timings[written_].val_seconds;
    }
    records += epoch_record(rows[written_], start_ + seconds_);
  }
  return records;
}

std::string EventStream::epoch_record(const EpochRecord& row, double wall_time) {
  std::string summary;
  for (const Metric metric :
       {Metric::kAccuracy, Metric::kLoss, Metric::kValAccuracy, Metric::kValLoss}) {
    summary += scalar(name_of(metric), value_of(row, metric));
  }
  summary += scalar("learning_rate", schedule_.rate(row.epoch));
  schedule_.observe(row);
  return record(double_field(kWallTime, wall_time) +
                number_field(kStep, static_cast<uint64_t>(row.epoch)) +
                bytes_field(kSummary, summary));
}

EventFile::EventFile(fs::path file, OptimizerConfig optimizer, int64_t epochs)
    : file_(std::move(file)), optimizer_(std::move(optimizer)), epochs_(epochs) {}

void EventFile::write(const std::vector<EpochRecord>& rows,
                      const std::vector<EpochTiming>& timings) {
  if (!stream_) return rewrite(rows, timings);
  try {
    append_file(file_, stream_->next(rows, timings));
  } catch (const EnvironmentError&) {
    stream_.reset();  // a part of the records may stand there
    throw;
  }
}

void EventFile::rewrite(const std::vector<EpochRecord>& rows,
                        const std::vector<EpochTiming>& timings) {
  const std::optional<double> start =
      is_there(file_) ? start_of_events(read_file(file_)) : std::nullopt;
  EventStream stream(start.value_or(now()), optimizer_, epochs_);
  replace_file(file_, stream.next(rows, timings), Sync::kNone);
  stream_ = std::move(stream);
}

}  // namespace nnrun
