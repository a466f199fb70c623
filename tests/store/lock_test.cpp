#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "base/temp_folder.h"
#include "nnrun/files.h"
#include "nnrun/store.h"

namespace nnrun {
namespace {

namespace fs = std::filesystem;

class LockTest : public testing::Test {
 protected:
  TempFolder temp_;
  fs::path folder_ = temp_ / "a/b";
};

TEST_F(LockTest, KeepsOthersOutAndNamesTheHolder) {
  const auto lock = RunLock::acquire(folder_);
  EXPECT_EQ(RunLock::try_acquire(folder_), nullptr);
  try {
    RunLock::acquire(folder_);
    FAIL() << "no error";
  } catch (const InUseError& error) {
    const std::string start =
        folder_.string() + ": is in use by process " + std::to_string(getpid()) + " on host ";
    EXPECT_EQ(std::string(error.what()).substr(0, start.size()), start);
  }
  EXPECT_TRUE(fs::exists(folder_ / "lock"));
}

TEST_F(LockTest, LeavesNothingBehindWhenNothingCameOfTheRun) {
  RunLock::acquire(folder_).reset();
  EXPECT_TRUE(fs::is_empty(temp_.path()));
}

TEST_F(LockTest, LeavesAFolderThatIsUsedOrWasThere) {
  RunLock::acquire(folder_).reset();
  fs::create_directories(temp_ / "a");
  {
    const auto lock = RunLock::acquire(folder_);
    replace_file(folder_ / "file", "x", Sync::kNone);
  }
  EXPECT_TRUE(fs::exists(folder_ / "file"));
  fs::remove_all(folder_);
  RunLock::acquire(folder_).reset();
  EXPECT_TRUE(fs::exists(temp_ / "a"));
  EXPECT_FALSE(fs::exists(folder_));
}

TEST_F(LockTest, TellsWhetherItIsHeldAndTouchesNothing) {
  EXPECT_FALSE(RunLock::is_held(folder_));
  EXPECT_TRUE(fs::is_empty(temp_.path()));
  auto lock = RunLock::acquire(folder_);
  EXPECT_TRUE(RunLock::is_held(folder_));
  lock.reset();
  fs::create_directories(folder_);
  replace_file(folder_ / "lock", "", Sync::kNone);  // of a killed process
  EXPECT_FALSE(RunLock::is_held(folder_));
  EXPECT_TRUE(fs::exists(folder_ / "lock"));
}

TEST_F(LockTest, CanBeTakenAgain) {
  for (int i = 0; i < 3; ++i) EXPECT_NE(RunLock::try_acquire(folder_), nullptr);
}

TEST_F(LockTest, DiesWithItsHolder) {
  const pid_t child = fork();
  if (child == 0) {
    const auto lock = RunLock::acquire(folder_);
    raise(SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_TRUE(fs::exists(folder_ / "lock"));
  EXPECT_NE(RunLock::try_acquire(folder_), nullptr);
}

TEST_F(LockTest, IsOnePerFolderWhateverItsNameIs) {
  fs::create_directories(folder_);
  fs::create_directory_symlink(folder_, temp_ / "link");
  const auto lock = RunLock::acquire(folder_);
  EXPECT_EQ(RunLock::try_acquire(temp_ / "link"), nullptr);
}

TEST_F(LockTest, AMovedFolderKeepsItsFiles) {
  {
    const auto lock = RunLock::acquire(folder_);
    fs::rename(folder_, temp_ / "moved");
    fs::create_directories(folder_);
    replace_file(folder_ / "lock", "another's", Sync::kNone);
  }
  EXPECT_TRUE(fs::exists(folder_ / "lock"));
}

TEST_F(LockTest, KnowsTheFolderItWasTakenIn) {
  fs::create_directories(temp_ / "real");
  fs::create_directory_symlink(temp_ / "real", temp_ / "link");
  const auto through_link = RunLock::acquire(temp_ / "link");
  const auto lock = RunLock::acquire(folder_);
  EXPECT_NO_THROW(through_link->check());
  EXPECT_NO_THROW(lock->check());
  fs::rename(folder_, temp_ / "moved");
  EXPECT_THROW(lock->check(), LostFolderError);
  {
    const auto anothers = RunLock::acquire(folder_);
    EXPECT_THROW(lock->check(), LostFolderError);
    EXPECT_NO_THROW(anothers->check());
  }
  fs::rename(temp_ / "moved", folder_);
  EXPECT_NO_THROW(lock->check());
  fs::remove_all(temp_ / "a");
  EXPECT_THROW(lock->check(), LostFolderError);
}

TEST_F(LockTest, IsNeverWrittenThroughALink) {
  fs::create_directories(folder_);
  replace_file(temp_ / "precious", "x", Sync::kNone);
  fs::create_symlink(temp_ / "precious", folder_ / "lock");
  EXPECT_THROW(RunLock::acquire(folder_), EnvironmentError);
  EXPECT_EQ(read_file(temp_ / "precious"), "x");
}

TEST_F(LockTest, AFolderThatCannotBeMadeIsAnErrorOfTheEnvironment) {
  replace_file(temp_ / "file", "x", Sync::kNone);
  EXPECT_THROW(RunLock::acquire(temp_ / "file"), EnvironmentError);
  EXPECT_THROW(RunLock::acquire(temp_ / "file/x"), EnvironmentError);
}

/// Takes the lock again and again in a process of its own; exits with 1 if another held it too.
[[noreturn]] void hold_often(const fs::path& folder, const fs::path& mark) noexcept {
  constexpr int kRounds = 50;
  bool clashed = false;
  for (int held = 0; held < kRounds;) {
    const auto lock = RunLock::try_acquire(folder);
    if (!lock) {
      std::this_thread::sleep_for(std::chrono::microseconds(100));
      continue;
    }
    ++held;
    if (mkdir(mark.c_str(), 0700) != 0) clashed = true;
    rmdir(mark.c_str());
  }
  _exit(clashed ? 1 : 0);
}

// Holders come and go, each removing the file and the folders: at no time do two hold it.
TEST_F(LockTest, NeverHasTwoHolders) {
  constexpr int kChildren = 3;
  for (int i = 0; i < kChildren; ++i) {
    if (fork() == 0) hold_often(folder_, temp_ / "mark");
  }
  for (int i = 0; i < kChildren; ++i) {
    int status = 0;
    ASSERT_GT(wait(&status), 0);
    EXPECT_EQ(status, 0);
  }
}

}  // namespace
}  // namespace nnrun
