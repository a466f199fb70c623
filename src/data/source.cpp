#include "data/source.h"

#include <algorithm>
#include <string_view>
#include <system_error>
#include <utility>

#include "data/problems.h"
#include "nnrun/files.h"

namespace nnrun {
namespace {

namespace fs = std::filesystem;

/// First bytes that tell what a file really is.
struct Signature {
  std::string_view bytes;
  std::string_view what;
};
constexpr Signature kSignatures[] = {
    {"\x1f\x8b", "the file is packed by gzip (unpack it with gunzip)"},
    {"\x80\x02", "the file is a Python pickle (expected the binary version of the data set)"},
    {"\x80\x03", "the file is a Python pickle (expected the binary version of the data set)"},
    {"\x80\x04", "the file is a Python pickle (expected the binary version of the data set)"},
    {"\x80\x05", "the file is a Python pickle (expected the binary version of the data set)"},
};

Source read_source(const fs::path& folder, const std::string& name) {
  const fs::path path = folder / name;
  require_data(path);
  Source source{path.string(), read_file(path), {}};
  source.facts = {name, static_cast<int64_t>(source.bytes.size()), sha256(source.bytes)};
  return source;
}

}  // namespace

std::vector<Source> read_sources(const fs::path& folder, const std::vector<std::string>& names,
                                 DataProblems& problems) {
  std::vector<Source> sources;
  std::vector<std::string> seen;
  for (const std::string& name : names) {
    if (std::find(seen.begin(), seen.end(), name) != seen.end()) continue;
    seen.push_back(name);
    try {
      sources.push_back(read_source(folder, name));
    } catch (const EnvironmentError& error) {
      problems.add_missing(error.problems());
    }
  }
  return sources;
}

const Source* source_named(const std::vector<Source>& sources, const std::string& name) {
  const auto source = std::find_if(sources.begin(), sources.end(), [&](const Source& candidate) {
    return candidate.facts.path == name;
  });
  return source == sources.end() ? nullptr : &*source;
}

std::vector<DataFile> facts_of(const std::vector<Source>& sources) {
  std::vector<DataFile> facts;
  for (const Source& source : sources) facts.push_back(source.facts);
  return facts;
}

void require_data(const fs::path& path) {
  if (is_there(path)) return;
  throw EnvironmentError(
      {at_file(path.string(),
               "no such file or folder (the data sets are fetched by scripts/fetch_data.sh; "
               "--data-dir names another data folder)")});
}

std::string whole_file_fault(const std::string& bytes) {
  if (bytes.empty()) return "the file is empty";
  for (const Signature& signature : kSignatures) {
    if (bytes.starts_with(signature.bytes)) return std::string(signature.what);
  }
  return "";
}

}  // namespace nnrun
