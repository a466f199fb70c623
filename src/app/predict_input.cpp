#include "app/predict_input.h"

#include <algorithm>
#include <cctype>

#include "app/open_run.h"
#include "app/shared_problems.h"
#include "base/utf8.h"
#include "data/csv.h"
#include "nnrun/files.h"
#include "nnrun/format.h"
#include "nnrun/images.h"

namespace nnrun {
namespace {

[[noreturn]] void refuse(const std::string& option, const std::string& message) {
  Problem problem;
  problem.option = option;
  problem.message = message;
  throw ConfigError(std::vector<Problem>{problem});
}

/// [height, width, channels] bytes as [channels, height, width], or in the order of a record read
/// interleaved: the planar bytes taken as (row, column, channel).
std::vector<uint8_t> model_order(const Picture& picture, PixelOrder order) {
  const int64_t area = picture.height * picture.width, channels = picture.channels;
  std::vector<uint8_t> planar(picture.pixels.size()), mixed(picture.pixels.size());
  for (int64_t i = 0; i < area; ++i)
    for (int64_t c = 0; c < channels; ++c)
      planar[static_cast<size_t>(c * area + i)] =
          picture.pixels[static_cast<size_t>(i * channels + c)];
  if (order == PixelOrder::kPlanar) return planar;
  for (int64_t i = 0; i < area; ++i)
    for (int64_t c = 0; c < channels; ++c)
      mixed[static_cast<size_t>(c * area + i)] = planar[static_cast<size_t>(i * channels + c)];
  return mixed;
}

void append(NamedExamples& all, const Examples& more) {
  all.examples.pixels.insert(all.examples.pixels.end(), more.pixels.begin(), more.pixels.end());
  all.examples.labels.insert(all.examples.labels.end(), more.labels.begin(), more.labels.end());
}

/// `FILE.bin` (all records) or `FILE.bin#RECORD`.
void append_cifar(NamedExamples& all, const std::string& file, int64_t record,
                  const DataConfig& data, const Shape& shape) {
  if (shape.dims != std::vector<int64_t>{3, 32, 32})
    refuse("--image", "the model takes images of " + to_text(shape) + " (got the records of " +
                          file + ", which are 3x32x32)");
  const Examples records = read_cifar_file(file, data.pixel_order, record);
  for (int64_t i = 0; i < records.size(); ++i)
    all.names.push_back(file + "#" + std::to_string(record < 0 ? i : record));
  append(all, records);
}

void append_picture(NamedExamples& all, const std::string& file, const DataConfig& data,
                    const Shape& shape) {
  if (shape.dims[0] != 3)
    refuse("--image",
           "the model takes images of " + std::to_string(shape.dims[0]) + " channels (expected 3)");
  const Picture picture = read_picture(file, shape.dims[1], shape.dims[2]);
  all.names.push_back(file);
  append(all, {model_order(picture, data.pixel_order), {}, {}, {}, {}, {0}});
}

void append_image(NamedExamples& all, const std::string& file, const DataConfig& data,
                  const Shape& shape) {
  const size_t hash = file.rfind(".bin#");
  const auto record = hash == std::string::npos ? std::nullopt : parse_int(file.substr(hash + 5));
  if (record && *record >= 0)
    append_cifar(all, file.substr(0, hash + 4), *record, data, shape);
  else if (file.ends_with(".bin"))
    append_cifar(all, file, -1, data, shape);
  else
    append_picture(all, file, data, shape);
}

NamedExamples read_images(const std::vector<std::string>& files, const DataConfig& data,
                          const Dataset& dataset) {
  NamedExamples all;
  SharedProblems problems;
  for (const auto& file : files)
    problems.collect([&] { append_image(all, file, data, dataset.input.shape); });
  problems.throw_if_any();
  return all;
}

std::vector<std::string> csv_texts(const std::string& file, const std::string& bytes,
                                   int64_t column) {
  DataProblems problems;
  CsvReader reader(file, bytes, problems);
  std::vector<CsvField> record;
  std::vector<std::string> texts;
  while (reader.next(record)) {
    if (static_cast<int64_t>(record.size()) > column)
      texts.push_back(record[static_cast<size_t>(column)].text);
    else
      problems.add(at_line(file, record[0].line, record[0].column,
                           "no text column (got " + std::to_string(record.size()) +
                               " columns, expected at least " + std::to_string(column + 1) + ")"));
  }
  problems.throw_if_any();
  return texts;
}

/// Where the first byte stands that is no text (UTF-8 without NUL), from 0; npos: nowhere.
size_t fault_in(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const size_t length = utf8_length(text.substr(at));
    if (length == 0 || text[at] == '\0') return at;
    at += length;
  }
  return std::string_view::npos;
}

std::string what_is_at(const std::string& text, size_t fault) {
  if (text[fault] == '\0') return "a NUL byte (expected text)";
  return "no valid UTF-8 (got " + in_quotes(text.substr(fault, 1)) + ")";
}

std::vector<std::string> lines_of(const std::string& file, const std::string& bytes) {
  DataProblems problems;
  std::vector<std::string> lines;
  for (size_t begin = bytes.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
       begin < bytes.size();) {
    const size_t end = std::min(bytes.find('\n', begin), bytes.size());
    lines.push_back(bytes.substr(begin, end - begin));
    if (lines.back().ends_with('\r')) lines.back().pop_back();
    if (const size_t fault = fault_in(lines.back()); fault != std::string_view::npos)
      problems.add(at_line(file, std::ssize(lines), static_cast<int64_t>(fault) + 1,
                           what_is_at(lines.back(), fault)));
    begin = end + 1;
  }
  problems.throw_if_any();
  return lines;
}

void check_texts(const std::vector<std::string>& texts) {
  for (const auto& text : texts)
    if (fault_in(text) != std::string_view::npos) refuse("--text " + text, "no valid UTF-8");
}

/// In small letters, with its dot.
std::string extension_of(const std::string& file) {
  std::string extension = std::filesystem::path(file).extension().string();
  std::ranges::transform(extension, extension.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension;
}

/// By its extension: that of CSV files, or of the run's own.
bool is_csv(const std::string& file, const DataConfig& data) {
  const std::string extension = extension_of(file);
  const bool is_own =
      extension == extension_of(data.train_file) || extension == extension_of(data.test_file);
  return extension == ".csv" || (!extension.empty() && is_own);
}

std::vector<std::string> input_texts(const std::string& file, const DataConfig& data) {
  const std::string bytes = read_file(file);
  auto texts =
      is_csv(file, data) ? csv_texts(file, bytes, data.text_column) : lines_of(file, bytes);
  if (texts.empty()) throw DataError({at_file(file, "the file holds no text")});
  return texts;
}

/// Arguments behind --text are its further texts. Without it they may be meant as files.
void check_bare_texts(const Options& options, const std::vector<std::string>& bare) {
  if (!options.texts.empty()) return;
  std::vector<Problem> problems;
  for (const auto& argument : bare) {
    Problem problem;
    std::error_code ignored;
    const bool is_file = std::filesystem::is_regular_file(argument, ignored);
    problem.option = argument;
    problem.message = is_file ? "is a file, and the model takes texts" : "a text needs an option";
    problem.suggestion = (is_file ? "--input " : "--text ") + argument;
    problems.push_back(problem);
  }
  if (!problems.empty()) throw ConfigError(problems);
}

std::vector<std::string> joined(std::vector<std::string> first,
                                const std::vector<std::string>& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

}  // namespace

void check_something_to_predict(const Options& options) {
  const bool nothing = options.image_files.empty() && options.texts.empty() &&
                       options.input.empty() && options.paths.size() < 2;
  if (nothing) refuse("", "nothing to predict (expected --image, --text or --input)");
}

NamedExamples read_predict_inputs(const Options& options, const DataConfig& data,
                                  const Dataset& dataset) {
  const std::vector<std::string> more(options.paths.begin() + 1, options.paths.end());
  if (is_text(data) && !options.image_files.empty())
    refuse("--image", "the model takes texts (expected --text or --input)");
  if (!is_text(data) && !options.texts.empty())
    refuse("--text", "the model takes images (expected --image or --input)");
  NamedExamples inputs;
  if (is_text(data)) {
    check_bare_texts(options, more);
    inputs.names = joined(options.texts, more);
    check_texts(inputs.names);
    if (!options.input.empty())
      inputs.names = joined(inputs.names, input_texts(options.input, data));
    inputs.examples = encode_texts(inputs.names, data, dataset.vocabulary);
  } else {
    std::vector<std::string> files = joined(options.image_files, more);
    if (!options.input.empty()) files.push_back(options.input);
    inputs = read_images(files, data, dataset);
  }
  return inputs;
}

}  // namespace nnrun
