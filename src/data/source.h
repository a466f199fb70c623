#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "data/problems.h"
#include "nnrun/data.h"

namespace nnrun {

/// A file of a data set, read whole.
struct Source {
  std::string path;  ///< where it was read; for error lines
  std::string bytes;
  DataFile facts;  ///< its name in the config, size and SHA-256
};

/// Reads the files `names` below `folder`, in that order, a name that comes twice only once. Each
/// file that cannot be read is a problem; that of a missing one names the command that fetches the
/// data sets.
std::vector<Source> read_sources(const std::filesystem::path& folder,
                                 const std::vector<std::string>& names, DataProblems& problems);

/// The source called `name`; nullptr: it could not be read.
const Source* source_named(const std::vector<Source>& sources, const std::string& name);

/// The facts of all sources, for the manifest.
std::vector<DataFile> facts_of(const std::vector<Source>& sources);

/// Throws EnvironmentError when a file or folder of a data set is missing, or cannot be told to be
/// there.
void require_data(const std::filesystem::path& path);

/// What is wrong with a file as a whole: empty, packed by gzip, a Python pickle; "" when nothing
/// is.
std::string whole_file_fault(const std::string& bytes);

}  // namespace nnrun
