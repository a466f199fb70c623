#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "nnrun/tables.h"

/// Runs and studies made up in memory, for tests.
namespace nnrun {

using Fields = std::vector<std::pair<std::string, std::string>>;

/// One epoch per value of `accuracies`; 200 test items.
inline StudyRun run_of(const std::string& folder, int64_t seed, const Fields& fields,
                       const std::vector<double>& accuracies) {
  StudyRun run;
  run.folder = folder;
  run.name = "study";
  run.fields = fields;
  run.labels = {{"name", "\"study\""}, {"seed", std::to_string(seed)}};
  run.summary.status = "done";
  run.summary.seed = seed;
  run.summary.parameters = 1'000'000;
  run.summary.seconds = 1.25;
  run.val_examples = 200;
  for (const double accuracy : accuracies)
    run.rows.push_back({static_cast<int64_t>(run.rows.size()), accuracy, 1, accuracy, 1});
  return run;
}

inline Fields fields_of(int64_t c1, int64_t c2) {
  return {{"data.validation_fraction", "null"},
          {"model.layers.C1.filters", std::to_string(c1)},
          {"model.layers.C2.filters", std::to_string(c2)}};
}

/// The 2 x 2 cells with two seeds each of tests/reference/make_statistics_reference.py ("grid").
inline Study grid() {
  const double values[2][2][2] = {{{0.10, 0.14}, {0.21, 0.18}}, {{0.20, 0.22}, {0.50, 0.44}}};
  std::vector<StudyRun> runs;
  for (int64_t i = 0; i < 2; ++i)
    for (int64_t j = 0; j < 2; ++j)
      for (int64_t seed = 0; seed < 2; ++seed) {
        const std::string folder =
            "s/trial-000" + std::to_string(2 * i + j) + "/seed-" + std::to_string(seed);
        runs.push_back(run_of(folder, seed, fields_of(10 * (i + 1), j + 1), {values[i][j][seed]}));
      }
  return group_runs(std::move(runs));
}

inline size_t column(const std::vector<std::string>& header, const std::string& name) {
  const auto found = std::find(header.begin(), header.end(), name);
  EXPECT_NE(found, header.end()) << name;
  return static_cast<size_t>(found - header.begin());
}

inline bool has_note(const Table& table, const std::string& part) {
  return std::ranges::any_of(
      table.notes, [&](const std::string& note) { return note.find(part) != std::string::npos; });
}

}  // namespace nnrun
