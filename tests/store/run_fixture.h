#pragma once

#include <filesystem>
#include <set>
#include <string>

#include "nnrun/files.h"
#include "nnrun/store.h"

/// A small finished run, for tests.
namespace nnrun {

inline const char* const kSampleConfig = "{\n  \"name\": \"sample\"\n}\n";

inline const Vocabulary kSampleVocabulary{{"<pad>", "a", "é"}};

inline Manifest sample_manifest() {
  Manifest manifest;
  manifest.nnrun_version = "0.1.0";
  manifest.revision = "abc";
  manifest.torch_version = "2.11.0";
  manifest.device = "cpu";
  manifest.cpu_capability = "AVX2";
  manifest.data_dir = "/data \xff";  // a path need not be UTF-8
  manifest.data_hash = "d";
  manifest.threads = 3;
  manifest.files = {{"a.bin", 6146, "0123"}};
  manifest.class_names = {"cat", "b\xfe"};  // nor need the name of a folder
  manifest.val_examples = 30;
  manifest.vocabulary_sha256 = sha256(to_json(kSampleVocabulary));
  manifest.created = "2026-01-02T03:04:05.678Z";
  return manifest;
}

inline Checkpoint sample_checkpoint() {
  Checkpoint checkpoint;
  checkpoint.tensors = {{"model/F.weight", {2}, {1, 2}}};
  checkpoint.rows = {{0, 0.5, 2, 0.25, 3}, {1, 0.75, 1, 0.5, 2}};
  checkpoint.timings = {{0, 1, 1, 0}, {1, 1, 1, 0}};
  checkpoint.config_hash = sha256(kSampleConfig);
  checkpoint.data_hash = sample_manifest().data_hash;
  checkpoint.loop_state = R"({"best_epoch": 1})";
  return checkpoint;
}

inline Summary sample_summary() {
  const Checkpoint checkpoint = sample_checkpoint();
  Summary summary;
  summary.status = "done";
  summary.epochs = 2;
  summary.last = summary.best = checkpoint.rows.back();
  summary.parameters = 2;
  summary.seconds = 4.5;
  summary.seed = 7;
  summary.device = "cpu";
  summary.weights_sha256 = weights_sha256(checkpoint.tensors);
  return summary;
}

/// Writes every kind of file that a run has.
inline RunDirectory make_run(const std::filesystem::path& folder) {
  const RunDirectory run(folder);
  run.create(kSampleConfig, sample_manifest());
  run.write_vocabulary(kSampleVocabulary);
  run.write_metrics(sample_checkpoint().rows);
  run.write_timing(sample_checkpoint().timings);
  run.write_checkpoint("last.nnr", sample_checkpoint());
  run.write_checkpoint("best.nnr", sample_checkpoint());
  run.write_features({{"C1-0.png", "png 1"}, {"input-0.png", "png 2"}});
  run.write_summary(sample_summary());
  run.write_done();
  return run;
}

/// Names of all files and folders below `folder`, relative to it.
inline std::set<std::string> tree_of(const std::filesystem::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    names.insert(entry.path().lexically_relative(folder).string());
  }
  return names;
}

}  // namespace nnrun
