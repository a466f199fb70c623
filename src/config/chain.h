#pragma once

#include <filesystem>
#include <string>

#include "config/source.h"

/// The files of one experiment: the named one and what it extends.
namespace nnrun {

/// Of one file that a user writes, and of a resolved config, which has all the defaults too.
constexpr size_t kMostConfigBytes = size_t{1} << 20, kMostResolvedBytes = size_t{64} << 20;

/// Where a chain begins.
struct ChainStart {
  std::filesystem::path file;
  size_t most_bytes = kMostConfigBytes;
};

/// Reads the first file and its ancestors into `sources`, in this order, and reports faults of
/// each; true: all could be read. Throws EnvironmentError when the first one cannot be. `shipped`
/// may be empty.
bool read_chain(const ChainStart& start, const std::filesystem::path& shipped, Sources& sources,
                Report& report);

/// The files laid over each other; `$schema` and `extends` are gone, a name is the first file's
/// own.
JsonValue merge_chain(const Sources& sources, Report& report);

}  // namespace nnrun
