#pragma once

#include <string>
#include <vector>

#include "config_files.h"

/// Experiments with a sweep, for tests.
namespace nnrun {

/// An experiment with this sweep and further keys of the root.
inline std::string with_sweep(const std::string& sweep, const std::string& more = "") {
  return R"({"sweep": )" + sweep + more +
         R"(, "data": {"type": "cifar10"}, "optimizer": {"type": "sgd", "momentum": 0.9},
    "model": {"layers": [{"name": "C", "type": "conv2d", "filters": 5, "kernel": 3}, {"name": "flat", "type": "flatten"}, {"name": "F", "type": "dense", "units": 10}]}})";
}

struct Expanded {
  explicit Expanded(const std::string& text, const Overrides& overrides = {}) {
    files.write("sweep.json", text);
    trials = expand_trials(files.load("sweep.json", overrides));
  }
  ConfigFiles files;
  std::vector<Trial> trials;
};

/// "FOLDER VALUE VALUE" of each trial.
inline std::vector<std::string> lines(const std::vector<Trial>& trials) {
  std::vector<std::string> result;
  for (const Trial& trial : trials) {
    result.push_back(trial.folder);
    for (const auto& [path, value] : trial.values) result.back() += " " + value;
  }
  return result;
}

}  // namespace nnrun
