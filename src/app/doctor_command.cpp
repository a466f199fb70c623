#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/engine_loader.h"
#include "app/locations.h"
#include "app/process_facts.h"
#include "app/workbench.h"
#include "nnrun/files.h"
#include "nnrun/images.h"
#include "report/text_table.h"

namespace fs = std::filesystem;

namespace nnrun {
namespace {

using Rows = std::vector<std::vector<std::string>>;

/// A data set and the files that make it whole.
struct DataSet {
  const char* folder;
  std::vector<const char*> files;
};
const DataSet kDataSets[] = {
    {"tiny-cifar10", {"data_batch_1.bin", "test_batch.bin"}},
    {"cifar-10-batches-bin",
     {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin",
      "data_batch_5.bin", "test_batch.bin"}},
    {"text", {"train_medium.csv", "test_medium.csv"}},
};

std::string state_of(const fs::path& data, const DataSet& set) {
  std::string missing;
  for (const char* file : set.files)
    if (!is_there(data / set.folder / file))
      missing += (missing.empty() ? "" : ", ") + std::string(file);
  if (missing.empty()) return "found";
  return (is_there(data / set.folder) ? missing + " not found" : "not found") +
         std::string(" (scripts/fetch_data.sh)");
}

void add_data(const fs::path& folder, Rows& rows) {
  rows.push_back({"data folder", folder.string() + (is_there(folder) ? "" : " (no such folder)")});
  for (const DataSet& set : kDataSets)
    rows.push_back({std::string("  ") + set.folder, state_of(folder, set)});
}

/// Where LibTorch is, or where it was looked for.
void add_torch(Rows& rows) {
  const fs::path found = find_torch();
  std::string text = found.string();
  if (found.empty()) {
    text = "not found (`scripts/nnrun` fetches it); looked in ";
    for (const fs::path& place : torch_candidates()) text += place.string() + ", ";
    text += "python3's torch";
  }
  rows.push_back({"LibTorch", text});
  const std::string problem = torch_root_problem();
  if (!problem.empty()) rows.push_back({"NNRUN_TORCH_ROOT", problem});
}

void add_engine(Rows& rows) {
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
  if (find_torch().empty()) return;
  try {
    add_engine(rows);
  } catch (const Error& error) {
    rows.push_back({"engine", error.what()});
  }
}

}  // namespace

int doctor_command(const Options& options, Output& out) {
  Rows rows{
      {"nnrun", version_line().substr(6, version_line().size() - 7)},
      {"program", executable().string()},
      {"configs", shipped_configs().string()},
      {"cores", std::to_string(available_cores())},
      {"threads", std::to_string(hardware_from(options, /*in_trial=*/false).threads) +
                      " for a run, " +
                      std::to_string(hardware_from(options, /*in_trial=*/true).threads) +
                      " for each of several trials"},
      {"PNG and JPEG", has_image_reader() ? "yes" : "no: libnnrun_images.so cannot be loaded"}};
  add_data(data_folder(options), rows);
  add_torch(rows);
  add_engine_or_problem(rows);
  if (!options.json) {
    out.write(aligned(rows));
    return 0;
  }
  nlohmann::ordered_json json;
  for (const auto& row : rows) json[row[0].substr(row[0].find_first_not_of(' '))] = row[1];
  out.json(json);
  return 0;
}

}  // namespace nnrun
