#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/report_details.h"
#include "nnrun/error.h"
#include "nnrun/files.h"
#include "study/find_folders.h"
#include "study/launcher.h"

namespace fs = std::filesystem;

namespace nnrun {
namespace {

using Json = nlohmann::ordered_json;

/// The manifest of a run, or of a parent's first one; nullopt when there is none to read.
std::optional<Manifest> manifest_below(const fs::path& folder) {
  try {
    const auto runs = collect_runs({folder});
    return RunDirectory(runs.front().folder).manifest();
  } catch (const Error&) {
    return std::nullopt;
  }
}

/// Device, threads and data as the runs had them.
std::string hardware_options(const Manifest& manifest) {
  const std::string device = manifest.device.substr(0, manifest.device.find(' '));
  std::string text =
      " --device " + shell_word(device) + " --threads " + std::to_string(manifest.threads);
  if (!manifest.files.empty()) text += " --data-dir " + shell_word(manifest.data_dir);
  return text;
}

/// The folder in a form that takes an ending: "runs/a" for "runs/a/", its full path for ".".
fs::path with_a_name(const fs::path& folder) {
  const fs::path normal = folder.lexically_normal();
  const fs::path plain = normal.has_filename() ? normal : normal.parent_path();
  const bool is_dots = plain.empty() || plain.filename() == "." || plain.filename() == "..";
  return is_dots ? fs::weakly_canonical(folder) : plain;
}

Json source_json(const fs::path& given) {
  const fs::path folder = with_a_name(given);
  const auto manifest = manifest_below(folder);
  const std::string options = manifest ? hardware_options(*manifest) : "";
  const std::string config = (folder / "config.json").string();
  return {{"folder", folder.string()},
          {"config", read_file(config)},
          {"commands",
           {"nnrun --config " + shell_word(config) + " --out " +
                shell_word(folder.string() + "-again") + options,
            "nnrun verify " + shell_word(folder.string()) + " --rerun"}}};
}

Json environment_json(const Manifest& manifest) {
  const std::string revision =
      manifest.revision.empty() ? "" : " (revision " + manifest.revision + ")";
  Json files = Json::array();
  for (const DataFile& file : manifest.files) {
    files.push_back({{"path", file.path}, {"bytes", file.bytes}, {"sha256", file.sha256}});
  }
  return {{"facts",
           {{"nnrun", manifest.nnrun_version + revision},
            {"LibTorch", manifest.torch_version},
            {"device", manifest.device},
            {"threads", std::to_string(manifest.threads)},
            {"CPU capability", manifest.cpu_capability},
            {"data folder", manifest.data_dir}}},
          {"files", files}};
}

}  // namespace

Json environments_json(const std::vector<const StudyRun*>& runs) {
  Json environments = Json::array();
  for (size_t i = 0; i < runs.size(); ++i) {
    const Json environment = environment_json(RunDirectory(runs[i]->folder).manifest());
    const auto same =
        std::find_if(environments.begin(), environments.end(), [&](const Json& known) {
          return known["facts"] == environment["facts"] && known["files"] == environment["files"];
        });
    Json& entry = same == environments.end() ? environments.emplace_back(environment) : *same;
    entry["runs"].push_back(i);
    Json& hashes = entry["data_hashes"];  // of made-up and split data each seed has its own
    const std::string& hash = runs[i]->data_hash;
    if (std::find(hashes.begin(), hashes.end(), hash) == hashes.end()) hashes.push_back(hash);
  }
  return environments;
}

Json sources_json(const std::vector<std::string>& paths) {
  Json sources = Json::array();
  for (const std::string& path : paths) {
    for (const fs::path& folder : find_folders(path, {RunState::kRun, RunState::kParent}))
      sources.push_back(source_json(folder));
  }
  return sources;
}

}  // namespace nnrun
