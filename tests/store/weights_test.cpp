#include <gtest/gtest.h>

#include <cmath>

#include "base/temp_folder.h"
#include "nnrun/files.h"
#include "nnrun/store.h"
#include "store/safetensors_bytes.h"

namespace nnrun {
namespace {

using Values = std::vector<float>;

// Header and values as the Python package writes them: tests/reference/safetensors_sample.py.
const std::string kReferenceHeader =
    R"({"__metadata__":{"format":"np"},"model/C1.bias":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
    R"("model/C1.weight":{"dtype":"F32","shape":[1,3],"data_offsets":[4,16]},)"
    R"("optimizer/momentum/C1.bias":{"dtype":"F32","shape":[1],"data_offsets":[16,20]}}   )";
const Values kReferenceValues{3, 1.5, -2, 0.25, 7};

class WeightsTest : public testing::Test {
 protected:
  WeightsFile read(const std::string& bytes) {
    replace_file(folder_ / "w.safetensors", bytes, Sync::kNone);
    return read_weights(folder_ / "w.safetensors");
  }

  /// The message after the file's name, or "no error".
  std::string error_of(const std::string& bytes) {
    try {
      read(bytes);
    } catch (const StoreError& error) {
      const std::string text = error.what(),
                        start = (folder_ / "w.safetensors").string() + ": is damaged: ";
      EXPECT_EQ(text.substr(0, start.size()), start);
      return text.substr(start.size());
    }
    return "no error";
  }

  std::string error_of_header(const std::string& header, const Values& values = {1}) {
    return error_of(safetensors_bytes(header, values));
  }

  TempFolder folder_;
};

TEST_F(WeightsTest, ReadsWhatThePythonPackageWrites) {
  const Tensors weights = read(safetensors_bytes(kReferenceHeader, kReferenceValues)).tensors;
  ASSERT_EQ(weights.size(), 2U);
  EXPECT_EQ(weights[0].name, "C1.bias");
  EXPECT_EQ(weights[0].values, Values({3}));
  EXPECT_EQ(weights[1].name, "C1.weight");
  EXPECT_EQ(weights[1].shape, (std::vector<int64_t>{1, 3}));
  EXPECT_EQ(weights[1].values, Values({1.5, -2, 0.25}));
}

TEST_F(WeightsTest, TakesScalarsAndEmptyTensors) {
  const Tensors weights =
      read(
          safetensors_bytes(
              R"({"b":{"dtype":"F32","shape":[0,5],"data_offsets":[0,0]},"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}})",
              {9}))
          .tensors;
  ASSERT_EQ(weights.size(), 2U);
  EXPECT_EQ(weights[0].values, Values({9}));
  EXPECT_TRUE(weights[1].values.empty());
}

// Bits of -1.5, the least number above 0, infinity, NaN; printf of Python's struct.pack("<e") and
// torch.tensor(-1.5, dtype=torch.bfloat16).
TEST_F(WeightsTest, ConvertsFloatingPointTypes) {
  const auto values_of = [this](const std::string& type, const std::string& bytes) {
    const std::string count = std::to_string(bytes.size() / (type == "F64" ? 8 : 2));
    const std::string header = R"({"a":{"dtype":")" + type + R"(","shape":[)" + count +
                               R"(],"data_offsets":[0,)" + std::to_string(bytes.size()) + "]}}";
    return read(safetensors_bytes(header, {}) + bytes).tensors.at(0).values;
  };
  using namespace std::string_literals;
  const Values half = values_of("F16", "\x00\xBE\x01\x00\x00\xFC\xFF\x7B\x00\x7E"s);
  EXPECT_EQ(Values(half.begin(), half.begin() + 4), Values({-1.5F, 0x1p-24F, -INFINITY, 65504.0F}));
  EXPECT_TRUE(std::isnan(half[4]));
  EXPECT_EQ(values_of("BF16", "\xC0\xBF\x80\x7F"s), Values({-1.5F, INFINITY}));
  EXPECT_EQ(values_of("F64", "\x9A\x99\x99\x99\x99\x99\xB9\x3F"s), Values({0.1F}));
}

TEST_F(WeightsTest, NamesTensorsOfOtherTypes) {
  const WeightsFile weights = read(safetensors_bytes(
      R"({"model/a":{"dtype":"I32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
      {0, 5}));
  ASSERT_EQ(weights.tensors.size(), 1U);
  EXPECT_EQ(weights.tensors[0].name, "b");
  EXPECT_EQ(weights.other_types, (std::map<std::string, std::string>{{"a", "I32"}}));
}

TEST_F(WeightsTest, EveryTruncationIsAnError) {
  const std::string whole = safetensors_bytes(kReferenceHeader, kReferenceValues);
  for (size_t length = 0; length < whole.size(); ++length) {
    EXPECT_NE(error_of(whole.substr(0, length)), "no error") << length;
  }
  EXPECT_EQ(error_of(whole + "x"), "bytes after the last tensor");
}

TEST_F(WeightsTest, RefusesHostileHeaderLengths) {
  EXPECT_EQ(error_of(std::string(8, '\xff')),
            "header length out of range (got 18446744073709551615, expected at most 0)");
  EXPECT_EQ(error_of(std::string("\x03\0\0\0\0\0\0\0{}", 10)),
            "header length out of range (got 3, expected at most 2)");
}

TEST_F(WeightsTest, RefusesHeadersThatAreNoObject) {
  for (const char* header :
       {"", "[]", "null", "{", "{}{}", "{\"a\":1}", "{'a':1}", "\xff", "{\"\xff\":1}",
        "{\"__metadata__\":{\"a\":1}}", "{\"__metadata__\":[]}"}) {
    EXPECT_NE(error_of_header(header, {}), "no error") << header;
  }
  EXPECT_EQ(error_of_header(std::string(1000000, '[')), "header nested too deeply");
  EXPECT_EQ(error_of_header("{\"a\":{\"shape\":[{\"b\":1}]}}"), "header nested too deeply");
}

TEST_F(WeightsTest, RefusesTensorsThatDoNotFit) {
  const struct {
    const char *tensor, *message;
  } kCases[] = {
      {R"({"dtype":"F32","shape":[1]})", "needs exactly dtype, shape and data_offsets"},
      {R"({"dtype":4,"shape":[1],"data_offsets":[0,4]})",
       "needs exactly dtype, shape and data_offsets"},
      {R"({"dtype":"F32","shape":[1.0],"data_offsets":[0,4]})", "the shape is no list of sizes"},
      {R"({"dtype":"F32","shape":[-1],"data_offsets":[0,4]})", "the shape is no list of sizes"},
      {R"({"dtype":"F32","shape":1,"data_offsets":[0,4]})", "the shape is no list of sizes"},
      {R"({"dtype":"F32","shape":[1],"data_offsets":[0]})", "data_offsets is no pair of offsets"},
      {R"({"dtype":"F32","shape":[1],"data_offsets":[-4,0]})",
       "data_offsets is no pair of offsets"},
      {R"({"dtype":"F32","shape":[1],"data_offsets":[4,0]})", "data_offsets out of range"},
      {R"({"dtype":"F32","shape":[2],"data_offsets":[0,8]})", "data_offsets out of range"},
      {R"({"dtype":"F32","shape":[1],"data_offsets":[0,18446744073709551615]})",
       "data_offsets is no pair of offsets"},
      {R"({"dtype":"F32","shape":[2],"data_offsets":[0,4]})",
       "type, shape and data_offsets do not fit"},
      {R"({"dtype":"F33","shape":[1],"data_offsets":[0,4]})",
       "type, shape and data_offsets do not fit"},
      // 2^62 * 4 elements of 4 bytes: 0 bytes when the product wraps around
      {R"({"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]})",
       "type, shape and data_offsets do not fit"},
  };
  for (const auto& [tensor, message] : kCases) {
    EXPECT_EQ(error_of_header("{\"a\":" + std::string(tensor) + "}"),
              "tensor \"a\": " + std::string(message));
  }
}

TEST_F(WeightsTest, RefusesDuplicatesOverlapsAndGaps) {
  const std::string first = R"({"dtype":"F32","shape":[1],"data_offsets":[0,4]})";
  const std::string third = R"({"dtype":"F32","shape":[1],"data_offsets":[8,12]})";
  EXPECT_EQ(error_of_header("{\"a\":" + first + ",\"a\":" + first + "}"),
            "duplicate name \"a\" in the header");
  EXPECT_EQ(
      error_of_header(R"({"a":{"dtype":"F32","shape":[1],"shape":[1],"data_offsets":[0,4]}})"),
      "duplicate name \"shape\" in the header");
  EXPECT_EQ(error_of_header("{\"a\":" + first + ",\"b\":" + first + "}"),
            "tensor \"b\" overlaps another or leaves a gap");
  EXPECT_EQ(error_of_header("{\"a\":" + first + ",\"b\":" + third + "}", {1, 2, 3}),
            "tensor \"b\" overlaps another or leaves a gap");
  EXPECT_EQ(error_of_header("{\"a\":" + first + "}", {1, 2}), "bytes after the last tensor");
  const std::string second = R"({"dtype":"F32","shape":[1],"data_offsets":[4,8]})";
  EXPECT_EQ(error_of_header("{\"a\":" + first + ",\"model/a\":" + second + "}", {1, 2}),
            "tensor \"a\" stands there with and without model/");
}

TEST_F(WeightsTest, NamesAreEscapedInMessages) {
  EXPECT_EQ(error_of_header("{\"\\u001b[0m\":1}"),
            "tensor \"\\x1b[0m\": needs exactly dtype, shape and data_offsets");
}

TEST_F(WeightsTest, AMissingFileIsNoDamage) {
  EXPECT_THROW(read_weights(folder_ / "none"), EnvironmentError);
}

// sha256 of the bytes of 1.0f, 2.0f, 3.0f: printf '\0\0\200\77\0\0\0\100\0\0\100\100' | sha256sum
TEST_F(WeightsTest, HashTakesTheModelInOrderOfName) {
  const Tensors tensors{
      {"model/b", {1}, {3}}, {"model/a", {2}, {1, 2}}, {"optimizer/momentum/a", {2}, {8, 9}}};
  EXPECT_EQ(weights_sha256(tensors),
            "8e628779e6a74ee0b36991c10158f63cafec7d340ad4e075592502c8708524dd");
}

}  // namespace
}  // namespace nnrun
