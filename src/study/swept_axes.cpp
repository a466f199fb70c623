#include "study/swept_axes.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "nnrun/files.h"
#include "study/fields.h"

namespace nnrun {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

/// The folder of a study above its "seed-5" or "trial-0003/seed-5".
fs::path study_above(const fs::path& run) {
  const fs::path holder = fs::weakly_canonical(run).parent_path();
  return holder.filename().string().starts_with("trial-") ? holder.parent_path() : holder;
}

SweptAxis axis_of(const std::string& path, const Json& parameter) {
  SweptAxis axis{path, {}};
  if (parameter.is_object() && parameter.contains("values"))
    for (const Json& value : parameter["values"]) axis.values.push_back(value.dump());
  return axis;
}

std::optional<Metric> goal_of(const Json& sweep) {
  const auto name = sweep.value("/metric/name"_json_pointer, std::string());
  for (const Metric metric : kMetrics)
    if (name == name_of(metric)) return metric;
  return std::nullopt;
}

std::shared_ptr<const SweepPlan> read_plan(const fs::path& study) {
  const fs::path file = study / "config.json";
  if (!is_there(file)) return nullptr;
  const Json config = Json::parse(read_file(file), nullptr, /*allow_exceptions=*/false);
  const bool has_sweep = config.is_object() && config.contains("sweep");
  if (!has_sweep || !config["sweep"].is_object()) return nullptr;
  auto plan = std::make_shared<SweepPlan>();
  const Json& sweep = config["sweep"];
  plan->goal = goal_of(sweep);
  const Json parameters = sweep.value("parameters", Json::object());
  for (const auto& [path, parameter] : parameters.items())
    plan->axes.push_back(axis_of(path, parameter));
  return plan;
}

const SweepPlan* plan_of_all(const std::vector<Configuration>& configurations) {
  const SweepPlan* plan = nullptr;
  for (const Configuration& configuration : configurations) {
    for (const StudyRun& run : configuration.runs) {
      if (run.plan == nullptr || (plan != nullptr && run.plan.get() != plan)) return nullptr;
      plan = run.plan.get();
    }
  }
  return plan;
}

/// Of the sweep's values the one with most parts that the resolved one has; "" for none.
std::string as_swept(const std::string& resolved, const SweptAxis& axis) {
  const Json value = Json::parse(resolved);
  std::string best;
  size_t parts = 0;
  for (const std::string& written : axis.values) {
    const Json swept = Json::parse(written);
    if (!swept.is_object() || !has_parts(value, swept) || swept.flatten().size() < parts) continue;
    best = written;
    parts = swept.flatten().size();
  }
  return best;
}

/// Of every object among the values at `path` its shorter form.
std::map<std::string, std::string> shorter_forms(const Study& study, size_t path,
                                                 const SweptAxis& axis) {
  std::map<std::string, std::string> forms;
  for (const Configuration& configuration : study.configurations) {
    const std::string& value = configuration.values[path];
    if (value.starts_with("{")) forms[value] = as_swept(value, axis);
  }
  return forms;
}

bool tells_apart(const std::map<std::string, std::string>& forms) {
  std::set<std::string> different;
  for (const auto& [resolved, written] : forms) different.insert(written);
  return different.size() == forms.size() && !different.contains("");
}

}  // namespace

std::shared_ptr<const SweepPlan> SweepPlans::of(const fs::path& run) {
  const fs::path study = study_above(run);
  const auto [place, is_new] = known_.try_emplace(study);
  if (is_new) place->second = read_plan(study);
  return place->second;
}

std::vector<std::string> swept_paths(const std::vector<Configuration>& configurations) {
  const SweepPlan* plan = plan_of_all(configurations);
  if (plan == nullptr) return {};
  std::vector<std::string> paths;
  std::vector<std::vector<std::string>> values(configurations.size());
  for (const SweptAxis& axis : plan->axes) {
    std::vector<std::string> column;
    for (const Configuration& configuration : configurations)
      column.push_back(text_at(configuration.runs.front().fields, axis.path).value_or(""));
    if (std::set<std::string>(column.begin(), column.end()).size() < 2) continue;
    paths.push_back(axis.path);
    for (size_t i = 0; i < column.size(); ++i) values[i].push_back(column[i]);
  }
  const std::set<std::vector<std::string>> different(values.begin(), values.end());
  return different.size() == configurations.size() ? paths : std::vector<std::string>{};
}

std::optional<Metric> goal_of_sweep(const std::vector<Configuration>& configurations) {
  const SweepPlan* plan = plan_of_all(configurations);
  return plan == nullptr ? std::nullopt : plan->goal;
}

void shorten_values(Study& study) {
  const SweepPlan* plan = plan_of_all(study.configurations);
  if (plan == nullptr) return;
  for (const SweptAxis& axis : plan->axes) {
    const auto found = std::find(study.varying.begin(), study.varying.end(), axis.path);
    if (found == study.varying.end()) continue;
    const auto path = static_cast<size_t>(found - study.varying.begin());
    const auto forms = shorter_forms(study, path, axis);
    if (!tells_apart(forms)) continue;
    for (Configuration& configuration : study.configurations) {
      const auto form = forms.find(configuration.values[path]);
      if (form != forms.end()) configuration.values[path] = form->second;
    }
  }
}

}  // namespace nnrun
