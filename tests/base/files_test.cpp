#include "nnrun/files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "base/file_size_limit.h"
#include "base/temp_folder.h"
#include "nnrun/error.h"

namespace nnrun {
namespace {

namespace fs = std::filesystem;

size_t entries_of(const fs::path& folder) {
  return static_cast<size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

struct stat facts_of(const fs::path& path) {
  struct stat info {};
  EXPECT_EQ(stat(path.c_str(), &info), 0);
  return info;
}

mode_t mode_of(const fs::path& path) { return facts_of(path).st_mode & 07777; }

template <typename Function>
std::string message_of(Function function) {
  try {
    function();
  } catch (const EnvironmentError& error) {
    return error.what();
  }
  return "no error";
}

class FilesTest : public testing::Test {
 protected:
  TempFolder folder_;
  fs::path file_ = folder_ / "file";
};

TEST_F(FilesTest, AppendMakesAndExtends) {
  const fs::path file = folder_ / "log";
  append_file(file, "a\n");
  append_file(file, "b\n");
  EXPECT_EQ(read_file(file), "a\nb\n");
  EXPECT_NE(message_of([&] { append_file(folder_ / "no/log", "a"); }).find("cannot be written"),
            std::string::npos);
}

TEST_F(FilesTest, ReadsWhatWasWritten) {
  const std::string content("a\0\xff\n", 4);
  for (const Sync sync : {Sync::kNone, Sync::kDurable}) {
    replace_file(file_, content, sync);
    EXPECT_EQ(read_file(file_), content);
  }
  replace_file(file_, "", Sync::kNone);
  EXPECT_EQ(read_file(file_), "");
  EXPECT_EQ(entries_of(folder_.path()), 1U);
}

TEST_F(FilesTest, WritesPiecesInTheirOrder) {
  replace_file(file_, {"ab", "", "c"}, Sync::kDurable);
  EXPECT_EQ(read_file(file_), "abc");
}

TEST_F(FilesTest, TheCheckComesBetweenTheTemporaryAndItsNewName) {
  replace_file(file_, "old", Sync::kNone);
  const auto check = [&] {
    EXPECT_EQ(read_file(file_), "old");
    EXPECT_EQ(entries_of(folder_.path()), 2U);
  };
  replace_file(file_, {"new"}, Sync::kDurable, check);
  EXPECT_EQ(read_file(file_), "new");
  const auto refuse = [] { throw EnvironmentError("refused"); };
  EXPECT_THROW(replace_file(file_, {"newer"}, Sync::kDurable, refuse), EnvironmentError);
  EXPECT_EQ(read_file(file_), "new");
  EXPECT_EQ(entries_of(folder_.path()), 1U);
}

TEST_F(FilesTest, AFolderThatIsReplacedAfterTheCheckKeepsItsFiles) {
  const fs::path folder = folder_ / "folder", file = folder / "file";
  make_folders(folder);
  const auto replace = [&] {
    fs::rename(folder, folder_ / "moved");
    make_folders(folder);
    replace_file(file, "another's", Sync::kNone);
  };
  EXPECT_THROW(replace_file(file, {"own"}, Sync::kNone, replace), EnvironmentError);
  EXPECT_EQ(read_file(file), "another's");
  EXPECT_EQ(entries_of(folder), 1U);
}

TEST_F(FilesTest, SyncsWhatIsThere) {
  replace_file(file_, "a", Sync::kNone);
  sync_file(file_);
  sync_file(folder_ / "none");
  EXPECT_EQ(read_file(file_), "a");
  sync_file("/dev/null");  // knows no disk
  const std::string long_name(300, 'a');
  EXPECT_EQ(message_of([&] { sync_file(long_name); }),
            long_name + ": cannot be read (File name too long)");
}

TEST_F(FilesTest, ReadsFilesThatDoNotKnowTheirSize) {
  EXPECT_NE(read_file("/proc/self/status").find("Pid:"), std::string::npos);
}

TEST_F(FilesTest, ReadErrorsNameTheFile) {
  EXPECT_EQ(message_of([&] { read_file(file_); }), file_.string() + ": no such file");
  EXPECT_EQ(message_of([&] { read_file(folder_.path()); }),
            folder_.path().string() + ": is a folder (expected a file)");
  replace_file(file_, "12345", Sync::kNone);
  EXPECT_EQ(read_file(file_, 5), "12345");
  EXPECT_EQ(message_of([&] { read_file(file_, 4); }),
            file_.string() + ": is too large (expected at most 4 bytes)");
}

TEST_F(FilesTest, AFullDiskLeavesTheOldContentAndNoTemporary) {
  replace_file(file_, "old", Sync::kDurable);
  {
    const FileSizeLimit limit(100);
    EXPECT_NE(message_of([&] {
                replace_file(file_, std::string(101, 'x'), Sync::kNone);
              }).find("cannot be written (File too large)"),
              std::string::npos);
  }
  EXPECT_EQ(read_file(file_), "old");
  EXPECT_EQ(entries_of(folder_.path()), 1U);
}

TEST_F(FilesTest, WriteErrorsNameTheTarget) {
  const fs::path below_file = file_ / "x";
  replace_file(file_, "", Sync::kNone);
  EXPECT_EQ(message_of([&] { replace_file(below_file, "", Sync::kNone); }),
            below_file.string() + ": cannot be written (Not a directory)");
  fs::create_directory(folder_ / "sub");
  EXPECT_EQ(message_of([&] { replace_file(folder_ / "sub", "", Sync::kNone); }),
            (folder_ / "sub").string() + ": cannot be written (Is a directory)");
  EXPECT_EQ(entries_of(folder_.path()), 2U);
}

TEST_F(FilesTest, TheModeFollowsTheUmask) {
  const mode_t old = umask(027);
  replace_file(file_, "", Sync::kNone);
  umask(old);
  EXPECT_EQ(mode_of(file_), 0640U);
}

TEST_F(FilesTest, ReplacesLinksAndLeavesTheirTargetsAlone) {
  replace_file(file_, "old", Sync::kNone);
  fs::create_symlink("file", folder_ / "link");
  replace_file(folder_ / "link", "new", Sync::kDurable);
  EXPECT_FALSE(fs::is_symlink(folder_ / "link"));
  EXPECT_EQ(read_file(folder_ / "link"), "new");
  EXPECT_EQ(read_file(file_), "old");
}

TEST_F(FilesTest, WritesIntoPipesInsteadOfReplacingThem) {
  ASSERT_EQ(mkfifo(file_.c_str(), 0600), 0);
  std::fstream reader(file_);  // read and write: opening does not block
  replace_file(file_, "hello\n", Sync::kDurable);
  std::string line;
  std::getline(reader, line);
  EXPECT_EQ(line, "hello");
  EXPECT_TRUE(fs::is_fifo(file_));
}

TEST_F(FilesTest, TheWorkingFolderNeedsNoName) {
  const fs::path before = fs::current_path();
  fs::current_path(folder_.path());
  replace_file("file", "x", Sync::kDurable);
  fs::current_path(before);
  EXPECT_EQ(read_file(file_), "x");
}

TEST_F(FilesTest, RemovesFilesAndLinksOnly) {
  replace_file(file_, "x", Sync::kNone);
  remove_file(file_, Sync::kDurable);
  EXPECT_FALSE(fs::exists(file_));
  remove_file(file_, Sync::kNone);  // none there
  EXPECT_EQ(message_of([&] { remove_file(folder_.path(), Sync::kNone); }),
            folder_.path().string() + ": cannot be removed (Is a directory)");
}

TEST_F(FilesTest, MakesFoldersAndTellsWhich) {
  const std::vector<fs::path> made = make_folders(folder_ / "a/b/c/");
  EXPECT_EQ(made.size(), 3U);
  EXPECT_EQ(made.front(), folder_ / "a");
  EXPECT_TRUE(fs::is_directory(folder_ / "a/b/c"));
  EXPECT_TRUE(make_folders(folder_ / "a/b/c").empty());
  replace_file(file_, "x", Sync::kNone);
  for (const fs::path& path : {file_, file_ / "x"}) {
    EXPECT_EQ(message_of([&] { make_folders(path); }),
              file_.string() + ": is a file (expected a folder)");
  }
}

TEST_F(FilesTest, AFolderIsNotMadeBehindALink) {
  fs::create_symlink("nowhere", file_);
  for (const fs::path& path : {file_, file_ / "x"}) {
    EXPECT_EQ(message_of([&] { make_folders(path); }),
              file_.string() + ": is a link to nowhere (expected a folder)");
  }
  EXPECT_FALSE(is_there(folder_ / "nowhere"));
}

TEST_F(FilesTest, LooksWhetherAFolderCouldBeMade) {
  check_writable(folder_.path());
  check_writable(folder_ / "a/b");
  EXPECT_FALSE(is_there(folder_ / "a"));
  replace_file(file_, "x", Sync::kNone);
  check_writable(file_ / "x");  // make_folders says what is in the way
}

TEST_F(FilesTest, KnowsWhatExists) {
  EXPECT_TRUE(is_there(folder_.path()));
  EXPECT_FALSE(is_there(file_));
  EXPECT_FALSE(is_there(file_ / "below"));
  EXPECT_NE(message_of([&] { is_there(std::string(5000, 'x')); }).find("cannot be read"),
            std::string::npos);
}

TEST_F(FilesTest, DetachesFilesThatHaveOtherNames) {
  replace_file(folder_ / "first", "a", Sync::kNone);
  fs::create_hard_link(folder_ / "first", folder_ / "second");
  fs::create_symlink("first", folder_ / "link");
  fs::create_symlink("nowhere", folder_ / "dangling");
  for (const char* name : {"second", "link", "dangling", "absent"}) {
    detach_file(folder_ / name);
    append_file(folder_ / name, "b");
  }
  EXPECT_EQ(read_file(folder_ / "first"), "a");
  EXPECT_EQ(read_file(folder_ / "second"), "ab");
  EXPECT_EQ(read_file(folder_ / "link"), "ab");
  EXPECT_EQ(read_file(folder_ / "dangling"), "b");
  EXPECT_EQ(read_file(folder_ / "absent"), "b");
  EXPECT_FALSE(is_there(folder_ / "nowhere"));
}

TEST_F(FilesTest, DetachesNothingElse) {
  replace_file(folder_ / "file", "a", Sync::kNone);
  const ino_t before = facts_of(folder_ / "file").st_ino;
  fs::create_symlink("/dev/null", folder_ / "device");
  for (const char* name : {"file", "device"}) detach_file(folder_ / name);
  EXPECT_EQ(facts_of(folder_ / "file").st_ino, before);
  EXPECT_TRUE(fs::is_symlink(folder_ / "device"));
}

TEST_F(FilesTest, KnowsItsOwnTemporaries) {
  EXPECT_TRUE(is_temporary("a/.nnrun-12-0.tmp"));
  for (const char* name :
       {".nnrun-.tmp", ".nnrun-notes.tmp", "nnrun-12-0.tmp", ".nnrun-12-0", ""}) {
    EXPECT_FALSE(is_temporary(name)) << name;
  }
}

}  // namespace
}  // namespace nnrun
