#include "report/page.h"

#include <array>
#include <nlohmann/json.hpp>
#include <string_view>

#include "nnrun/files.h"

namespace nnrun {
namespace {

namespace fs = std::filesystem;

/// An element of the template that stands for a file: `head NAME tail` becomes `open CONTENT
/// close`. Scripts come last, so that nothing is looked for inside the library.
struct Reference {
  std::string_view head, tail, open, close;
  bool is_text;  ///< its content is text for people, not code
};

constexpr std::array kReferences{
    Reference{"<link rel=\"stylesheet\" href=\"", "\">", "<style>\n", "</style>", false},
    Reference{"<pre data-file=\"", "\"></pre>", "<pre>", "</pre>", true},
    Reference{"<script src=\"", "\"></script>", "<script>\n", "\n</script>", false},
};

constexpr std::string_view kTitle = "<title></title>";
constexpr std::string_view kData = "<script type=\"application/json\" id=\"data\"></script>";

std::string replaced(std::string text, std::string_view from, const std::string& to) {
  const size_t at = text.find(from);
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

std::string with_content(const std::string& page, const Reference& reference,
                         const fs::path& assets) {
  std::string result;
  size_t done = 0;
  for (size_t at; (at = page.find(reference.head, done)) != std::string::npos;) {
    const size_t begin = at + reference.head.size(), end = page.find(reference.tail, begin);
    const std::string content = read_file(assets / page.substr(begin, end - begin));
    result += page.substr(done, at - done);
    result += reference.open;
    result += reference.is_text ? html_text(content) : content;
    result += reference.close;
    done = end + reference.tail.size();
  }
  return result + page.substr(done);
}

}  // namespace

std::string base64(std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t group = 0;
    for (size_t j = i; j < i + 3; ++j) {
      group = group << 8 | (j < bytes.size() ? static_cast<unsigned char>(bytes[j]) : 0U);
    }
    for (int shift = 18; shift >= 0; shift -= 6) text += kDigits[group >> shift & 63];
  }
  for (size_t i = 0; i < (3 - bytes.size() % 3) % 3; ++i) text[text.size() - 1 - i] = '=';
  return text;
}

std::string html_text(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '<')
      result += "&lt;";
    else if (c == '>')
      result += "&gt;";
    else if (c == '&')
      result += "&amp;";
    else
      result += c;
  }
  return result;
}

std::string script_json(const nlohmann::ordered_json& data) {
  std::string result;
  for (const char c :
       data.dump(-1, ' ', /*ensure_ascii=*/false, nlohmann::json::error_handler_t::replace)) {
    if (c == '<')
      result += "\\u003c";  // only strings hold one
    else
      result += c;
  }
  return result;
}

std::string fill_page(const fs::path& assets, const nlohmann::ordered_json& data) {
  std::string page = read_file(assets / "page.html");
  page = replaced(page, kTitle,
                  "<title>" + html_text(data.at("title").get<std::string>()) + "</title>");
  const std::string open(kData.substr(0, kData.find('>') + 1));
  page = replaced(page, kData, open + script_json(data) + "</script>");
  for (const Reference& reference : kReferences) page = with_content(page, reference, assets);
  return page;
}

}  // namespace nnrun
