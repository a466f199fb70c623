#include "report/page.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/temp_folder.h"
#include "nnrun/error.h"
#include "nnrun/files.h"

namespace nnrun {
namespace {

using Json = nlohmann::ordered_json;

TEST(PageTest, Base64HasItsCheckValues) {  // RFC 4648, section 10
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foob"), "Zm9vYg==");
  EXPECT_EQ(base64("fooba"), "Zm9vYmE=");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64("\xff\xfe\xfd"), "//79");
}

TEST(PageTest, DataCannotEndTheirElement) {
  const Json data{{"a", "</script><!-- <script>"}, {"b", "\xff"}, {"c", std::nan("")}};
  const std::string text = script_json(data);
  EXPECT_EQ(text.find('<'), std::string::npos);
  const Json back = Json::parse(text);
  EXPECT_EQ(back["a"], "</script><!-- <script>");
  EXPECT_EQ(back["b"], "\xef\xbf\xbd");  // no UTF-8
  EXPECT_TRUE(back["c"].is_null());
}

class FillTest : public testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) {
    replace_file(folder_ / name, text, Sync::kNone);
  }
  TempFolder folder_;
};

TEST_F(FillTest, EveryReferenceIsFilledIn) {
  write("page.html",
        "<title></title><link rel=\"stylesheet\" href=\"a.css\"><pre data-file=\"L\"></pre>"
        "<script type=\"application/json\" id=\"data\"></script>"
        "<script src=\"a.js\"></script><script src=\"b.js\"></script>");
  write("a.css", "body{}");
  write("L", "a < b & c");
  write("a.js", "'<script src=\"no.js\"></script>'");
  write("b.js", "2");
  EXPECT_EQ(fill_page(folder_.path(), {{"title", "<&>"}}),
            "<title>&lt;&amp;&gt;</title><style>\nbody{}</style><pre>a &lt; b &amp; c</pre>"
            "<script type=\"application/json\" id=\"data\">{\"title\":\"\\u003c&>\"}</script>"
            "<script>\n'<script src=\"no.js\"></script>'\n</script><script>\n2\n</script>");
}

TEST_F(FillTest, AMissingFileIsNamed) {
  write("page.html", "<script src=\"library.js\"></script>");
  try {
    fill_page(folder_.path(), {{"title", ""}});
    FAIL() << "no error";
  } catch (const EnvironmentError& error) {
    EXPECT_NE(std::string(error.what()).find("library.js"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace nnrun
