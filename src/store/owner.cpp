#include "store/owner.h"

#include <algorithm>

#include "store/damaged.h"
#include "store/own_files.h"

namespace nnrun {

void check_owner(const RunDirectory& run, const Checkpoint& last,
                 const std::vector<std::string>& config_hashes) {
  const auto refuse = [&](const char* reason) {
    throw StoreError({at_whole_file(run.file(kLastCheckpoint), reason)});
  };
  const bool known = std::ranges::any_of(config_hashes, [&](const std::string& hash) {
    return hash == last.config_hash || hash == last.former_config_hash;
  });
  if (!known) refuse("belongs to another config than config.json beside it");
  if (last.data_hash != run.manifest().data_hash)
    refuse("belongs to other data than manifest.json beside it");
}

}  // namespace nnrun
