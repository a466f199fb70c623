#pragma once

#include <string>
#include <vector>

#include "app/options.h"
#include "nnrun/data.h"

namespace nnrun {

/// New examples with a name each: `cat.png`, `test_batch.bin#3`, the text itself.
struct NamedExamples {
  std::vector<std::string> names;
  Examples examples;
};

/// Reads what --image, --text, --input and further arguments name, encoded as the run's data were.
/// Throws ConfigError (nothing given, or of the wrong kind), DataError, EnvironmentError.
NamedExamples read_predict_inputs(const Options& options, const DataConfig& data,
                                  const Dataset& dataset);

}  // namespace nnrun
