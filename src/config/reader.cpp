#include "config/reader.h"

#include <algorithm>
#include <filesystem>

#include "base/utf8.h"
#include "config/field_reader.h"
#include "config/spelling.h"
#include "nnrun/format.h"

namespace nnrun {

ExperimentConfig Reader::experiment(const JsonValue& root) {
  ExperimentConfig config;
  object(root, config);
  return config;
}

std::optional<SweepFile> Reader::sweep(const JsonValue& root) {
  const JsonMember* found = root.find("sweep");
  if (found == nullptr || found->value.is(JsonKind::kNull)) return std::nullopt;
  SweepFile sweep;
  member(found->value, "sweep", sweep, {});
  if (!is_sound("/sweep/method")) {  // what else holds depends on it: checked is what any allows
    sweep.method = SweepMethod::kRandom;
    sweep.run_cap = sweep.run_cap.value_or(1);
  }
  std::erase_if(sweep.parameters, [&](const NamedParameter& parameter) {
    return !is_sound(join_pointer("/sweep/parameters", parameter.path));
  });
  return sweep;
}

bool Reader::is_sound(const std::string& pointer) const {
  const auto below = faults_.lower_bound(pointer + "/");
  return !faults_.contains(pointer) &&
         (below == faults_.end() || !below->starts_with(pointer + "/"));
}

template <typename C>
void Reader::object(const JsonValue& node, C& config) {
  if (!expect(node, JsonKind::kObject, "an object")) return;
  EnumSet type = kEvery;
  std::string type_name;
  if constexpr (Typed<C>) {
    const JsonMember* written = node.find("type");
    const auto known = written == nullptr || !written->value.is(JsonKind::kString)
                           ? std::nullopt
                           : value_of<decltype(config.type)>(written->value.text);
    type = known ? only(*known) : EnumSet{0};
    if (known) {
      config = defaults_of(*known);
      type_name = written->value.text;
    }
  }
  FieldReader<C> visit(*this, node, type, type_name);
  fields(visit, config);
  visit.finish();
  if constexpr (std::same_as<C, LayerConfig>) {
    config.pointer = pointer_;
    const bool is_pool = config.type == LayerType::kMaxPool2d ||
                         config.type == LayerType::kAvgPool2d ||
                         config.type == LayerType::kMaxPool1d;
    const JsonMember* stride = node.find("stride");
    const bool is_default = stride == nullptr || is_reset(stride->value);
    if (is_pool && is_default) config.stride = config.size;
  }
}

void Reader::value(const JsonValue& node, bool& out, const Rule& rule) {
  if (rule.form != Form::kSplit) {
    if (expect(node, JsonKind::kBool, "true or false")) out = node.truth;
    return;
  }
  const std::vector<std::string> choices{"test", "train"};
  if (!expect(node, JsonKind::kString, alternatives(choices))) return;
  out = node.text == choices[0];
  if (std::ranges::find(choices, node.text) == choices.end()) {
    fail(node.at, mismatch("unknown value", in_quotes(node.text), alternatives(choices)),
         nearest(node.text, choices));
  }
}

void Reader::value(const JsonValue& node, int64_t& out, const Rule& rule) {
  if (!expect(node, JsonKind::kNumber, describe(rule.range, /*integer=*/true))) return;
  const std::optional<int64_t> exact = exact_integer(node.text);
  const double value = to_double(node.text);
  const bool is_fraction = !exact && std::abs(value) < 9.2e18;
  if (is_fraction) {
    fail(node.at, mismatch("not an integer", got(node), describe(rule.range, /*integer=*/true)));
  } else if (!exact) {
    fail(node.at, mismatch("out of range", got(node), describe(rule.range, /*integer=*/true)));
  } else {
    if (check_range(node, value, rule, /*integer=*/true)) out = *exact;
  }
}

void Reader::value(const JsonValue& node, double& out, const Rule& rule) {
  if (!expect(node, JsonKind::kNumber, describe(rule.range, /*integer=*/false))) return;
  const double value = to_double(node.text);
  if (check_range(node, value, rule, /*integer=*/false)) out = value;
}

bool Reader::check_range(const JsonValue& node, double value, const Rule& rule, bool integer) {
  if (rule.range.holds(value)) return true;
  fail(node.at, mismatch("out of range", got(node), describe(rule.range, integer)));
  return false;
}

void Reader::value(const JsonValue& node, std::string& out, const Rule& rule) {
  if (rule.form == Form::kReference && node.is(JsonKind::kNull)) return;
  if (!expect(node, JsonKind::kString, "a string")) return;
  const Spelling* const spelling = spelling_of(rule.form);
  if (spelling != nullptr && !spelling->accepts(node.text)) {
    fail(node.at, mismatch("malformed name", in_quotes(node.text), spelling->expected));
    return;
  }
  out = node.text;
  if (rule.form == Form::kReference) {
    out = absolute_path(report_.sources(), node);
    if (!is_utf8(out))  // the resolved config is a JSON file
      fail(node.at, "the name of the file's folder is no UTF-8 (got " + in_quotes(out) + ")");
  }
}

void Reader::value(const JsonValue& node, FeatureImage& out, const Rule& rule) {
  if (!node.is(JsonKind::kString)) {
    value(node, out.index, rule);
    return;
  }
  const size_t hash = node.text.rfind('#');
  const std::string_view text = node.text;
  const auto record = hash == std::string::npos ? std::nullopt : parse_int(text.substr(hash + 1));
  if (!record || !rule.range.holds(static_cast<double>(*record)) ||
      !is_file_name(node.text.substr(0, hash))) {
    fail(node.at, mismatch("malformed image", in_quotes(node.text), "an index or \"FILE#RECORD\""));
    return;
  }
  out = {node.text.substr(0, hash), *record};
}

void Reader::value(const JsonValue& node, JsonValue& out, const Rule& rule) {
  if (rule.form == Form::kNumber && !expect(node, JsonKind::kNumber, "a number")) return;
  out = node;
}

void Reader::value(const JsonValue& node, std::optional<JsonValue>& out, const Rule& rule) {
  value(node, out.emplace(), rule);
}

void Reader::value(const JsonValue& node, std::optional<SweepConfig>& out, const Rule&) {
  SweepFile sweep;
  object(node, sweep);
  out.emplace();
}

void Reader::value(const JsonValue& node, std::vector<NamedParameter>& out, const Rule& rule) {
  if (!expect(node, JsonKind::kObject, "an object of parameters")) return;
  for (const JsonMember& entry : node.members) {
    if (is_reset(entry.value)) continue;
    out.push_back({entry.key, entry.key_at, entry.value.at, {}});
    member(entry.value, entry.key, out.back().file, rule);
  }
  if (out.size() < rule.min_items) fail(node.at, "no parameters (expected at least one)");
}

template <typename E>
requires std::is_enum_v<E>
void Reader::value(const JsonValue& node, E& out, const Rule& rule) {
  const std::vector<std::string> choices = names_in<E>(rule.choices);
  if (!expect(node, JsonKind::kString, alternatives(choices))) return;
  const std::optional<E> known = value_of<E>(node.text);
  if (known && contains(rule.choices, *known)) {
    out = *known;
  } else {
    fail(node.at, mismatch("unknown value", in_quotes(node.text), alternatives(choices)),
         nearest(node.text, choices));
  }
}

template <typename T>
void Reader::value(const JsonValue& node, std::optional<T>& out, const Rule& rule) {
  const bool is_word = node.is(JsonKind::kString) && !rule.word.empty();
  const bool is_none = is_word ? node.text == rule.word : node.is(JsonKind::kNull);
  if (is_none && rule.nullable && (is_word || rule.word.empty())) {
    out.reset();
  } else if (is_word) {
    fail(node.at,
         mismatch("unknown value", got(node), "\"" + std::string(rule.word) + "\" or a number"),
         nearest(node.text, {std::string(rule.word)}));
  } else {
    value(node, out.emplace(), rule);
  }
}

template <typename T>
void Reader::value(const JsonValue& node, std::vector<T>& out, const Rule& rule) {
  if (!expect(node, JsonKind::kArray, "an array")) return;
  if (node.items.size() < rule.min_items) fail(node.at, "empty list (expected at least one entry)");
  out.assign(node.items.size(), T{});
  for (size_t i = 0; i < out.size(); ++i) item(node.items[i], i, out[i], rule);
}

template <size_t N>
void Reader::value(const JsonValue& node, std::array<int64_t, N>& out, const Rule& rule) {
  const bool may_be_number = rule.form == Form::kPair || rule.form == Form::kSingle;
  if (may_be_number && (node.is(JsonKind::kNumber) || rule.form == Form::kSingle)) {
    value(node, out[0], rule);
    if (rule.form == Form::kPair) out.fill(out[0]);
    return;
  }
  const std::string expected = std::to_string(N) + " integers";
  if (!expect(node, JsonKind::kArray,
              may_be_number ? "an integer or " + expected : "an array of " + expected))
    return;
  if (node.items.size() != N) {
    const size_t count = node.items.size();
    fail(node.at, mismatch("wrong length",
                           std::to_string(count) + (count == 1 ? " entry" : " entries"), expected));
    return;
  }
  for (size_t i = 0; i < N; ++i) item(node.items[i], i, out[i], rule);
}

template <HasFields C>
void Reader::value(const JsonValue& node, C& out, const Rule&) {
  object(node, out);
}

template <typename T>
void Reader::item(const JsonValue& node, size_t index, T& out, const Rule& rule) {
  member(node, std::to_string(index), out, rule);
}

template <typename T>
void Reader::member(const JsonValue& node, const std::string& key, T& out, const Rule& rule) {
  const std::string outer = std::exchange(pointer_, join_pointer(pointer_, key));
  value(node, out, rule);
  pointer_ = outer;
}

/// Among a sweep's parameters a null is a value, unless it is all that an option says.
bool Reader::is_reset(const JsonValue& node) const {
  const Sources& sources = report_.sources();
  if (!node.is(JsonKind::kNull)) return false;
  if (pointer_.starts_with("/sweep/parameters")) return is_whole_value(sources, node.at);
  return is_laid_over(sources, node.at) || is_of_child(sources, node.at);
}

bool Reader::expect(const JsonValue& node, JsonKind kind, const std::string& expected) {
  if (node.is(kind)) return true;
  fail(node.at, mismatch("wrong type", got(node), expected));
  return false;
}

void Reader::fail(JsonPlace place, const std::string& message, const std::string& suggestion) {
  faults_.insert(pointer_);
  report_.add(place, message, suggestion);
}

}  // namespace nnrun
