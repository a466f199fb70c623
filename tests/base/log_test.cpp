#include "nnrun/log.h"

#include <gtest/gtest.h>

#include <latch>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "base/live_line.h"
#include "base/temp_folder.h"
#include "nnrun/files.h"

namespace nnrun {
namespace {

class LogTest : public testing::Test {
 protected:
  ~LogTest() override {
    set_log_file("");
    set_verbosity(Verbosity::kNormal);
  }
};

TEST_F(LogTest, LinesGoToStderrOnly) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  log_info("hello {}");
  log_warning("careful");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "hello {}\nnnrun: warning: careful\n");
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
}

TEST_F(LogTest, LinesTakeThePlaceOfALiveOne) {
  testing::internal::CaptureStderr();
  show_live_line("1/2");
  log_info("one");
  log_info("two");
  show_live_line("2/2");
  keep_live_line();
  clear_live_line();  // there is none
  log_info("three");
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "\r\033[K1/2\r\033[Kone\ntwo\n\r\033[K2/2\nthree\n");
}

TEST_F(LogTest, QuietKeepsWarnings) {
  set_verbosity(Verbosity::kQuiet);
  testing::internal::CaptureStderr();
  log_info("hello");
  log_advice("by the way");
  log_warning("careful");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "nnrun: warning: careful\n");
}

TEST_F(LogTest, AdviceIsAWarning) {
  testing::internal::CaptureStderr();
  log_advice("by the way");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "nnrun: warning: by the way\n");
}

TEST_F(LogTest, TheFileGetsOneJsonObjectPerLine) {
  const TempFolder folder;
  const std::string file = (folder / "log.jsonl").string();
  set_verbosity(Verbosity::kQuiet);
  set_log_file(file);
  testing::internal::CaptureStderr();
  log_info("two\nlines \xff");
  log_warning("careful");
  set_log_file("");
  log_warning("not in the file");
  testing::internal::GetCapturedStderr();

  std::istringstream lines(read_file(file));
  std::string first, second, third;
  ASSERT_TRUE(std::getline(lines, first) && std::getline(lines, second));
  EXPECT_FALSE(std::getline(lines, third));
  EXPECT_EQ(nlohmann::json::parse(first)["message"], "two\nlines \uFFFD");
  EXPECT_EQ(nlohmann::json::parse(first)["level"], "info");
  EXPECT_EQ(nlohmann::json::parse(second)["level"], "warning");
  EXPECT_EQ(nlohmann::json::parse(second)["time"].get<std::string>().back(), 'Z');
}

TEST_F(LogTest, TheFileIsNobodyElses) {
  const TempFolder folder;
  const auto original = folder / "original", copy = folder / "copy";
  replace_file(original, "earlier\n", Sync::kNone);
  std::filesystem::create_hard_link(original, copy);
  set_verbosity(Verbosity::kQuiet);
  set_log_file(copy.string());
  log_info("later");
  EXPECT_EQ(read_file(original), "earlier\n");
  EXPECT_TRUE(read_file(copy).starts_with("earlier\n{"));
}

TEST_F(LogTest, EveryThreadHasAFileOfItsOwn) {
  const TempFolder folder;
  set_verbosity(Verbosity::kQuiet);
  std::latch both_have_a_file(2);
  const auto log_to = [&](const std::string& name) {
    set_log_file((folder / name).string());
    both_have_a_file.arrive_and_wait();
    for (int i = 0; i < 100; ++i) log_info(name);
    set_log_file("");
  };
  { const std::jthread one(log_to, "one"), other(log_to, "other"); }
  for (const std::string name : {"one", "other"}) {
    std::istringstream lines(read_file(folder / name));
    int count = 0;
    for (std::string line; std::getline(lines, line); ++count)
      EXPECT_EQ(nlohmann::json::parse(line)["message"], name);
    EXPECT_EQ(count, 100) << name;
  }
}

TEST_F(LogTest, AFileThatCannotBeWrittenIsOneWarning) {
  testing::internal::CaptureStderr();
  set_log_file("/dev/full");
  log_info("a");
  log_info("b");
  set_log_file("");
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_EQ(text.find("nnrun: warning: /dev/full"), text.rfind("nnrun: warning: ")) << text;
  EXPECT_NE(text.find("nnrun: warning: /dev/full"), std::string::npos) << text;
}

}  // namespace
}  // namespace nnrun
