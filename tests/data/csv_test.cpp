#include "data/csv.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "data/data_files.h"

namespace nnrun {
namespace {

using Rows = std::vector<std::vector<std::string>>;

Rows rows_of(const std::string& bytes) {
  DataProblems problems;
  CsvReader reader("f", bytes, problems);
  Rows rows;
  std::vector<CsvField> record;
  while (reader.next(record)) {
    std::vector<std::string>& row = rows.emplace_back();
    for (const CsvField& field : record) row.push_back(field.text);
  }
  problems.throw_if_any();
  return rows;
}

TEST(CsvTest, FieldsAndLines) {
  const Rows expected{{"1", "a b", ""}, {"2", "", "c"}};
  EXPECT_EQ(rows_of("1,a b,\n2,,c\n"), expected);
  EXPECT_EQ(rows_of("1,a b,\r\n2,,c\r\n"), expected);
  EXPECT_EQ(rows_of("1,a b,\r2,,c\r"), expected);
  EXPECT_EQ(rows_of("1,a b,\n2,,c"), expected);
  EXPECT_EQ(rows_of("\xEF\xBB\xBF"
                    "1,a b,\n2,,c\n\n\r\n"),
            expected);
  EXPECT_EQ(rows_of(""), Rows{});
  EXPECT_EQ(rows_of("\n\n"), Rows{});
  EXPECT_EQ(rows_of(","), (Rows{{"", ""}}));
  EXPECT_EQ(rows_of(" "), (Rows{{" "}}));
}

TEST(CsvTest, Quotes) {
  EXPECT_EQ(rows_of("\"a,b\",\"c \"\"d\"\"\",\"\"\n"), (Rows{{"a,b", "c \"d\"", ""}}));
  EXPECT_EQ(rows_of("\"two\nlines\",x\r\n\"a\r\nb\"\n"), (Rows{{"two\nlines", "x"}, {"a\r\nb"}}));
  EXPECT_EQ(rows_of("\"\"\"\""), (Rows{{"\""}}));
  EXPECT_EQ(rows_of("\"\"\n1"), (Rows{{""}, {"1"}}));
}

TEST(CsvTest, PositionsCountLinesOfEveryKindAndBytes) {
  DataProblems problems;
  const std::string bytes =
      "\xEF\xBB\xBF"
      "é,\"x\r\ny\",b\rc,d";
  CsvReader reader("f", bytes, problems);
  std::vector<CsvField> record;
  ASSERT_TRUE(reader.next(record));
  EXPECT_EQ(record[1].line, 1);
  EXPECT_EQ(record[1].column, 4);
  EXPECT_EQ(record[2].line, 2);
  EXPECT_EQ(record[2].column, 4);
  ASSERT_TRUE(reader.next(record));
  EXPECT_EQ(record[1].line, 3);
  EXPECT_EQ(record[1].column, 3);
  EXPECT_FALSE(reader.next(record));
}

struct BadCsv {
  std::string bytes, errors;
};
class CsvTestBad : public testing::TestWithParam<BadCsv> {};

TEST_P(CsvTestBad, IsRefusedWithItsPlace) {
  EXPECT_EQ(error_of([] { rows_of(GetParam().bytes); }), "2: " + GetParam().errors);
}

const std::string kNul = std::string("a,b") + '\0' + "c\n";

INSTANTIATE_TEST_SUITE_P(
    Corpus, CsvTestBad,
    testing::Values(
        BadCsv{"1,a\n\n2,b\n", "f:2:1: the line is blank"},
        BadCsv{"\n\n1,a\n", "f:1:1: the line is blank\nf:2:1: the line is blank"},
        BadCsv{"1,a\r\n\r\n2,b\r\n", "f:2:1: the line is blank"},
        BadCsv{"1,a\n2,\"never\nclosed\n3,c\n", "f:2:3: the quote is never closed"},
        BadCsv{"\"", "f:1:1: the quote is never closed"},
        BadCsv{"\"a\"\"", "f:1:1: the quote is never closed"},
        BadCsv{"1,\"a\"b\n",
               "f:1:6: text after the closing quote (got \"b\", expected a comma or the end of the "
               "line)"},
        BadCsv{"1,\"a\" ,c\n",
               "f:1:6: text after the closing quote (got \" \", expected a comma or the end of the "
               "line)"},
        BadCsv{"1,a\"b\" \"c\"\n",
               "f:1:4: a quote inside a field without quotes (expected \"…\"\"…\")"},
        BadCsv{"1, \"a\"\n", "f:1:4: a quote inside a field without quotes (expected \"…\"\"…\")"},
        BadCsv{kNul, "f:1:4: a NUL byte (expected text)"},
        BadCsv{"1,\xFF\n", "f:1:3: no valid UTF-8 (got \"\\xff\")"},
        BadCsv{"1,a,ignored \xC3(\n", "f:1:13: no valid UTF-8 (got \"\\xc3\")"},
        BadCsv{"1,\"x\n\xED\xA0\x80\"\n",  // a surrogate: three bytes, none of which begins a
                                           // character
               "f:2:1: no valid UTF-8 (got \"\\xed\")\nf:2:2: no valid UTF-8 (got \"\\xa0\")\n"
               "f:2:3: no valid UTF-8 (got \"\\x80\")"},
        BadCsv{"1,\xC0\xAF\n",  // an overlong slash
               "f:1:3: no valid UTF-8 (got \"\\xc0\")\nf:1:4: no valid UTF-8 (got \"\\xaf\")"},
        BadCsv{"\xFE\xFF"
               "1,a",
               "f:1:1: no valid UTF-8 (got \"\\xfe\")\nf:1:2: no valid UTF-8 (got \"\\xff\")"},
        BadCsv{"1,\xE2\x82",
               "f:1:3: no valid UTF-8 (got \"\\xe2\")\nf:1:4: no valid UTF-8 (got \"\\x82\")"},
        BadCsv{"\xEF\xBB\xBF"
               "1,\xFF\n",
               "f:1:3: no valid UTF-8 (got \"\\xff\")"},
        BadCsv{"1,\"a\"b\n\n2,\"c",
               "f:1:6: text after the closing quote (got \"b\", expected a comma or the end of the "
               "line)\n"
               "f:2:1: the line is blank\nf:3:3: the quote is never closed"}));

}  // namespace
}  // namespace nnrun
