#pragma once

#include <map>
#include <string>

#include "nnrun/config.h"
#include "nnrun/store.h"

namespace nnrun {

/// Tells trials of a study that do not compare, since data or initial weights changed while it was
/// at work: a file of one name has one content in all of them, a folder the same pictures, and
/// trials of the same data have one hash of these.
///   CommonInputs inputs;
///   for (const Trial& trial : trials) report(inputs.add(trial, manifest_of(trial)));
class CommonInputs {
 public:
  /// What is not as in a trial before, "another a.csv than trial-0000/seed-0"; "" when all is.
  std::string add(const Trial& trial, const Manifest& manifest);

 private:
  struct First {
    std::string hash;
    std::string folder;  ///< of the trial
  };
  std::map<std::string, First> known_;  ///< by what has the hash
};

}  // namespace nnrun
