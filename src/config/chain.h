#pragma once

#include <filesystem>
#include <string>

#include "config/source.h"

/// The files of one experiment: the named one and what it extends.
namespace nnrun {

/// Of one file.
constexpr size_t kMostConfigBytes = size_t{1} << 20;

/// Reads `file` and its ancestors into `sources`, in this order, and reports faults of each; true:
/// all could be read. Throws EnvironmentError when `file` itself cannot be. `shipped` may be empty.
bool read_chain(const std::filesystem::path& file, const std::filesystem::path& shipped,
                Sources& sources, Report& report);

/// Parses one text into `source.document`; false: it is no JSON object.
bool parse_source(const std::string& bytes, int32_t index, Source& source, Report& report);

/// The files laid over each other; `$schema` and `extends` are gone, a name is the first file's
/// own.
JsonValue merge_chain(const Sources& sources, Report& report);

}  // namespace nnrun
