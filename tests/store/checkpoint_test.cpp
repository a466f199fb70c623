#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/temp_folder.h"
#include "nnrun/files.h"
#include "nnrun/store.h"
#include "store/safetensors_bytes.h"
#include "store/seal.h"

namespace nnrun {
namespace {

Checkpoint sample() {
  Checkpoint checkpoint;
  checkpoint.tensors = {{"optimizer/momentum/F.bias", {1}, {-0.0F}},
                        {"model/F.weight", {1, 2}, {1.25, -3}},
                        {"model/F.bias", {}, {0.5}}};
  checkpoint.rows = {{0, 0.1, 2.5, 0.2, 1e-9}, {1, 0.3, std::nan(""), 0.4, 3}};
  checkpoint.timings = {{0, 1, 2, 3}, {1, 4, 5, 6}};
  checkpoint.loop_state = R"({"wait": 3, "text": "ä\n"})";
  checkpoint.updates = 123456789012;
  checkpoint.config_hash = "c";
  checkpoint.data_hash = "d";
  checkpoint.exact = false;
  return checkpoint;
}

std::string file_of(const Checkpoint& checkpoint) {
  const EncodedCheckpoint encoded = encode_checkpoint(checkpoint);
  std::string bytes;
  for (const std::string_view piece : encoded.pieces()) bytes += piece;
  return bytes;
}

uint64_t header_length(const std::string& bytes) {
  uint64_t length = 0;
  std::memcpy(&length, bytes.data(), sizeof length);
  return length;
}

bool is_refused(const std::string& bytes) {
  try {
    decode_checkpoint(bytes, "last.nnr");
  } catch (const StoreError& error) {
    return error.problems().at(0).file == "last.nnr";
  }
  return false;
}

TEST(CheckpointTest, ReadsBackEverything) {
  const Checkpoint read = decode_checkpoint(file_of(sample()), "last.nnr");
  ASSERT_EQ(read.tensors.size(), 3U);
  EXPECT_EQ(read.tensors[0].name, "model/F.bias");
  EXPECT_TRUE(read.tensors[0].shape.empty());
  EXPECT_EQ(read.tensors[1].shape, (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(read.tensors[1].values, (std::vector<float>{1.25, -3}));
  EXPECT_TRUE(std::signbit(read.tensors[2].values[0]));
  EXPECT_EQ(metrics_csv(read.rows), metrics_csv(sample().rows));
  EXPECT_EQ(timing_csv(read.timings), timing_csv(sample().timings));
  EXPECT_EQ(read.loop_state, sample().loop_state);
  EXPECT_EQ(read.updates, 123456789012);
  EXPECT_EQ(read.config_hash, "c");
  EXPECT_EQ(read.data_hash, "d");
  EXPECT_FALSE(read.exact);
  EXPECT_EQ(read.former_config_hash, "");
  EXPECT_EQ(file_of(read), file_of(sample()));
  Checkpoint extended = sample();
  extended.former_config_hash = "b";
  EXPECT_EQ(decode_checkpoint(file_of(extended), "last.nnr").former_config_hash, "b");
}

TEST(CheckpointTest, AnEmptyOneReadsBackToo) {
  const Checkpoint read = decode_checkpoint(file_of({}), "last.nnr");
  EXPECT_TRUE(read.tensors.empty());
  EXPECT_TRUE(read.exact);
}

TEST(CheckpointTest, TheRowsOfAMillionEpochsReadBack) {
  Checkpoint checkpoint = sample();
  for (int64_t epoch = 2; epoch < 1'000'000; ++epoch) {
    const double value = 1.0 / static_cast<double>(epoch);  // 18 digits each
    checkpoint.rows.push_back({epoch, value, value, value, value});
    checkpoint.timings.push_back({epoch, 1, 1, 0});
  }
  const std::string bytes = file_of(checkpoint);
  EXPECT_GT(header_length(bytes), 100'000'000u);
  const Checkpoint back = decode_checkpoint(bytes, "file");
  EXPECT_EQ(back.rows.size(), checkpoint.rows.size());
  EXPECT_EQ(back.rows.back().val_loss, checkpoint.rows.back().val_loss);
}

TEST(CheckpointTest, TensorsStartAtAMultipleOfEight) {
  Checkpoint checkpoint = sample();
  for (int i = 0; i < 8; ++i) {
    checkpoint.loop_state += 'x';
    EXPECT_EQ(header_length(file_of(checkpoint)) % 8, 0U);
  }
}

TEST(CheckpointTest, EveryFlippedBitIsRefused) {
  const std::string good = file_of(sample());
  ASSERT_FALSE(is_refused(good));
  std::string bad = good;
  for (size_t byte = 0; byte < good.size(); ++byte) {
    for (int bit = 0; bit < 8; ++bit) {
      bad[byte] = static_cast<char>(good[byte] ^ (1 << bit));
      ASSERT_TRUE(is_refused(bad)) << "byte " << byte << ", bit " << bit;
    }
    bad[byte] = good[byte];
  }
}

TEST(CheckpointTest, EveryTruncationAndExtensionIsRefused) {
  const std::string good = file_of(sample());
  for (size_t length = 0; length < good.size(); ++length) {
    ASSERT_TRUE(is_refused(good.substr(0, length))) << length;
  }
  EXPECT_TRUE(is_refused(good + '\0'));
  EXPECT_TRUE(is_refused(good + good));
}

TEST(CheckpointTest, PartsOfTwoCheckpointsDoNotMix) {
  Checkpoint other = sample();
  other.tensors[1].values[0] = 1.5;
  const std::string a = file_of(sample()), b = file_of(other);
  ASSERT_EQ(header_length(a), header_length(b));
  EXPECT_TRUE(is_refused(a.substr(0, 8 + header_length(a)) + b.substr(8 + header_length(b))));
}

TEST(CheckpointTest, AForeignSafetensorsFileIsNoCheckpoint) {
  EXPECT_TRUE(is_refused(safetensors_bytes("{}", {})));
}

TEST(CheckpointTest, ANewerFormatIsNamed) {
  std::string bytes = file_of(sample());
  const std::string version = "\"nnrun_format\":\"1\"";
  const size_t at = bytes.find(version);
  ASSERT_NE(at, std::string::npos);
  bytes[at + version.size() - 2] = '2';
  const size_t digits = bytes.find("header_sha256\":\"") + 16;
  const size_t head = 8 + header_length(bytes);
  bytes.replace(digits, kSealDigits, seal_of(bytes.substr(0, head), digits));
  try {
    decode_checkpoint(bytes, "last.nnr");
    FAIL() << "no error";
  } catch (const StoreError& error) {
    EXPECT_STREQ(
        error.what(),
        "last.nnr: checkpoint of a format this nnrun does not know (got 2, expected 1): a newer "
        "nnrun wrote it");
  }
}

TEST(CheckpointTest, OtherReadersFindTensorsByTheirOffsets) {
  const std::string bytes = file_of(sample());
  const size_t head = 8 + header_length(bytes);
  const auto header = nlohmann::json::parse(bytes.substr(8, head - 8));
  EXPECT_EQ(header["__metadata__"]["metrics"], metrics_csv(sample().rows));
  EXPECT_EQ(header["model/F.weight"]["dtype"], "F32");
  const size_t begin = header["model/F.weight"]["data_offsets"][0];
  float value = 0;
  std::memcpy(&value, bytes.data() + head + begin, sizeof value);
  EXPECT_EQ(value, 1.25F);
}

TEST(CheckpointTest, WeightsOfACheckpointAreChecked) {
  const TempFolder folder;
  std::string bytes = file_of(sample());
  replace_file(folder / "last.nnr", bytes, Sync::kNone);
  const Tensors weights = read_weights(folder / "last.nnr").tensors;
  ASSERT_EQ(weights.size(), 2U);
  EXPECT_EQ(weights[1].name, "F.weight");
  bytes.back() ^= 1;  // in the optimizer's part
  replace_file(folder / "last.nnr", bytes, Sync::kNone);
  EXPECT_THROW(read_weights(folder / "last.nnr"), StoreError);
}

}  // namespace
}  // namespace nnrun
