#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/facts.h"
#include "app/open_run.h"
#include "app/scores.h"
#include "nnrun/format.h"
#include "nnrun/statistics.h"
#include "report/progress.h"
#include "report/text_table.h"

namespace nnrun {
namespace {

using Json = nlohmann::ordered_json;
using Rows = std::vector<std::vector<std::string>>;

struct Evaluation {
  Sums sums;
  Confusion confusion;
  double loss() const { return sums.loss / static_cast<double>(sums.examples); }
  double accuracy() const {
    return static_cast<double>(sums.correct) / static_cast<double>(sums.examples);
  }
  /// Exact, 95 %: of this model over other examples like these, not of other seeds.
  Interval interval() const { return binomial_interval(sums.correct, sums.examples); }
};

Evaluation evaluate(const OpenRun& run, Split split) {
  const Examples& examples = run.material->dataset->split(split);
  Evaluation evaluation;
  evaluation.sums = run.bench.session->evaluate(split, run.last_epoch()).value_or(Sums{});
  evaluation.confusion = confusion_matrix(run.predict(examples), examples.labels);
  return evaluation;
}

Rows class_rows(const Dataset& dataset, const std::vector<ClassScore>& scores) {
  Rows rows{{"class", "precision", "recall", "f1", "examples"}};
  for (size_t i = 0; i < scores.size(); ++i)
    rows.push_back({class_label(dataset, static_cast<int64_t>(i)),
                    four_decimals(scores[i].precision), four_decimals(scores[i].recall),
                    four_decimals(scores[i].f1), grouped(scores[i].examples)});
  return rows;
}

Rows confusion_rows(const Dataset& dataset, const Confusion& confusion) {
  Rows rows{{"true \\ predicted"}};
  for (size_t i = 0; i < confusion.size(); ++i) {
    rows[0].push_back(class_label(dataset, static_cast<int64_t>(i)));
    rows.push_back({class_label(dataset, static_cast<int64_t>(i))});
    for (const int64_t count : confusion[i]) rows.back().push_back(std::to_string(count));
  }
  return rows;
}

Json evaluation_json(const Options& options, const Dataset& dataset, const Evaluation& evaluation) {
  Json classes = Json::array();
  const auto scores = class_scores(evaluation.confusion);
  for (size_t i = 0; i < scores.size(); ++i)
    classes.push_back({{"class", class_label(dataset, static_cast<int64_t>(i))},
                       {"precision", scores[i].precision},
                       {"recall", scores[i].recall},
                       {"f1", scores[i].f1},
                       {"examples", scores[i].examples}});
  return {{"split", options.split},
          {"weights", options.weights},
          {"examples", evaluation.sums.examples},
          {"accuracy", evaluation.accuracy()},
          {"accuracy_interval", {evaluation.interval().low, evaluation.interval().high}},
          {"loss", evaluation.loss()},
          {"classes", classes},
          {"confusion", evaluation.confusion}};
}

}  // namespace

int evaluate_command(const Options& options, Output& out) {
  const bool on_test = options.split == "test";
  const OpenRun run = open_run(options, on_test ? Need::kTest : Need::kTrain);
  const Dataset& dataset = *run.material->dataset;
  const Evaluation evaluation = evaluate(run, on_test ? Split::kTest : Split::kTrain);
  if (options.json) {
    out.json(evaluation_json(options, dataset, evaluation));
    return 0;
  }
  out.line(options.split + ": " + counted(evaluation.sums.examples, "example") + ", accuracy " +
           four_decimals(evaluation.accuracy()) + " [" + four_decimals(evaluation.interval().low) +
           ", " + four_decimals(evaluation.interval().high) + "], loss " +
           four_decimals(evaluation.loss()) + "\n");
  out.line(aligned(class_rows(dataset, class_scores(evaluation.confusion))));
  out.write(aligned(confusion_rows(dataset, evaluation.confusion)));
  return 0;
}

}  // namespace nnrun
