#include "data/text_csv.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "data/csv.h"
#include "data/source.h"
#include "nnrun/format.h"

namespace nnrun {
namespace {

/// What is wrong with a label, or "".
std::string label_fault(std::string_view text, int64_t classes) {
  const std::string expected = ", expected 0 to " + std::to_string(classes - 1) + ")";
  const std::optional<int64_t> label = parse_int(text);
  if (!label) return "the label is no integer (got " + in_quotes(text) + expected;
  if (*label < 0 || *label >= classes) {
    return "the label is out of range (got " + std::to_string(*label) + expected;
  }
  return "";
}

/// The problem of a record that has no fault as CSV, if there is one.
std::optional<Problem> fault_of(const std::string& file, const std::vector<CsvField>& record,
                                const DataConfig& config) {
  const auto columns = static_cast<int64_t>(record.size());
  const int64_t needed = std::max(config.label_column, config.text_column) + 1;
  if (columns < needed) {
    return at_line(file, record[0].line, record[0].column,
                   "too few columns (got " + grouped(columns) + ", expected at least " +
                       grouped(needed) + ")");
  }
  const CsvField& label = record[static_cast<size_t>(config.label_column)];
  const std::string fault = label_fault(label.text, config.classes);
  if (fault.empty()) return std::nullopt;
  return at_line(file, label.line, label.column, fault);
}

}  // namespace

void read_texts(const std::string& file, const std::string& bytes, const DataConfig& config,
                Texts& texts, DataProblems& problems) {
  if (const std::string fault = whole_file_fault(bytes); !fault.empty()) {
    problems.add(at_file(file, fault));
    return;
  }
  const int64_t faults_before = problems.count();
  CsvReader reader(file, bytes, problems);
  std::vector<CsvField> record;
  while (reader.next(record)) {
    if (std::optional<Problem> problem = fault_of(file, record, config)) {
      problems.add(std::move(*problem));
      continue;
    }
    texts.labels.push_back(
        static_cast<int32_t>(*parse_int(record[static_cast<size_t>(config.label_column)].text)));
    texts.texts.push_back(std::move(record[static_cast<size_t>(config.text_column)].text));
  }
  if (texts.labels.empty() && problems.count() == faults_before) {
    problems.add(at_file(file, "the file holds no record"));
  }
}

Dataset load_text_csv(const DataConfig& config, const std::filesystem::path& data_dir,
                      int64_t seed) {
  DataProblems problems;
  const std::vector<Source> sources =
      read_sources(data_dir, {config.train_file, config.test_file}, problems);
  const auto texts_of = [&](const std::string& name) {
    Texts texts;
    if (const Source* source = source_named(sources, name))
      read_texts(source->path, source->bytes, config, texts, problems);
    return texts;
  };
  TextSplits splits;
  splits.train = texts_of(config.train_file);
  splits.test = config.test_file == config.train_file ? splits.train : texts_of(config.test_file);
  problems.throw_if_any();
  Dataset set = text_dataset(config, splits, seed);
  set.files = facts_of(sources);
  return set;
}

}  // namespace nnrun
