#include <gtest/gtest.h>

#include <algorithm>

#include "base/temp_folder.h"
#include "nnrun/files.h"
#include "store/run_fixture.h"
#include "store/seal.h"

namespace nnrun {
namespace {

namespace fs = std::filesystem;

class VerifyTest : public testing::Test {
 protected:
  /// Names of the files with problems, relative to the run; "" for none.
  std::string damaged_files() {
    std::set<std::string> names;
    for (const Problem& problem : verify_run(folder_)) {
      names.insert(fs::path(problem.file).lexically_relative(folder_).string());
    }
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : " ") + name;
    return text;
  }

  void flip(const std::string& name, size_t byte, int bit = 0) {
    std::string text = read_file(folder_ / name);
    text.at(byte) = static_cast<char>(text.at(byte) ^ (1 << bit));
    replace_file(folder_ / name, text, Sync::kNone);
  }

  TempFolder temp_;
  fs::path folder_ = temp_ / "run";
};

TEST_F(VerifyTest, AGoodRunAndItsCopyHaveNoProblems) {
  make_run(folder_);
  EXPECT_EQ(damaged_files(), "");
  fs::copy(folder_, temp_ / "copy", fs::copy_options::recursive);
  folder_ = temp_ / "copy";
  EXPECT_EQ(damaged_files(), "");
}

TEST_F(VerifyTest, EveryFlippedBitIsSeen) {
  make_run(folder_);
  for (const char* name : {"config.json", "metrics.csv", "summary.json", "vocabulary.json",
                           "manifest.json", "features/C1-0.png", "features/hashes.json"}) {
    const size_t size = read_file(folder_ / name).size();
    for (size_t byte = 0; byte < size; ++byte) {
      const int bit = static_cast<int>(byte % 8);
      flip(name, byte, bit);
      try {
        EXPECT_FALSE(verify_run(folder_).empty()) << name << " byte " << byte;
      } catch (const StoreError&) {  // manifest.json: no longer known as one of ours
        EXPECT_STREQ(name, "manifest.json");
      }
      flip(name, byte, bit);
    }
  }
  for (const char* name : {"last.nnr", "best.nnr"}) {
    flip(name, read_file(folder_ / name).size() - 1);
    EXPECT_EQ(damaged_files(), name);
    flip(name, read_file(folder_ / name).size() - 1);
  }
  EXPECT_EQ(damaged_files(), "");
}

TEST_F(VerifyTest, OneDamagedFileHidesNoOther) {
  make_run(folder_);
  flip("config.json", 5);
  flip("last.nnr", 100);
  flip("summary.json", 30);
  flip("features/input-0.png", 0);
  EXPECT_EQ(damaged_files(), "config.json features/input-0.png last.nnr summary.json");
}

TEST_F(VerifyTest, AVocabularyOfAnotherRunIsSeen) {
  const RunDirectory run = make_run(folder_);
  run.write_vocabulary({{"<pad>", "b", "é"}});
  EXPECT_EQ(damaged_files(), "vocabulary.json");
  EXPECT_THROW(run.vocabulary(), StoreError);
  Manifest older = sample_manifest();
  older.vocabulary_sha256 = "";
  run.write_manifest(older);
  EXPECT_EQ(damaged_files(), "");
  EXPECT_EQ(run.vocabulary()->entries[1], "b");
}

TEST_F(VerifyTest, MissingFilesAreNamed) {
  make_run(folder_);
  for (const char* name : {"config.json", "metrics.csv", "last.nnr", "features/C1-0.png"}) {
    fs::remove(folder_ / name);
  }
  EXPECT_EQ(damaged_files(), "config.json features/C1-0.png last.nnr metrics.csv");
}

TEST_F(VerifyTest, BesideDoneNothingMayBeMissing) {
  const RunDirectory run = make_run(folder_);
  fs::remove(folder_ / "summary.json");
  EXPECT_EQ(damaged_files(), "summary.json");
  run.remove_done();
  EXPECT_EQ(damaged_files(), "");
  Summary summary = sample_summary();
  summary.status = "stopped";
  run.write_summary(summary);
  EXPECT_EQ(damaged_files(), "");
  run.write_done();
  EXPECT_EQ(damaged_files(), "DONE");
}

TEST_F(VerifyTest, BesideDoneTheCheckpointIsOfThisConfigAndTheseData) {
  const std::string config = "{\n  \"name\": \"other\"\n}\n";
  Manifest manifest = sample_manifest();
  const RunDirectory run = make_run(folder_);
  run.create(config, manifest);
  EXPECT_EQ(damaged_files(), "last.nnr");
  manifest.data_hash = "e";
  run.create(kSampleConfig, manifest);
  EXPECT_EQ(damaged_files(), "last.nnr");
  run.remove_done();  // an extension may have begun
  EXPECT_EQ(damaged_files(), "");
}

TEST_F(VerifyTest, BesideDoneStandsWhatTheConfigAsksFor) {
  const RunDirectory run = make_run(folder_);
  const std::string config = R"({"training": {"keep_best": "val_loss"}, "feature_maps": {}})";
  run.create(config, sample_manifest());
  Checkpoint last = sample_checkpoint();
  last.config_hash = sha256(config);
  run.write_checkpoint("last.nnr", last);
  EXPECT_EQ(damaged_files(), "");
  for (const char* name : {"last.nnr", "best.nnr"}) fs::remove(folder_ / name);
  fs::remove_all(folder_ / "features");
  EXPECT_EQ(damaged_files(), "best.nnr features/hashes.json last.nnr");
  run.create(R"({"training": {"keep_best": "none"}, "feature_maps": null})", sample_manifest());
  EXPECT_EQ(damaged_files(), "last.nnr");
}

TEST_F(VerifyTest, TheBestWeightsOfAStoppedRunAreThere) {
  const RunDirectory run = make_run(folder_);
  run.remove_done();
  for (const char* status : {"stopped", "running"}) {
    Summary summary = sample_summary();
    summary.status = status;
    run.write_summary(summary);
    EXPECT_EQ(damaged_files(), "");
    fs::remove(folder_ / "best.nnr");
    EXPECT_EQ(damaged_files(), "best.nnr");
    run.write_checkpoint("best.nnr", sample_checkpoint());
  }
  Checkpoint last = sample_checkpoint();
  last.loop_state = R"({"best_epoch": null})";  // keep_best "none"
  run.write_checkpoint("last.nnr", last);
  EXPECT_EQ(damaged_files(), "best.nnr");
  fs::remove(folder_ / "best.nnr");
  EXPECT_EQ(damaged_files(), "");
}

TEST_F(VerifyTest, TheBestWeightsAreOfTheBestEpoch) {
  const RunDirectory run = make_run(folder_);
  Checkpoint best = sample_checkpoint();
  best.rows[0].loss = 7;  // of another run
  run.write_checkpoint("best.nnr", best);
  EXPECT_EQ(damaged_files(), "best.nnr");
  best = sample_checkpoint();
  best.rows.pop_back();  // of an earlier epoch
  run.write_checkpoint("best.nnr", best);
  EXPECT_EQ(damaged_files(), "best.nnr");
  Checkpoint last = sample_checkpoint();
  last.loop_state = R"({"best_epoch": 0})";
  run.write_checkpoint("last.nnr", last);
  EXPECT_EQ(damaged_files(), "");
  run.write_checkpoint("best.nnr", last);  // of a later one
  EXPECT_EQ(damaged_files(), "best.nnr");
}

TEST_F(VerifyTest, BestWeightsMayBeAheadOfTheCheckpointThatSpeaksOfThem) {
  const RunDirectory run = make_run(folder_);
  Checkpoint best = sample_checkpoint();
  best.rows.push_back({2, 0.8, 0.5, 0.5, 1});
  run.write_checkpoint("best.nnr", best);
  EXPECT_EQ(damaged_files(), "");
  best.rows[1].loss = 7;
  run.write_checkpoint("best.nnr", best);
  EXPECT_EQ(damaged_files(), "best.nnr");
}

TEST_F(VerifyTest, AKilledRunMayBeAheadOfItsCheckpoint) {
  const RunDirectory run = make_run(folder_);
  Summary summary = sample_summary();
  std::vector<EpochRecord> rows = sample_checkpoint().rows;
  rows.push_back({2, 0.8, 0.5, 0.5, 2});
  run.write_metrics(rows);
  EXPECT_EQ(damaged_files(), "metrics.csv");
  run.remove_done();
  summary.status = "running";
  run.write_summary(summary);
  EXPECT_EQ(damaged_files(), "");
  rows[1].loss = 7;
  run.write_metrics(rows);
  EXPECT_EQ(damaged_files(), "metrics.csv");
}

TEST_F(VerifyTest, TheSummaryMustBelongToTheWeights) {
  const RunDirectory run = make_run(folder_);
  Checkpoint other = sample_checkpoint();
  other.tensors[0].values[0] = 9;
  run.write_checkpoint("last.nnr", other);
  EXPECT_EQ(damaged_files(), "summary.json");
}

TEST_F(VerifyTest, AParentIsAsGoodAsItsTrials) {
  make_folders(folder_);
  replace_file(folder_ / "config.json", kSampleConfig, Sync::kNone);
  make_run(folder_ / "trial-0000/seed-7");
  make_run(folder_ / "trial-0001/seed-7");
  replace_file(folder_ / "summary.json", sealed_json({{"trials", 2}}), Sync::kNone);
  EXPECT_EQ(damaged_files(), "");
  flip("trial-0001/seed-7/metrics.csv", 50);
  EXPECT_EQ(damaged_files(), "trial-0001/seed-7/metrics.csv");
  flip("summary.json", 20);
  EXPECT_EQ(damaged_files(), "summary.json trial-0001/seed-7/metrics.csv");
}

class VerifyParentTest : public VerifyTest {
 protected:
  void SetUp() override {
    make_folders(folder_);
    replace_file(folder_ / "config.json", kSampleConfig, Sync::kNone);
    replace_file(folder_ / "sweep.csv", kTable, Sync::kNone);
    make_run(folder_ / "seed-7");
    make_run(folder_ / "seed-8");
    write_summary("done");
    replace_file(folder_ / "DONE", "", Sync::kNone);
  }

  void write_summary(const std::string& status) {
    replace_file(folder_ / "summary.json",
                 sealed_json({{"status", status},
                              {"trials", 2},
                              {"config_sha256", sha256(kSampleConfig)},
                              {"sweep_sha256", sha256(kTable)}}),
                 Sync::kNone);
  }

  static constexpr const char* kTable = "trial,seed\n0,7\n0,8\n";
};

TEST_F(VerifyParentTest, EveryFlippedBitIsSeen) {
  EXPECT_EQ(damaged_files(), "");
  for (const std::string name : {"config.json", "sweep.csv", "summary.json"}) {
    const size_t size = read_file(folder_ / name).size();
    for (size_t byte = 0; byte < size; ++byte) {
      flip(name, byte, static_cast<int>(byte % 8));
      EXPECT_EQ(damaged_files(), name) << byte;
      flip(name, byte, static_cast<int>(byte % 8));
    }
  }
}

TEST_F(VerifyParentTest, MissingFilesAreNamed) {
  fs::remove(folder_ / "sweep.csv");
  EXPECT_EQ(damaged_files(), "sweep.csv");
  fs::remove(folder_ / "summary.json");
  EXPECT_EQ(damaged_files(), "summary.json");
  fs::remove(folder_ / "DONE");
  EXPECT_EQ(damaged_files(), "");
}

TEST_F(VerifyParentTest, WhileTrialsRunTheTableMayBeAhead) {
  write_summary("running");
  EXPECT_EQ(damaged_files(), "DONE");
  fs::remove(folder_ / "DONE");
  replace_file(folder_ / "sweep.csv", "trial,seed\n0,7\n", Sync::kNone);
  EXPECT_EQ(damaged_files(), "");
}

TEST_F(VerifyParentTest, DoneStandsAboveEndedTrialsOnly) {
  const RunDirectory trial(folder_ / "seed-8");
  trial.remove_done();
  EXPECT_EQ(damaged_files(), "DONE");
  Summary summary = sample_summary();
  summary.status = "stopped";  // the parent stopped it early
  trial.write_summary(summary);
  EXPECT_EQ(damaged_files(), "");
  fs::remove_all(folder_ / "seed-8");
  EXPECT_EQ(damaged_files(), "DONE");
}

TEST_F(VerifyParentTest, ATrialIsARun) {
  fs::remove(folder_ / "DONE");
  fs::remove(folder_ / "seed-7/manifest.json");
  replace_file(folder_ / "seed-8/manifest.json", "", Sync::kNone);
  EXPECT_EQ(damaged_files(), "seed-7/manifest.json seed-8/manifest.json");
  fs::remove_all(folder_ / "seed-7");
  fs::create_directory(folder_ / "seed-7");  // by a process that was about to make a run there
  EXPECT_EQ(damaged_files(), "seed-8/manifest.json");
  fs::remove_all(folder_ / "seed-8");
  make_run(folder_ / "trial-0000/seed-7");
  fs::remove(folder_ / "trial-0000/seed-7/manifest.json");
  EXPECT_EQ(damaged_files(), "trial-0000/seed-7/manifest.json");
}

TEST_F(VerifyTest, OtherFoldersAreNoRuns) {
  EXPECT_THROW(verify_run(folder_), EnvironmentError);
  fs::create_directory(folder_);
  EXPECT_THROW(verify_run(folder_), StoreError);
  replace_file(folder_ / "x", "", Sync::kNone);
  EXPECT_THROW(verify_run(folder_), StoreError);
}

}  // namespace
}  // namespace nnrun
