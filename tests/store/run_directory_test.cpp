#include <gtest/gtest.h>

#include <map>

#include "base/file_size_limit.h"
#include "base/temp_folder.h"
#include "nnrun/files.h"
#include "store/manifest.h"
#include "store/own_files.h"
#include "store/run_fixture.h"

namespace nnrun {
namespace {

namespace fs = std::filesystem;
using Names = std::set<std::string>;

class RunDirectoryTest : public testing::Test {
 protected:
  void put(const std::string& name, const std::string& content = "") {
    make_folders((folder_ / name).parent_path());
    replace_file(folder_ / name, content, Sync::kNone);
  }

  TempFolder temp_;
  fs::path folder_ = temp_ / "runs/run";
};

TEST_F(RunDirectoryTest, HasTheFilesOfTheInterface) {
  make_run(folder_);
  EXPECT_EQ(tree_of(folder_),
            (Names{"DONE", "best.nnr", "config.json", "features", "features/C1-0.png",
                   "features/hashes.json", "features/input-0.png", "last.nnr", "manifest.json",
                   "metrics.csv", "summary.json", "timing.csv", "vocabulary.json"}));
  EXPECT_EQ(read_file(folder_ / "metrics.csv"), metrics_csv(sample_checkpoint().rows));
}

TEST_F(RunDirectoryTest, ReadsBackWhatWasWritten) {
  const RunDirectory run = make_run(folder_);
  EXPECT_EQ(run.config_json(), kSampleConfig);
  EXPECT_EQ(run.manifest().files.at(0).bytes, 6146);
  EXPECT_EQ(run.manifest().threads, 3);
  EXPECT_EQ(run.manifest().config_sha256, sha256(kSampleConfig));
  EXPECT_EQ(run.manifest().class_names, sample_manifest().class_names);
  EXPECT_EQ(run.summary()->epochs, 2);
  EXPECT_EQ(run.vocabulary()->entries, (std::vector<std::string>{"<pad>", "a", "é"}));
  EXPECT_EQ(run.checkpoint("last.nnr")->rows.size(), 2U);
  EXPECT_TRUE(run.done());
  run.remove_done();
  EXPECT_FALSE(run.done());
}

TEST_F(RunDirectoryTest, FinishedIsWhatDoneAndTheSummaryCallSo) {
  const RunDirectory run = make_run(folder_);
  EXPECT_TRUE(run.is_finished());
  Summary summary = sample_summary();
  summary.status = "failed";
  run.write_summary(summary);
  EXPECT_FALSE(run.is_finished());
  fs::remove(folder_ / "summary.json");
  EXPECT_FALSE(run.is_finished());
  put("summary.json", "{}");
  EXPECT_THROW(run.is_finished(), StoreError);
  run.remove_done();
  run.write_summary(sample_summary());
  EXPECT_FALSE(run.is_finished());
}

TEST_F(RunDirectoryTest, WhatIsNotThereYetIsNoError) {
  const RunDirectory run(folder_);
  run.create(kSampleConfig, sample_manifest());
  EXPECT_EQ(run.summary(), std::nullopt);
  EXPECT_EQ(run.vocabulary(), std::nullopt);
  EXPECT_EQ(run.checkpoint("last.nnr"), std::nullopt);
  EXPECT_FALSE(run.done());
  EXPECT_EQ(tree_of(folder_), (Names{"config.json", "manifest.json"}));
}

TEST_F(RunDirectoryTest, AFolderWithoutConfigOrManifestIsDamaged) {
  const RunDirectory run = make_run(folder_);
  fs::remove(folder_ / "config.json");
  fs::remove(folder_ / "manifest.json");
  EXPECT_THROW(run.config_json(), StoreError);
  EXPECT_THROW(run.manifest(), StoreError);
}

TEST_F(RunDirectoryTest, DamagedFilesAreNotRead) {
  const RunDirectory run = make_run(folder_);
  for (const char* name : {"manifest.json", "summary.json", "vocabulary.json"}) {
    std::string text = read_file(folder_ / name);
    text[text.find_first_of("0123456789a")] = '3';
    put(name, text);
  }
  EXPECT_THROW(run.manifest(), StoreError);
  EXPECT_THROW(run.summary(), StoreError);
  EXPECT_THROW(run.vocabulary(), StoreError);
}

TEST_F(RunDirectoryTest, AManifestOfANewerFormatIsNamed) {
  std::string text = to_json(sample_manifest());
  text.replace(text.find("\"format\": 1"), 11, "\"format\": 2");
  try {
    parse_manifest(text, "manifest.json");
    FAIL() << "no error";
  } catch (const StoreError& error) {
    EXPECT_STREQ(
        error.what(),
        "manifest.json: run directory of a newer format (got 2, expected at most 1): a newer "
        "nnrun made it");
  }
}

TEST_F(RunDirectoryTest, AFullDiskWhileMakingARunLeavesNothing) {
  {
    const auto lock = RunLock::acquire(folder_);
    const FileSizeLimit limit(100);  // enough for the config, too little for the manifest
    EXPECT_THROW(RunDirectory(folder_).create(kSampleConfig, sample_manifest()), EnvironmentError);
  }
  EXPECT_TRUE(fs::is_empty(temp_.path()));
}

TEST_F(RunDirectoryTest, AFullDiskLeavesTheOldCheckpoint) {
  const RunDirectory run = make_run(folder_);
  const Names before = tree_of(folder_);
  Checkpoint large = sample_checkpoint();
  large.tensors[0] = {"model/F.weight", {100000}, std::vector<float>(100000)};
  {
    const FileSizeLimit limit(100000);
    EXPECT_THROW(run.write_checkpoint("last.nnr", large), EnvironmentError);
  }
  EXPECT_EQ(run.checkpoint("last.nnr")->tensors[0].values.size(), 2U);
  EXPECT_EQ(tree_of(folder_), before);
}

TEST_F(RunDirectoryTest, FeaturesAreAddedToThoseThere) {
  const RunDirectory run = make_run(folder_);
  run.write_features({{"S1-5.png", "png 3"}, {"C1-0.png", "png 4"}});
  EXPECT_EQ(read_file(folder_ / "features/input-0.png"), "png 2");
  EXPECT_TRUE(verify_run(folder_).empty());
}

TEST_F(RunDirectoryTest, ClearDeletesWhatNnrunMade) {
  const RunDirectory run = make_run(folder_);
  for (const char* own : {"log.jsonl", "events.out.tfevents.1.host", ".nnrun-1-2.tmp"}) put(own);
  run.clear();
  EXPECT_EQ(tree_of(folder_), Names{});
}

/// Nor does the folder become somebody else's.
TEST_F(RunDirectoryTest, ClearLeavesFilesOfOthersAlone) {
  const RunDirectory run = make_run(folder_);
  put("notes.txt");
  put("features/mine.png");
  put("sub/config.json");
  run.clear();
  EXPECT_EQ(tree_of(folder_), (Names{"config.json", "manifest.json", "notes.txt", "features",
                                     "features/mine.png", "sub", "sub/config.json"}));
  EXPECT_EQ(inspect(folder_), RunState::kRun);
}

TEST_F(RunDirectoryTest, ARunTakesThePlaceOfTrials) {
  for (const char* name : {"config.json", "sweep.csv", "summary.json", "notes.txt"}) put(name);
  RunDirectory(folder_).clear();
  EXPECT_EQ(inspect(folder_), RunState::kParent);
  {
    const FileSizeLimit limit(100);  // enough for the config, too little for the manifest
    EXPECT_THROW(RunDirectory(folder_).create(kSampleConfig, sample_manifest()), EnvironmentError);
  }
  EXPECT_EQ(inspect(folder_), RunState::kParent);
  RunDirectory(folder_).create(kSampleConfig, sample_manifest());
  EXPECT_EQ(tree_of(folder_), (Names{"config.json", "manifest.json", "notes.txt"}));
}

TEST_F(RunDirectoryTest, TemporariesOfKilledProcessesCanGo) {
  const RunDirectory run = make_run(folder_);
  const Names before = tree_of(folder_);
  put(".nnrun-1-2.tmp");
  run.remove_temporaries();
  EXPECT_EQ(tree_of(folder_), before);
}

/// A process whose folder was taken away from it finds another's there.
TEST_F(RunDirectoryTest, NothingIsWrittenOrDeletedInAFolderThatIsNotTheLocks) {
  const auto lock = RunLock::acquire(folder_);
  RunDirectory run(folder_);
  run.guard_by([&] { lock->check(); });
  EXPECT_NO_THROW(run.write_metrics({}));
  fs::rename(folder_, temp_ / "moved");
  make_run(folder_);
  put(".nnrun-1-2.tmp");
  std::map<std::string, std::string> before;
  for (const auto& name : tree_of(folder_)) {
    if (fs::is_regular_file(folder_ / name)) before[name] = read_file(folder_ / name);
  }
  EXPECT_THROW(run.create("{}", sample_manifest()), LostFolderError);
  EXPECT_THROW(run.write_manifest(sample_manifest()), LostFolderError);
  EXPECT_THROW(run.write_vocabulary({{"b"}}), LostFolderError);
  EXPECT_THROW(run.write_metrics({}), LostFolderError);
  EXPECT_THROW(run.write_timing({}), LostFolderError);
  EXPECT_THROW(run.write_summary({}), LostFolderError);
  EXPECT_THROW(run.write_checkpoint("last.nnr", {}), LostFolderError);
  EXPECT_THROW(run.write_features({{"C1-1.png", "png"}}), LostFolderError);
  EXPECT_THROW(run.write_curves(""), LostFolderError);
  EXPECT_THROW(run.write_done(), LostFolderError);
  EXPECT_THROW(run.remove_done(), LostFolderError);
  EXPECT_THROW(run.remove_temporaries(), LostFolderError);
  EXPECT_THROW(run.clear(), LostFolderError);
  EXPECT_EQ(tree_of(folder_).size(), before.size() + 1);  // features/
  for (const auto& [name, content] : before) EXPECT_EQ(read_file(folder_ / name), content) << name;
}

TEST_F(RunDirectoryTest, AFolderThatIsGoneIsTheReasonWhyNothingCanBeWritten) {
  const auto lock = RunLock::acquire(folder_);
  RunDirectory run(folder_);
  int asked = 0;
  run.guard_by([&] {
    if (++asked == 1) fs::rename(folder_, temp_ / "moved");  // right behind the first look
    if (asked > 1) lock->check();
  });
  EXPECT_THROW(run.write_metrics({}), LostFolderError);
  EXPECT_FALSE(fs::exists(folder_));
}

TEST_F(RunDirectoryTest, ClearTakesTrialsAlong) {
  put("config.json", kSampleConfig);
  put("sweep.csv");
  put("summary.json");
  make_run(folder_ / "trial-0000/seed-7");
  make_run(folder_ / "trial-0001/seed-7");
  put("notes.txt");
  const auto lock = RunLock::acquire(folder_);
  RunDirectory(folder_).clear();
  EXPECT_EQ(tree_of(folder_), (Names{"lock", "config.json", "sweep.csv", "notes.txt"}));
}

TEST_F(RunDirectoryTest, ClearDeletesNothingWhereOthersHaveFilesInTrials) {
  put("config.json", kSampleConfig);
  make_run(folder_ / "trial-0000/seed-7");
  for (const char* theirs : {"trial-0001/notes.txt", "seed-9/theirs.txt"}) {
    put(theirs);
    const Names before = tree_of(folder_);
    EXPECT_THROW(RunDirectory(folder_).clear(), StoreError);
    EXPECT_EQ(tree_of(folder_), before);
    fs::remove_all((folder_ / theirs).parent_path());
  }
}

/// A kill between any two deletions leaves nothing that nnrun takes for somebody else's.
TEST_F(RunDirectoryTest, ClearingThatWasCutOffCanBeginAgain) {
  const auto delete_first = [&](size_t count) {
    for (size_t i = 0; i < count; ++i) fs::remove(folder_ / kDeletionOrder[i]);
  };
  for (size_t count = 0; count <= kDeletionOrder.size(); ++count) {
    fs::remove_all(folder_);
    make_run(folder_);
    fs::remove_all(folder_ / kFeaturesFolder);
    put(kLockFile);
    delete_first(count);
    EXPECT_NE(inspect(folder_), RunState::kForeign) << "a run, " << count << " deleted";
    fs::remove_all(folder_);
    for (const char* name : {kConfigFile, kSweepFile, kSummaryFile, kLockFile}) put(name);
    delete_first(count);
    EXPECT_NE(inspect(folder_), RunState::kForeign) << "a parent, " << count << " deleted";
  }
}

TEST_F(RunDirectoryTest, ClearDeletesNothingWhereATrialIsAlive) {
  put("config.json", kSampleConfig);
  put("sweep.csv");
  put("DONE");
  make_run(folder_ / "trial-0000/seed-7");
  make_run(folder_ / "trial-0001/seed-7");
  const auto lock = RunLock::acquire(folder_ / "trial-0001/seed-7");
  const Names before = tree_of(folder_);
  EXPECT_THROW(RunDirectory(folder_).clear(), InUseError);
  EXPECT_EQ(tree_of(folder_), before);
}

TEST_F(RunDirectoryTest, ClearRefusesForeignFolders) {
  put("config.json", "the user's");
  put("summary.json", "the user's");
  EXPECT_THROW(RunDirectory(folder_).clear(), StoreError);
  EXPECT_EQ(tree_of(folder_), (Names{"config.json", "summary.json"}));
}

}  // namespace
}  // namespace nnrun
