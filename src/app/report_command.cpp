#include <nlohmann/json.hpp>
#include <set>

#include "app/commands.h"
#include "app/locations.h"
#include "app/metric_option.h"
#include "app/report_details.h"
#include "nnrun/files.h"
#include "nnrun/format.h"
#include "nnrun/log.h"
#include "nnrun/tables.h"
#include "report/page.h"
#include "report/study_json.h"
#include "study/launcher.h"

namespace fs = std::filesystem;

namespace nnrun {
namespace {

using Json = nlohmann::ordered_json;

/// Runs shown one by one (confusion matrix, pictures): one of each of the best configurations.
constexpr size_t kDetailedRuns = 6;

/// Position of a configuration's first run in the order in which study_json lists the runs.
size_t first_run(const Study& study, size_t configuration) {
  size_t index = 0;
  for (size_t i = 0; i < configuration; ++i) index += study.configurations[i].runs.size();
  return index;
}

std::vector<const StudyRun*> all_runs(const Study& study) {
  std::vector<const StudyRun*> runs;
  for (const Configuration& configuration : study.configurations) {
    for (const StudyRun& run : configuration.runs) runs.push_back(&run);
  }
  return runs;
}

/// What of a run could not be shown is a note on the page; the report stands without it.
class Notes {
 public:
  void add(const Error& error) {
    for (const Problem& problem : error.problems()) {
      if (texts_.insert(to_text(problem)).second)
        log_warning("not in the report: " + to_text(problem));
    }
  }
  Json json() const { return Json(texts_); }

 private:
  std::set<std::string> texts_;
};

void add_details(Json& page, const Study& study, const Options& options) {
  const std::vector<const StudyRun*> runs = all_runs(study);
  page["confusions"] = page["features"] = Json::array();
  Notes notes;
  size_t left = kDetailedRuns;
  for (const size_t configuration : best_configurations(study, metric_of(options))) {
    if (left-- == 0) break;
    const size_t index = first_run(study, configuration);
    try {
      Json images = pictures_json(*runs[index]);
      if (!images.empty()) page["features"].push_back({{"run", index}, {"images", images}});
      Json confusion = confusion_json(options, *runs[index]);
      confusion["run"] = index;
      page["confusions"].push_back(std::move(confusion));
    } catch (const Error& error) {
      notes.add(error);
    }
  }
  page["notes"] = notes.json();
}

/// "smoke_sweep", or "a, b" of several paths.
std::string title_of(const std::vector<std::string>& paths) {
  std::string title;
  for (const std::string& path : paths) {
    const fs::path folder = fs::absolute(path).lexically_normal();
    const fs::path name =
        folder.has_filename() ? folder.filename() : folder.parent_path().filename();
    title += (title.empty() ? "" : ", ") + name.string();
  }
  return title;
}

std::string command_of(const Options& options, const fs::path& file) {
  std::string command = "nnrun report";
  for (const std::string& path : options.paths) command += " " + shell_word(path);
  return command + " --metric " + options.metric + " -o " + shell_word(file.string());
}

}  // namespace

int report_command(const Options& options, Output& out) {
  const fs::path file = options.out.empty() ? fs::path("report.html") : fs::path(options.out);
  const Study study = group_runs(collect_runs({options.paths.begin(), options.paths.end()}));
  Json page = study_json(study, metric_of(options));
  page["title"] = title_of(options.paths);
  page["created"] = utc_now();
  page["version"] = program_version();
  page["command"] = command_of(options, file);
  page["sources"] = sources_json(options.paths);
  page["environments"] = environments_json(all_runs(study));
  add_details(page, study, options);
  const std::string html = fill_page(report_assets(), page);
  replace_file(file, html, Sync::kNone);
  out.line(file.string() + ": " + counted(std::ssize(all_runs(study)), "run") + ", " +
           std::to_string(html.size() / 1'000'000) + " MB");
  return 0;
}

}  // namespace nnrun
