#pragma once

#include <filesystem>
#include <string>

/// Which file a name means.
namespace nnrun {

/// `name` in `folder` ("" for the working directory), else below `shipped`, where no name leads
/// that is absolute or has a component "." or ".."; empty: neither exists.
std::filesystem::path locate(const std::string& name, const std::filesystem::path& folder,
                             const std::filesystem::path& shipped);

/// The name nearest to `name` among the configs in `folder` and below `shipped`; "" when none is
/// near.
std::string nearest_config(const std::string& name, const std::filesystem::path& folder,
                           const std::filesystem::path& shipped);

/// The default name of an experiment in `file`: its stem, `as_run_` before it in a folder of that
/// name.
std::string default_name(const std::filesystem::path& file);

}  // namespace nnrun
