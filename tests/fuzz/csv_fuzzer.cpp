// libFuzzer target: any bytes as a text data file, through the CSV reader and both tokenizers.
//   cmake -S . -B build-fuzz -DCMAKE_CXX_COMPILER=clang++ -DNNRUN_FUZZERS=ON -G Ninja
//     -DNNRUN_ENGINE=OFF -DNNRUN_TESTS=OFF && ninja -C build-fuzz csv_fuzzer
//   build-fuzz/bin/csv_fuzzer -max_total_time=60
#include <cstdlib>
#include <string>

#include "base/utf8.h"
#include "data/csv.h"
#include "data/tokenizer.h"

namespace nnrun {
namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

/// What a field without fault must be: UTF-8 without NUL.
void check_text(std::string_view text) {
  while (!text.empty()) {
    const size_t length = utf8_length(text);
    require(length > 0 && text[0] != '\0');
    text.remove_prefix(length);
  }
}

/// Tokens are never empty, and no longer than the text and the marks that replace its quotes.
void check_tokens(const std::string& text, Cleaning cleaning, TextUnit unit) {
  DataConfig config;
  config.cleaning = cleaning;
  config.unit = unit;
  const Tokens tokens = tokenize(text, config);
  size_t bytes = 0;
  for (int64_t i = 0; i < tokens.size(); ++i) {
    require(!tokens[i].empty());
    bytes += tokens[i].size();
  }
  require(bytes <= 2 * text.size());
}

}  // namespace
}  // namespace nnrun

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace nnrun;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  DataProblems problems;
  CsvReader reader("f", bytes, problems);
  std::vector<CsvField> record;
  while (reader.next(record)) {
    require(!record.empty());
    for (const CsvField& field : record) {
      check_text(field.text);
      require(field.line > 0 && field.column > 0);
      for (const Cleaning cleaning : {Cleaning::kAscii, Cleaning::kNone}) {
        for (const TextUnit unit : {TextUnit::kChar, TextUnit::kWord}) {
          check_tokens(field.text, cleaning, unit);
        }
      }
    }
  }
  return 0;
}
