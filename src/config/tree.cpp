#include "config/tree.h"

#include "config/check.h"
#include "config/reader.h"

namespace nnrun {

JsonValue ConfigTree::merged() const {
  JsonValue root = *files;
  Report told_before(*sources);
  assign(root, assignments, told_before);
  return root;
}

Problem locate_pointer(const Sources& sources, const JsonValue& root, const std::string& pointer,
                       JsonPlace* place) {
  std::vector<std::string> missing = split_pointer(pointer);
  std::string written;
  const JsonValue* value = &root;
  size_t depth = 0;
  for (; depth < missing.size(); ++depth) {
    written = join_pointer(written, missing[depth]);
    const JsonValue* below = find_value(root, written);
    if (below == nullptr) break;
    value = below;
  }
  Problem problem = problem_of(sources, value->at);
  for (; depth < missing.size(); ++depth)
    problem.pointer = join_pointer(problem.pointer, missing[depth]);
  if (place != nullptr) *place = value->at;
  return problem;
}

ExperimentConfig read_merged(const JsonValue& root, Report& report) {
  Reader reader(report);
  ExperimentConfig config = reader.experiment(root);
  check_rules(config, root, reader, report);
  return config;
}

}  // namespace nnrun
