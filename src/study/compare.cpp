#include <algorithm>
#include <cmath>
#include <cstdio>

#include "nnrun/tables.h"
#include "nnrun/train.h"
#include "study/table_cells.h"

namespace nnrun {
namespace {

constexpr double kConfidence = 0.95;

struct Pairs {
  std::vector<int64_t> seeds;
  std::vector<double> a, b;
};

/// Finite values at the seeds both sides have, in order of the seed. The first run of a seed
/// counts.
Pairs pair_up(const std::vector<StudyRun>& a, const std::vector<StudyRun>& b, Metric metric) {
  Pairs pairs;
  for (const StudyRun& run : a) {
    const int64_t seed = run.summary.seed;
    const auto other =
        std::find_if(b.begin(), b.end(), [&](const StudyRun& r) { return r.summary.seed == seed; });
    const bool twice = std::find(pairs.seeds.begin(), pairs.seeds.end(), seed) != pairs.seeds.end();
    if (other == b.end() || twice) continue;
    const double x = final_value(run, metric), y = final_value(*other, metric);
    if (!std::isfinite(x) || !std::isfinite(y)) continue;
    pairs.seeds.push_back(seed);
    pairs.a.push_back(x);
    pairs.b.push_back(y);
  }
  return pairs;
}

std::string verdict(const std::string& name_a, const std::string& name_b, double difference,
                    Metric metric) {
  const bool a_wins = lower_is_better(metric) ? difference < 0 : difference > 0;
  return (a_wins ? name_a : name_b) + " is better than " + (a_wins ? name_b : name_a);
}

std::string tests_of(const PairedComparison& paired) {
  const std::string flips = "sign flips p = " + readable_p(*paired.sign_flip);
  if (paired.t_test) return "paired t-test p = " + readable_p(*paired.t_test) + ", " + flips;
  return "the same difference at every seed, so only " + flips;
}

/// Two or more shared seeds: the interval of the mean difference decides.
void judge_by_seeds(Comparison& comparison, const std::string& name_a, const std::string& name_b,
                    Metric metric) {
  const MeanEstimate& difference = comparison.paired.difference;
  const std::string of = std::string(name_of(metric)) + " of " + name_a + " minus " + name_b;
  comparison.told = *comparison.paired.p() < 1 - kConfidence;
  comparison.sentence =
      comparison.told ? verdict(name_a, name_b, difference.mean, metric) : "cannot tell";
  comparison.sentence += ": " + of + " is " + readable(difference.mean) + ", 95 % interval " +
                         bounds(difference.interval) + ", over " + std::to_string(difference.n) +
                         " shared seeds (" + tests_of(comparison.paired) + ")";
}

/// Only the test items can tell, and only about these two trained models.
void judge_by_items(Comparison& comparison, const std::string& name_a, const std::string& name_b,
                    const Disagreement& items) {
  comparison.mcnemar = mcnemar_exact(items.only_a, items.only_b);
  comparison.told = *comparison.mcnemar < 1 - kConfidence;
  const std::string better = items.only_a > items.only_b ? name_a : name_b;
  comparison.sentence = comparison.told
                            ? "these two models differ, " + better + " is right more often"
                            : "cannot tell";
  comparison.sentence += ": " + std::to_string(items.only_a) + " test items only " + name_a +
                         " got right, " + std::to_string(items.only_b) + " only " + name_b +
                         " (McNemar p = " + readable_p(*comparison.mcnemar) +
                         "); one run each says nothing about other seeds";
}

/// Why neither seeds nor items tell anything.
std::string no_answer(const std::string& name_a, const std::string& name_b, size_t shared) {
  if (shared == 1) return "cannot tell: one shared seed has no interval; use --repeats";
  return "cannot tell: " + name_a + " and " + name_b + " share no seed";
}

}  // namespace

Comparison compare(const std::string& name_a, const std::vector<StudyRun>& a,
                   const std::string& name_b, const std::vector<StudyRun>& b, Metric metric,
                   const std::optional<Disagreement>& disagreement) {
  const Pairs pairs = pair_up(a, b, metric);
  Comparison comparison;
  comparison.seeds = pairs.seeds;
  if (!pairs.seeds.empty()) comparison.paired = compare_paired(pairs.a, pairs.b, kConfidence);
  if (pairs.seeds.size() >= 2) {
    judge_by_seeds(comparison, name_a, name_b, metric);
  } else if (disagreement) {
    judge_by_items(comparison, name_a, name_b, *disagreement);
  } else {
    comparison.sentence = no_answer(name_a, name_b, pairs.seeds.size());
  }
  return comparison;
}

}  // namespace nnrun
