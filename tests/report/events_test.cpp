// The expected file: tests/reference/make_events_reference.py (TensorBoard's own classes).
#include "report/events.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/file_size_limit.h"
#include "base/temp_folder.h"
#include "nnrun/error.h"
#include "nnrun/files.h"

namespace nnrun {
namespace {

constexpr const char* kExpected =
    "1800000000000000a37f4b22090000000000448f401a0d627261696e2e4576656e743a32aba3334565000000000000"
    "00"
    "ebd05a69090000000000548f402a5a0a0f0a086163637572616379150000803e0a0b0a046c6f737315000020400a13"
    "0a"
    "0c76616c5f6163637572616379150000003e0a0f0a0876616c5f6c6f737315000040400a140a0d6c6561726e696e67"
    "5f"
    "72617465150000003fd309f59e6700000000000000baadcdd4090000000000648f4010012a5a0a0f0a086163637572"
    "61"
    "6379150000003f0a0b0a046c6f7373150000c03f0a130a0c76616c5f6163637572616379150000c07f0a0f0a087661"
    "6c"
    "5f6c6f7373150000807f0a140a0d6c6561726e696e675f72617465150000803e37cf335e6700000000000000baadcd"
    "d4"
    "090000000000768f4010022a5a0a0f0a086163637572616379150000403f0a0b0a046c6f7373150000803f0a130a0c"
    "76"
    "616c5f6163637572616379150000203f0a0f0a0876616c5f6c6f737315000000400a140a0d6c6561726e696e675f72"
    "61"
    "7465150000003ed05d1292";

const std::vector<EpochRecord> kRows{{0, 0.25, 2.5, 0.125, 3.0},
                                     {1, 0.5, 1.5, std::numeric_limits<double>::quiet_NaN(),
                                      std::numeric_limits<double>::infinity()},
                                     {2, 0.75, 1.0, 0.625, 2.0}};
const std::vector<EpochTiming> kTimings{{0, 1.5, 0.5, 9}, {1, 1.75, 0.25, 9}, {2, 2, 0.25, 9}};

std::string hex(const std::string& bytes) {
  std::string text;
  for (const unsigned char byte : bytes) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

template <typename Row>
std::vector<Row> first(const std::vector<Row>& rows, std::ptrdiff_t count) {
  return {rows.begin(), rows.begin() + count};
}

/// Rates 0.5, 0.25, 0.125.
OptimizerConfig halving() {
  OptimizerConfig optimizer;
  optimizer.learning_rate = 0.5;
  optimizer.schedule = ScheduleConfig{};
  optimizer.schedule->every = 1;
  optimizer.schedule->factor = 0.5;
  return optimizer;
}

class EventsTest : public testing::Test {
 protected:
  /// The file after the given rows, starting anew.
  std::string fresh(std::ptrdiff_t rows, double start) const {
    return EventStream(start, halving(), 3).next(first(kRows, rows), first(kTimings, rows));
  }
  void write(EventFile& events, std::ptrdiff_t rows) const {
    events.write(first(kRows, rows), first(kTimings, rows));
  }
  double start() const { return start_of_events(read_file(file_)).value_or(0); }

  TempFolder folder_;
  std::filesystem::path file_ = folder_ / kEventFile;
};

TEST_F(EventsTest, Crc32cHasItsCheckValues) {
  EXPECT_EQ(crc32c(""), 0u);
  EXPECT_EQ(crc32c("123456789"), 0xe3069283u);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aau);  // RFC 3720, B.4
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43u);
}

TEST_F(EventsTest, BytesAreTensorBoards) { EXPECT_EQ(hex(fresh(3, 1000.5)), kExpected); }

TEST_F(EventsTest, RowByRowGivesTheSameBytes) {
  EventStream stream(1000.5, halving(), 3);
  std::string file;
  for (const std::ptrdiff_t rows : {0, 1, 1, 3, 3}) {
    file += stream.next(first(kRows, rows), first(kTimings, rows));
  }
  EXPECT_EQ(hex(file), kExpected);
}

TEST_F(EventsTest, PlateauFollowsTheRows) {
  OptimizerConfig optimizer = halving();
  optimizer.schedule->type = ScheduleType::kPlateau;
  optimizer.schedule->monitor = Metric::kLoss;
  optimizer.schedule->patience = 1;
  const std::vector<EpochRecord> rows{{0, 0, 1, 0, 0}, {1, 0, 1, 0, 0}, {2, 0, 1, 0, 0}};
  // The rate's four bytes end each record, before the CRC: 0.5, 0.5, then 0.25 once a row was no
  // better.
  std::string rates;
  EventStream stream(0, optimizer, 3);
  stream.next({}, {});
  for (std::ptrdiff_t count = 1; count <= 3; ++count) {
    const std::string record = stream.next(first(rows, count), {});
    rates += hex(record.substr(record.size() - 8, 4)) + " ";
  }
  EXPECT_EQ(rates, "0000003f 0000003f 0000803e ");
}

TEST_F(EventsTest, StartIsThatOfTheFile) {
  EXPECT_EQ(start_of_events(fresh(2, 1000.5)), 1000.5);
  EXPECT_EQ(start_of_events(""), std::nullopt);
  std::string damaged = fresh(2, 1000.5);
  damaged[14] = static_cast<char>(damaged[14] ^ 1);
  EXPECT_EQ(start_of_events(damaged), std::nullopt);
}

TEST_F(EventsTest, AppendsToWhatItWrote) {
  EventFile events(file_, halving(), 3);
  write(events, 1);
  write(events, 3);
  EXPECT_EQ(read_file(file_), fresh(3, start()));
}

TEST_F(EventsTest, ANewProcessWritesTheRowsItHas) {
  {
    EventFile events(file_, halving(), 3);
    write(events, 3);
  }
  const double before = start();
  append_file(file_, "half a record");
  EventFile resumed(file_, halving(), 3);
  write(resumed, 1);  // the checkpoint was behind
  EXPECT_EQ(read_file(file_), fresh(1, before));
  write(resumed, 3);
  EXPECT_EQ(read_file(file_), fresh(3, before));
}

TEST_F(EventsTest, AFullDiskIsMadeGood) {
  EventFile events(file_, halving(), 3);
  write(events, 1);
  {
    const FileSizeLimit full(read_file(file_).size() + 20);
    EXPECT_THROW(write(events, 2), EnvironmentError);
  }
  write(events, 3);
  EXPECT_EQ(read_file(file_), fresh(3, start()));
}

}  // namespace
}  // namespace nnrun
