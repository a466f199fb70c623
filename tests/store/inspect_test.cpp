#include <gtest/gtest.h>

#include <thread>

#include "base/temp_folder.h"
#include "nnrun/files.h"
#include "store/run_fixture.h"

namespace nnrun {
namespace {

namespace fs = std::filesystem;

class InspectTest : public testing::Test {
 protected:
  void put(const std::string& name, const std::string& content = "") {
    make_folders((folder_ / name).parent_path());
    replace_file(folder_ / name, content, Sync::kNone);
  }

  TempFolder temp_;
  fs::path folder_ = temp_ / "run";
};

TEST_F(InspectTest, TellsAbsentFromEmpty) {
  EXPECT_EQ(inspect(folder_), RunState::kAbsent);
  fs::create_directory(folder_);
  EXPECT_EQ(inspect(folder_), RunState::kEmpty);
  put("lock");
  put(".nnrun-12-3.tmp", "half a file");
  EXPECT_EQ(inspect(folder_), RunState::kEmpty);
}

TEST_F(InspectTest, AnythingElseIsForeign) {
  put("notes.txt");
  EXPECT_EQ(inspect(folder_), RunState::kForeign);
}

TEST_F(InspectTest, AConfigAloneIsTheUsersUnlessNnrunHeldTheLock) {
  put("config.json");
  EXPECT_EQ(inspect(folder_), RunState::kForeign);
  put("lock");
  EXPECT_EQ(inspect(folder_), RunState::kEmpty);  // killed before manifest.json was there
  put("notes.txt");
  EXPECT_EQ(inspect(folder_), RunState::kForeign);
}

TEST_F(InspectTest, AManifestMakesARunIfItIsOurs) {
  put("manifest.json", R"({"name": "a web application"})");
  EXPECT_EQ(inspect(folder_), RunState::kForeign);
  make_run(folder_);
  put("notes.txt");
  EXPECT_EQ(inspect(folder_), RunState::kRun);
}

TEST_F(InspectTest, AConfigWithTrialsIsAParent) {
  put("trial-0000/seed-7/config.json");
  EXPECT_EQ(inspect(folder_), RunState::kForeign);
  put("config.json");
  EXPECT_EQ(inspect(folder_), RunState::kParent);
  fs::remove_all(folder_ / "trial-0000");
  EXPECT_EQ(inspect(folder_), RunState::kForeign);
  put("sweep.csv");
  EXPECT_EQ(inspect(folder_), RunState::kParent);
}

/// Killed before the first trial had anything to keep.
TEST_F(InspectTest, ATrialThatHoldsALockAtMostIsNothing) {
  fs::create_directories(folder_ / "seed-9");
  put("trial-0000/seed-7/lock");
  put("trial-0000/seed-7/.nnrun-12-3.tmp");
  EXPECT_EQ(inspect(folder_), RunState::kEmpty);
  put("config.json");
  EXPECT_EQ(inspect(folder_), RunState::kForeign);  // the user's
  make_run(folder_);
  EXPECT_EQ(inspect(folder_), RunState::kRun);
  RunDirectory(folder_).clear();
  EXPECT_TRUE(fs::is_empty(folder_));
  put("trial-0000/seed-7/notes.txt");
  EXPECT_EQ(inspect(folder_), RunState::kForeign);
}

TEST_F(InspectTest, FollowsALinkToTheFolder) {
  make_run(folder_);
  fs::create_directory_symlink(folder_, temp_ / "link");
  EXPECT_EQ(inspect(temp_ / "link"), RunState::kRun);
}

TEST_F(InspectTest, FilesAreErrorsOfTheEnvironment) {
  put("file");
  EXPECT_THROW(inspect(folder_ / "file"), EnvironmentError);
  EXPECT_THROW(inspect(folder_ / "file/below"), EnvironmentError);
}

/// As the trials of one study find its folder when they start at the same time.
TEST_F(InspectTest, AFolderThatIsBeingMadeIsNeverForeign) {
  constexpr int kFolders = 2000;
  const auto name = [](int i) { return std::to_string(i) + "/"; };
  std::thread maker([&] {
    for (int i = 0; i < kFolders; ++i)
      for (const char* file : {"lock", "config.json", "sweep.csv"}) put(name(i) + file);
  });
  int foreign = 0;
  for (int i = 0; i < kFolders;) {
    const RunState state = inspect(folder_ / name(i));
    foreign += state == RunState::kForeign;
    if (state == RunState::kParent) ++i;
  }
  maker.join();
  EXPECT_EQ(foreign, 0);
}

}  // namespace
}  // namespace nnrun
