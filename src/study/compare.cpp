#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "nnrun/tables.h"
#include "nnrun/train.h"
#include "study/table_cells.h"

namespace nnrun {
namespace {

constexpr double kConfidence = 0.95;

struct Pairs {
  std::vector<int64_t> seeds;
  std::vector<double> a, b;
  std::vector<int64_t> other_items, diverged, not_finite;  ///< shared seeds that cannot be paired
  bool other_data = false;                                 ///< of a pair
};

/// Whether the metric counts examples that are not even as many.
bool counts_other_items(const StudyRun& a, const StudyRun& b, Metric metric) {
  const bool validates = metric == Metric::kValAccuracy || metric == Metric::kValLoss;
  return validates && a.val_examples != b.val_examples && a.val_examples * b.val_examples != 0;
}

void add_pair(Pairs& pairs, const StudyRun& a, const StudyRun& b, Metric metric) {
  const int64_t seed = a.summary.seed;
  const double x = final_value(a, metric), y = final_value(b, metric);
  if (counts_other_items(a, b, metric)) {
    pairs.other_items.push_back(seed);
  } else if (has_diverged(a) || has_diverged(b)) {
    pairs.diverged.push_back(seed);
  } else if (!std::isfinite(x) || !std::isfinite(y)) {
    pairs.not_finite.push_back(seed);
  } else {
    pairs.seeds.push_back(seed);
    pairs.a.push_back(x);
    pairs.b.push_back(y);
    pairs.other_data = pairs.other_data || a.data_hash != b.data_hash;
  }
}

/// The values at the seeds both sides have, in order of the seed. The first run of a seed counts.
Pairs pair_up(const std::vector<StudyRun>& a, const std::vector<StudyRun>& b, Metric metric) {
  Pairs pairs;
  std::set<int64_t> seen;
  for (const StudyRun& run : a) {
    const int64_t seed = run.summary.seed;
    const auto other =
        std::find_if(b.begin(), b.end(), [&](const StudyRun& r) { return r.summary.seed == seed; });
    if (other != b.end() && seen.insert(seed).second) add_pair(pairs, run, *other, metric);
  }
  return pairs;
}

std::string list_of(const std::vector<int64_t>& seeds) {
  std::string text = seeds.size() == 1 ? "seed " : "seeds ";
  for (size_t i = 0; i < seeds.size(); ++i) text += (i > 0 ? ", " : "") + std::to_string(seeds[i]);
  return text;
}

/// What keeps shared seeds out, and what the reader should know; "" for nothing.
std::string reservations(const Pairs& pairs, Metric metric) {
  const std::string name(name_of(metric));
  std::string text;
  if (!pairs.other_items.empty())
    text += "; at " + list_of(pairs.other_items) + " " + name + " is of other examples";
  if (!pairs.diverged.empty()) text += "; at " + list_of(pairs.diverged) + " a run diverged";
  if (!pairs.not_finite.empty())
    text += "; at " + list_of(pairs.not_finite) + " " + name + " is not finite";
  if (pairs.other_data) text += "; their data differ";
  return text;
}

/// What the reader should know of the runs of either side; "" for nothing.
std::string cautions(const std::vector<StudyRun>& a, const std::vector<StudyRun>& b,
                     Metric metric) {
  std::string text;
  if (!std::ranges::all_of(a, is_at_its_end) || !std::ranges::all_of(b, is_at_its_end))
    text += "; some runs are not at their end, theirs is the last value so far";
  if (std::ranges::any_of(a, restores_best) || std::ranges::any_of(b, restores_best))
    text +=
        "; restore_best: " + std::string(name_of(metric)) +
        " is of the last epoch, the weights (and the test items they get right) of an earlier one";
  return text;
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
std::string no_answer(const std::string& name_a, const std::string& name_b, const Pairs& pairs) {
  if (pairs.seeds.size() == 1) return "cannot tell: one shared seed has no interval; use --repeats";
  const bool shared =
      !pairs.other_items.empty() || !pairs.diverged.empty() || !pairs.not_finite.empty();
  return "cannot tell: " + name_a + " and " + name_b +
         (shared ? " have no seed at which they can be compared" : " share no seed");
}

}  // namespace

bool are_judged_by_items(const std::vector<StudyRun>& a, const std::vector<StudyRun>& b,
                         Metric metric) {
  return metric == Metric::kValAccuracy && a.size() == 1 && b.size() == 1 &&
         a[0].data_hash == b[0].data_hash && !has_diverged(a[0]) && !has_diverged(b[0]);
}

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
    comparison.sentence = no_answer(name_a, name_b, pairs);
  }
  comparison.sentence += reservations(pairs, metric) + cautions(a, b, metric);
  return comparison;
}

}  // namespace nnrun
