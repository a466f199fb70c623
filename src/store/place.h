#pragma once

#include <filesystem>

#include "base/descriptor.h"

namespace nnrun {

/// The name leads to another file or folder than the open one that this is the descriptor of, or
/// nowhere.
bool leads_elsewhere(const std::filesystem::path& name, int descriptor);

/// Throws LostFolderError.
[[noreturn]] void fail_lost(const std::filesystem::path& folder);

/// A folder as it stands now, whatever may become of its name. It is kept open, so that no other
/// one is given its inode.
class Place {
 public:
  explicit Place(std::filesystem::path folder);  ///< throws EnvironmentError

  /// Throws LostFolderError when the name leads elsewhere by now.
  void check() const;

 private:
  std::filesystem::path folder_;
  Descriptor descriptor_;
};

}  // namespace nnrun
