#include "data/text_csv.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "data/data_files.h"

namespace nnrun {
namespace {

DataConfig csv_config() {
  DataConfig config;
  config.type = DataType::kTextCsv;
  config.train_file = "t/train.csv";
  config.test_file = "t/test.csv";
  config.classes = 3;
  config.max_length = 4;
  return config;
}

Dataset load(const DataFolder& folder, const DataConfig& config) {
  return load_dataset(config, folder.path(), /*seed=*/0);
}

/// The error of reading `content` as the training file, with FILE for its path.
std::string error_in(const std::string& content, const DataConfig& config = csv_config()) {
  DataProblems problems;
  Texts texts;
  read_texts("FILE", content, config, texts, problems);
  return error_of([&] { problems.throw_if_any(); });
}

TEST(TextCsvTest, LabelsAndTexts) {
  const DataFolder folder;
  folder.write("t/train.csv", "2,ab,ignored\n0,\"b,\"\"a\"\"\"\n");
  folder.write("t/test.csv", "1,b\n");
  const Dataset set = load(folder, csv_config());
  EXPECT_EQ(set.train.labels, (std::vector<int32_t>{2, 0}));
  EXPECT_EQ(set.vocabulary.entries, (std::vector<std::string>{" ", ",", "a", "b"}));
  EXPECT_EQ(dump_line(set.train, 1), "0,3,1,2,0");
  EXPECT_EQ(dump_line(set.test, 0), "1,3,0,0,0");
  ASSERT_EQ(set.files.size(), 2U);
  EXPECT_EQ(set.files[0].path, "t/train.csv");
  EXPECT_TRUE(set.class_names.empty());
}

TEST(TextCsvTest, ColumnsByNumber) {
  DataConfig config = csv_config();
  config.label_column = 2;
  config.text_column = 0;
  DataProblems problems;
  Texts texts;
  read_texts("f", "text,x,1\n", config, texts, problems);
  EXPECT_EQ(texts.texts, (std::vector<std::string>{"text"}));
  EXPECT_EQ(texts.labels, (std::vector<int32_t>{1}));
}

TEST(TextCsvTest, BadLabels) {
  EXPECT_EQ(error_in("3,a\n"), "2: FILE:1:1: the label is out of range (got 3, expected 0 to 2)");
  EXPECT_EQ(error_in("0,a\n-1,b\n"),
            "2: FILE:2:1: the label is out of range (got -1, expected 0 to 2)");
  EXPECT_EQ(error_in("label,text\n"),
            "2: FILE:1:1: the label is no integer (got \"label\", expected 0 to 2)");
  EXPECT_EQ(error_in(",a\n"), "2: FILE:1:1: the label is no integer (got \"\", expected 0 to 2)");
  EXPECT_EQ(error_in(" 1,a\n"),
            "2: FILE:1:1: the label is no integer (got \" 1\", expected 0 to 2)");
  EXPECT_EQ(error_in("1.0,a\n"),
            "2: FILE:1:1: the label is no integer (got \"1.0\", expected 0 to 2)");
  EXPECT_EQ(error_in("+1,a\n"),
            "2: FILE:1:1: the label is no integer (got \"+1\", expected 0 to 2)");
  EXPECT_EQ(error_in("99999999999999999999,a\n"),
            "2: FILE:1:1: the label is no integer (got \"99999999999999999999\", expected 0 to 2)");
  DataConfig config = csv_config();
  std::swap(config.label_column, config.text_column);
  EXPECT_EQ(error_in("é,9\n", config),
            "2: FILE:1:4: the label is out of range (got 9, expected 0 to 2)");
}

TEST(TextCsvTest, LongAndStrangeLabelsAreCutAndEscaped) {
  EXPECT_EQ(error_in(std::string(50, 'x') + ",a\n"),
            "2: FILE:1:1: the label is no integer (got \"" + std::string(40, 'x') +
                "…\", expected 0 to 2)");
  EXPECT_EQ(error_in(std::string(39, 'x') + "éz,a\n"),
            "2: FILE:1:1: the label is no integer (got \"" + std::string(39, 'x') +
                "…\", expected 0 to 2)");
  EXPECT_EQ(error_in("\x1b[31m,a\n"),
            "2: FILE:1:1: the label is no integer (got \"\\x1b[31m\", expected 0 to 2)");
}

TEST(TextCsvTest, MissingColumns) {
  EXPECT_EQ(error_in("1,a\n2\n"), "2: FILE:2:1: too few columns (got 1, expected at least 2)");
}

TEST(TextCsvTest, FilesAsAWhole) {
  EXPECT_EQ(error_in(""), "2: FILE: the file is empty");
  EXPECT_EQ(error_in("\r\n\n"), "2: FILE: the file holds no record");
  EXPECT_EQ(error_in("\x1f\x8b\x08"),
            "2: FILE: the file is packed by gzip (unpack it with gunzip)");
}

TEST(TextCsvTest, ProblemsOfBothFilesInTheOrderOfTheirPlaces) {
  const DataFolder folder;
  const std::string train = folder.write("t/train.csv", "7,a\n\n1,\"b\"c\nx,d\n1\n");
  const std::string test = folder.write("t/test.csv", "1,\xFF\n");
  EXPECT_EQ(error_of([&] { load(folder, csv_config()); }),
            "2: " + train + ":1:1: the label is out of range (got 7, expected 0 to 2)\n" + train +
                ":2:1: the line is blank\n" + train +
                ":3:6: text after the closing quote (got \"c\", expected a comma or the end of the "
                "line)\n" +
                train + ":4:1: the label is no integer (got \"x\", expected 0 to 2)\n" + train +
                ":5:1: too few columns (got 1, expected at least 2)\n" + test +
                ":1:3: no valid UTF-8 (got \"\\xff\")");
}

TEST(TextCsvTest, OneFileForBothSplits) {
  const DataFolder folder;
  DataConfig config = csv_config();
  config.test_file = config.train_file;
  const std::string file = folder.write("t/train.csv", "1,a\n2,b\n");
  EXPECT_EQ(load(folder, config).test.ids, load(folder, config).train.ids);
  folder.write("t/train.csv", "7,a\n");
  EXPECT_EQ(error_of([&] { load(folder, config); }),
            "2: " + file + ":1:1: the label is out of range (got 7, expected 0 to 2)");
}

TEST(TextCsvTest, TwentyProblemsAreShown) {
  std::string content;
  for (int i = 0; i < 1021; ++i) content += "9,a\n";
  const std::string error = error_in(content);
  EXPECT_EQ(std::count(error.begin(), error.end(), '\n'), 20);
  EXPECT_TRUE(error.ends_with("\n… and 1,001 more")) << error;
}

TEST(TextCsvTest, MissingFiles) {
  const DataFolder folder;
  folder.write("t/train.csv", "1,a\n");
  EXPECT_EQ(error_of([&] { load(folder, csv_config()); }),
            "5: " + (folder.path() / "t/test.csv").string() +
                ": no such file or folder (the data sets are fetched by scripts/fetch_data.sh; "
                "--data-dir "
                "names another data folder)");
}

TEST(TextCsvTest, AMissingFileHidesNoFaultOfTheOther) {
  const DataFolder folder;
  const std::string train = folder.write("t/train.csv", "9,a\n");
  const std::string error = error_of([&] { load(folder, csv_config()); });
  EXPECT_TRUE(error.starts_with("2: " + (folder.path() / "t/test.csv").string() + ": no such file"))
      << error;
  EXPECT_TRUE(
      error.ends_with("\n" + train + ":1:1: the label is out of range (got 9, expected 0 to 2)"))
      << error;
}

}  // namespace
}  // namespace nnrun
