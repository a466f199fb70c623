#include "base/json.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "nnrun/format.h"

namespace nnrun {
namespace {

/// A decimal number as sign, digits without zeros at either end, and power of ten.
struct Decimal {
  bool negative = false;
  std::string digits;  // "" for zero
  int64_t exponent = 0;
};

int64_t saturated_exponent(std::string_view text) {
  constexpr int64_t kHuge = std::numeric_limits<int32_t>::max();
  if (text.starts_with('+')) text.remove_prefix(1);
  const std::optional<int64_t> value = parse_int(text);
  if (!value) return text.starts_with('-') ? -kHuge : kHuge;
  return std::clamp(*value, -kHuge, kHuge);
}

Decimal parse_decimal(std::string_view text) {
  Decimal result;
  const size_t letter = text.find_first_of("eE");
  if (letter != std::string_view::npos) {
    result.exponent = saturated_exponent(text.substr(letter + 1));
    text = text.substr(0, letter);
  }
  result.negative = text.starts_with('-');
  const size_t point = text.find('.');
  if (point != std::string_view::npos) {
    result.exponent -= static_cast<int64_t>(text.size() - point - 1);
  }
  for (const char byte : text) {
    const bool leading_zero = byte == '0' && result.digits.empty();
    if (byte >= '0' && byte <= '9' && !leading_zero) result.digits += byte;
  }
  while (result.digits.ends_with('0')) {
    result.digits.pop_back();
    ++result.exponent;
  }
  return result.digits.empty() ? Decimal{} : result;
}

using Tokens = std::vector<std::string>;

/// The last child that begins at or before `place`; children stand in order of their places.
template <typename Child, typename PlaceOf>
const Child* last_before(const std::vector<Child>& children, JsonPlace place, PlaceOf place_of) {
  const auto after =
      std::upper_bound(children.begin(), children.end(), place,
                       [&](JsonPlace at, const Child& child) { return at < place_of(child); });
  return after == children.begin() ? nullptr : &*(after - 1);
}

std::string canonical_number(std::string_view text) {
  const Decimal decimal = parse_decimal(text);
  return (decimal.negative ? "-" : "") + decimal.digits + "e" + std::to_string(decimal.exponent);
}

/// Writes compact JSON, numbers spelled by `number`.
template <typename Number>
void write_text(const JsonValue& value, std::string& out, Number number) {
  const char* separator = "";
  switch (value.kind) {
    case JsonKind::kNull:
      out += "null";
      break;
    case JsonKind::kBool:
      out += value.truth ? "true" : "false";
      break;
    case JsonKind::kNumber:
      out += number(value.text);
      break;
    case JsonKind::kString:
      out += nlohmann::json(value.text).dump();
      break;
    case JsonKind::kArray:
      out += '[';
      for (const JsonValue& item : value.items) {
        out += std::exchange(separator, ",");
        write_text(item, out, number);
      }
      out += ']';
      break;
    case JsonKind::kObject:
      out += '{';
      for (const JsonMember& member : value.members) {
        out += std::exchange(separator, ",") + nlohmann::json(member.key).dump() + ":";
        write_text(member.value, out, number);
      }
      out += '}';
  }
}

void sort_keys(JsonValue& value) {
  std::ranges::sort(value.members, {}, &JsonMember::key);
  for (JsonMember& member : value.members) sort_keys(member.value);
  for (JsonValue& item : value.items) sort_keys(item);
}

}  // namespace

const JsonMember* JsonValue::find(std::string_view key) const {
  const auto found = std::ranges::find(members, key, &JsonMember::key);
  return found == members.end() ? nullptr : &*found;
}

JsonMember* JsonValue::find(std::string_view key) {
  return const_cast<JsonMember*>(std::as_const(*this).find(key));
}

void JsonValue::erase(std::string_view key) {
  std::erase_if(members, [&](const JsonMember& member) { return member.key == key; });
}

std::string join_pointer(const std::string& pointer, std::string_view token) {
  std::string result = pointer + "/";
  for (const char byte : token) {
    if (byte == '~') {
      result += "~0";
    } else if (byte == '/') {
      result += "~1";
    } else {
      result += byte;
    }
  }
  return result;
}

std::vector<std::string> split_pointer(std::string_view pointer) {
  Tokens tokens;
  for (size_t i = 0; i < pointer.size(); ++i) {
    if (pointer[i] == '/') {
      tokens.emplace_back();
    } else if (pointer[i] == '~' && i + 1 < pointer.size()) {
      tokens.back() += pointer[++i] == '0' ? '~' : '/';
    } else {
      tokens.back() += pointer[i];
    }
  }
  return tokens;
}

const JsonValue* find_value(const JsonValue& root, std::string_view pointer) {
  const JsonValue* value = &root;
  for (const std::string& token : split_pointer(pointer)) {
    if (value->is(JsonKind::kArray)) {
      const std::optional<int64_t> index = parse_int(token);
      if (!index || *index < 0 || *index >= std::ssize(value->items)) return nullptr;
      value = &value->items[static_cast<size_t>(*index)];
    } else {
      const JsonMember* member = value->find(token);
      if (member == nullptr) return nullptr;
      value = &member->value;
    }
  }
  return value;
}

std::string pointer_at(const JsonValue& root, JsonPlace place) {
  std::string pointer;
  for (const JsonValue* value = &root; value->at != place;) {
    if (value->is(JsonKind::kArray)) {
      const JsonValue* item =
          last_before(value->items, place, [](const JsonValue& v) { return v.at; });
      if (item == nullptr) break;
      pointer = join_pointer(pointer, std::to_string(item - value->items.data()));
      value = item;
    } else {
      const JsonMember* member =
          last_before(value->members, place, [](const JsonMember& m) { return m.key_at; });
      if (member == nullptr) break;
      pointer = join_pointer(pointer, member->key);
      if (member->key_at == place) break;
      value = &member->value;
    }
  }
  return pointer;
}

std::optional<int64_t> exact_integer(std::string_view number) {
  constexpr int64_t kMostDigits = 19;
  Decimal decimal = parse_decimal(number);
  if (decimal.digits.empty()) return 0;
  if (decimal.exponent < 0 || std::ssize(decimal.digits) + decimal.exponent > kMostDigits)
    return std::nullopt;
  decimal.digits.append(static_cast<size_t>(decimal.exponent), '0');
  return parse_int((decimal.negative ? "-" : "") + decimal.digits);
}

double to_double(std::string_view number) {
  double value = 0;
  const auto result = std::from_chars(number.data(), number.data() + number.size(), value);
  if (result.ec != std::errc::result_out_of_range) return value;
  const Decimal decimal = parse_decimal(number);
  const double magnitude = std::ssize(decimal.digits) + decimal.exponent > 0
                               ? std::numeric_limits<double>::infinity()
                               : 0.0;
  return decimal.negative ? -magnitude : magnitude;
}

std::string json_text(const JsonValue& value) {
  std::string text;
  write_text(value, text, [](const std::string& number) { return number; });
  return text;
}

std::string canonical_json(const JsonValue& value) {
  JsonValue sorted = value;
  sort_keys(sorted);
  std::string text;
  write_text(sorted, text, canonical_number);
  return text;
}

}  // namespace nnrun
