#include "app/scores.h"

#include <algorithm>
#include <numeric>

namespace nnrun {
namespace {

double ratio(int64_t part, int64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

Confusion confusion_matrix(const std::vector<float>& probabilities,
                           const std::vector<int32_t>& labels) {
  if (labels.empty()) return {};
  const size_t outputs = probabilities.size() / labels.size();
  Confusion confusion(outputs, std::vector<int64_t>(outputs, 0));
  auto row = probabilities.begin();
  for (const int32_t label : labels) {
    const auto end = row + static_cast<std::ptrdiff_t>(outputs);
    ++confusion[static_cast<size_t>(label)][static_cast<size_t>(std::max_element(row, end) - row)];
    row = end;
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
