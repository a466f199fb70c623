#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "app/commands.h"
#include "app/facts.h"
#include "app/open_run.h"
#include "app/predict_input.h"
#include "app/scores.h"
#include "report/progress.h"
#include "report/text_table.h"

namespace nnrun {
namespace {

using Json = nlohmann::ordered_json;

struct Guess {
  int64_t index;
  float probability;
};

/// The `top` most probable classes, ties by number. Where the predicted one has no probability, the
/// others have none either.
std::vector<Guess> best_guesses(const float* probabilities, int64_t outputs, int64_t top) {
  std::vector<Guess> guesses;
  for (int64_t i = 0; i < outputs; ++i) guesses.push_back({i, probabilities[i]});
  std::stable_sort(guesses.begin(), guesses.end(), [](const Guess& a, const Guess& b) {
    return is_larger(a.probability, b.probability);
  });
  guesses.resize(static_cast<size_t>(std::min(top, outputs)));
  if (std::isnan(guesses.front().probability))
    for (Guess& guess : guesses) guess.probability = NAN;
  return guesses;
}

std::string guess_text(const Dataset& dataset, const std::vector<Guess>& guesses) {
  std::string text;
  for (const auto& guess : guesses)
    text += "  " + one_line(class_label(dataset, guess.index)) + " " +
            four_decimals(static_cast<double>(guess.probability));
  return text;
}

Json guess_json(const Dataset& dataset, const std::string& name,
                const std::vector<Guess>& guesses) {
  Json classes = Json::array();
  for (const auto& guess : guesses)
    classes.push_back({{"class", class_label(dataset, guess.index)},
                       {"index", guess.index},
                       {"probability", guess.probability}});
  return {{"input", name}, {"classes", classes}};
}

}  // namespace

int predict_command(const Options& options, Output& out) {
  check_something_to_predict(options);
  const OpenRun run = open_run(options, Need::kModel);
  const Dataset& dataset = *run.material->dataset;
  const NamedExamples inputs =
      read_predict_inputs(options, run.material->experiment.config.data, dataset);
  const std::vector<float> probabilities = run.predict(inputs.examples);
  const auto outputs = static_cast<int64_t>(probabilities.size() / inputs.names.size());
  Json list = Json::array();
  for (size_t i = 0; i < inputs.names.size(); ++i) {
    const auto guesses = best_guesses(probabilities.data() + static_cast<int64_t>(i) * outputs,
                                      outputs, options.top);
    if (options.json)
      list.push_back(guess_json(dataset, inputs.names[i], guesses));
    else
      out.line(one_line(inputs.names[i]) + guess_text(dataset, guesses));
  }
  if (options.json) out.json(list);
  return 0;
}

}  // namespace nnrun
