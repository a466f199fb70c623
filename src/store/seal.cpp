#include "store/seal.h"

#include "nnrun/files.h"
#include "store/damaged.h"
#include "store/json_text.h"

namespace nnrun {
namespace {

const std::string kZeros(kSealDigits, '0');
constexpr std::string_view kMember = "\"sha256\": \"";

}  // namespace

std::string seal_of(std::string_view text, size_t at) {
  Sha256 hash;
  hash.add(text.substr(0, at));
  hash.add(kZeros);
  hash.add(text.substr(at + kSealDigits));
  return hash.hex();
}

bool seal_holds(std::string_view text, size_t at) {
  if (at > text.size() || text.size() - at < kSealDigits) return false;
  return text.substr(at, kSealDigits) == seal_of(text, at);
}

std::string sealed_json(nlohmann::ordered_json object) {
  object["sha256"] = kZeros;
  std::string text = json_text(object);
  const size_t at = text.rfind(kMember) + kMember.size();
  return text.replace(at, kSealDigits, seal_of(text, at));
}

void check_sealed_json(std::string_view text, const std::string& file) {
  const size_t member = text.rfind(kMember);
  if (member == std::string_view::npos) damaged(file, "no hash of its own (key \"sha256\")");
  if (!seal_holds(text, member + kMember.size()))
    damaged(file, "the content does not match its hash");
}

}  // namespace nnrun
