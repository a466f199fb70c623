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

/// Throws ConfigError when the options name nothing.
void check_something_to_predict(const Options& options);

/// Reads what --image, --text, --input and further arguments name, encoded as the run's data were.
/// Throws ConfigError (of the wrong kind), DataError, EnvironmentError.
NamedExamples read_predict_inputs(const Options& options, const DataConfig& data,
                                  const Dataset& dataset);

}  // namespace nnrun
