#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/engine_loader.h"
#include "app/locations.h"
#include "app/workbench.h"
#include "nnrun/images.h"
#include "report/text_table.h"

namespace fs = std::filesystem;

namespace nnrun {
namespace {

using Rows = std::vector<std::vector<std::string>>;

void add_engine(Rows& rows) {
  rows.push_back({"LibTorch", require_torch().string()});
  const EngineInfo engine = load_engine(/*want_cuda=*/true).info();
  rows.push_back({"LibTorch version", engine.torch_version});
  rows.push_back({"BLAS", engine.blas});
  rows.push_back({"CPU capability", engine.cpu_capability});
  for (size_t i = 0; i < engine.cuda_devices.size(); ++i)
    rows.push_back({"cuda:" + std::to_string(i), engine.cuda_devices[i]});
  const std::string problem =
      cuda_load_problem().empty() ? engine.cuda_problem : cuda_load_problem();
  if (engine.cuda_devices.empty()) rows.push_back({"CUDA", "none: " + problem});
  if (!engine.cuda_devices.empty())
    rows.push_back({"CUDA kernels and graphs",
                    engine.cuda_half_problem.empty() ? "yes" : "no: " + engine.cuda_half_problem});
}

/// What is missing is a finding, not a failure.
void add_engine_or_problem(Rows& rows) {
  try {
    add_engine(rows);
  } catch (const Error& error) {
    rows.push_back({"engine", error.what()});
  }
}

void add_data(const fs::path& folder, Rows& rows) {
  rows.push_back({"data folder", folder.string()});
  for (const char* name : {"tiny-cifar10", "cifar-10-batches-bin", "text"})
    rows.push_back({std::string("  ") + name,
                    fs::exists(folder / name) ? "found" : "not found (scripts/fetch_data.sh)"});
}

}  // namespace

int doctor_command(const Options& options, Output& out) {
  Rows rows{
      {"nnrun", version_line().substr(6, version_line().size() - 7)},
      {"program", executable().string()},
      {"configs", shipped_configs().string()},
      {"cores", std::to_string(available_cores())},
      {"PNG and JPEG", has_image_reader() ? "yes" : "no: libnnrun_images.so cannot be loaded"}};
  add_data(data_folder(options), rows);
  add_engine_or_problem(rows);
  if (!options.json) {
    out.write(aligned(rows));
    return 0;
  }
  nlohmann::ordered_json json;
  for (const auto& row : rows) json[row[0].substr(row[0].find_first_not_of(' '))] = row[1];
  out.line(json.dump(2));
  return 0;
}

}  // namespace nnrun
