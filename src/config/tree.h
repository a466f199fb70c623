#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/path.h"
#include "config/source.h"
#include "nnrun/config.h"

namespace nnrun {

/// The merged JSON with the position of every key and value: the files of an experiment and the
/// values laid over them. Built on demand, since only error messages and trials ask for it.
struct ConfigTree {
  std::shared_ptr<const Sources> sources;
  std::shared_ptr<const JsonValue> files;  ///< merged
  std::vector<Assignment> assignments;     ///< trial values, --set, dedicated options

  JsonValue merged() const;
};

/// The place of `pointer` in the merged config, or of its nearest ancestor that was written, as a
/// problem without message. Its pointer is the one in the file.
Problem locate_pointer(const Sources& sources, const JsonValue& root, const std::string& pointer,
                       JsonPlace* place = nullptr);

/// Reads and checks a merged config; of a sweep only that it is there. Problems go to `report`.
ExperimentConfig read_merged(const JsonValue& root, Report& report);

}  // namespace nnrun
