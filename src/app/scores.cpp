#include "app/scores.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace nnrun {
namespace {

double ratio(int64_t part, int64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

bool is_larger(float a, float b) { return !std::isnan(b) && (std::isnan(a) || a > b); }

int64_t predicted_class(const float* probabilities, int64_t outputs) {
  const auto smaller = [](float a, float b) { return is_larger(b, a); };
  return std::max_element(probabilities, probabilities + outputs, smaller) - probabilities;
}

Confusion confusion_matrix(const std::vector<float>& probabilities,
                           const std::vector<int32_t>& labels) {
  if (labels.empty()) return {};
  const size_t outputs = probabilities.size() / labels.size();
  Confusion confusion(outputs, std::vector<int64_t>(outputs, 0));
  const float* row = probabilities.data();
  for (const int32_t label : labels) {
    const int64_t predicted = predicted_class(row, static_cast<int64_t>(outputs));
    ++confusion[static_cast<size_t>(label)][static_cast<size_t>(predicted)];
    row += outputs;
  }
  return confusion;
}

std::vector<ClassScore> class_scores(const Confusion& confusion) {
  std::vector<ClassScore> scores;
  for (size_t c = 0; c < confusion.size(); ++c) {
    const int64_t hits = confusion[c][c];
    const int64_t examples = std::accumulate(confusion[c].begin(), confusion[c].end(), int64_t{0});
    int64_t predicted = 0;
    for (const auto& row : confusion) predicted += row[c];
    scores.push_back({ratio(hits, predicted), ratio(hits, examples),
                      ratio(2 * hits, predicted + examples), examples});
  }
  return scores;
}

}  // namespace nnrun
