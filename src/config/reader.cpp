#include "config/reader.h"

#include <algorithm>
#include <filesystem>

#include "base/utf8.h"
#include "nnrun/format.h"

namespace nnrun {
namespace {

bool is_letter(char byte) { return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z'); }
bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }

/// [A-Za-z_][A-Za-z0-9_-]*
bool is_layer_name(const std::string& text) {
  const auto follows = [](char byte) {
    return is_letter(byte) || is_digit(byte) || byte == '_' || byte == '-';
  };
  return !text.empty() && (is_letter(text[0]) || text[0] == '_') &&
         std::ranges::all_of(text, follows);
}

/// [A-Za-z0-9][A-Za-z0-9._-]{0,63}
bool is_run_name(const std::string& text) {
  constexpr size_t kLongest = 64;
  const auto follows = [](char byte) {
    return is_letter(byte) || is_digit(byte) || byte == '_' || byte == '-' || byte == '.';
  };
  return !text.empty() && text.size() <= kLongest && (is_letter(text[0]) || is_digit(text[0])) &&
         std::ranges::all_of(text, follows);
}

bool is_file_name(const std::string& text) {
  return !text.empty() && text.find('\0') == std::string::npos;
}

/// Spelling rules of strings: form, test, what is expected.
struct Spelling {
  Form form;
  bool (*accepts)(const std::string&);
  const char* expected;
};
constexpr Spelling kSpellings[] = {
    {Form::kName, is_run_name,
     "letters, digits, \".\", \"_\" and \"-\", at most 64, a letter or digit first"},
    {Form::kLayerName, is_layer_name, "letters, digits, \"_\" and \"-\", a letter or \"_\" first"},
    {Form::kFile, is_file_name, "the name of a file or folder"},
    {Form::kReference, is_file_name, "the name of a file, or null"},
};

/// Visitor: pointers of the keys that a section must have when the section itself is missing.
struct RequiredKeys {
  std::vector<std::string> keys;

  template <typename M>
  void operator()(std::string_view key, const M&, const Rule& rule) {
    if (rule.required && rule.types == kEvery) keys.emplace_back(key);
  }
  void ignored(std::string_view, std::string_view) {}
};

template <typename M>
std::vector<std::string> required_keys() {
  RequiredKeys required;
  if constexpr (HasFields<M>) {
    M section;
    fields(required, section);
  }
  return required.keys;
}

}  // namespace

/// Visitor over one object: reads the keys that are there, then reports those that are too many or
/// too few.
template <typename C>
class FieldReader {
 public:
  /// `type`: the object's type as a set of one; empty when it has none that is known.
  FieldReader(Reader& reader, const JsonValue& node, EnumSet type, std::string type_name)
      : reader_(reader), node_(node), type_(type), type_name_(std::move(type_name)) {}

  template <typename M>
  void operator()(std::string_view key, M& member, const Rule& rule) {
    const bool applies = rule.types == kEvery || (rule.types & type_) != 0;
    if (!applies) {
      others_.emplace_back(key);
      return;
    }
    known_.emplace_back(key);
    const JsonMember* found = node_.find(key);
    const bool is_reset = found != nullptr && is_reset_to_default(found->value);
    if (found != nullptr && !is_reset) {
      reader_.member(found->value, found->key, member, rule);
      return;
    }
    const JsonPlace place = is_reset ? found->value.at : node_.at;
    if (rule.required) missing_.push_back({known_.back(), {}, place, is_reset});
    for (const std::string& inner : required_keys<M>())
      missing_.push_back({known_.back(), inner, place, is_reset});
  }

  void ignored(std::string_view key, std::string_view) { known_.emplace_back(key); }

  void finish() {
    if constexpr (std::same_as<C, ExperimentConfig>) known_.insert(known_.begin(), "extends");
    for (const JsonMember& member : node_.members) {
      const bool is_known = std::ranges::find(known_, member.key) != known_.end();
      const bool may_be_known =
          type_ == 0 && std::ranges::find(others_, member.key) != others_.end();
      if (!is_known && !may_be_known) unknown(member);
    }
    for (const Missing& missing : missing_) report_missing(missing);
  }

 private:
  struct Missing {
    std::string key, inner;  // inner: of a missing section
    JsonPlace place;
    bool is_reset;  // by null in --set
  };

  /// A null from `--set` or from a sweep; in the sweep's own section null is a value.
  bool is_reset_to_default(const JsonValue& value) const {
    return value.is(JsonKind::kNull) && restores_default(reader_.report_.sources(), value.at) &&
           !reader_.pointer_.starts_with("/sweep/parameters/");
  }

  void unknown(const JsonMember& member) {
    const bool has_type = type_ != 0;  // else the other types' keys may be meant
    std::vector<std::string> candidates = known_;
    if (!has_type) candidates.insert(candidates.end(), others_.begin(), others_.end());
    const std::string near = nearest(member.key, candidates);
    // A typo of a required key is one problem, not two.
    std::erase_if(missing_, [&](const Missing& missing) { return missing.key == near; });
    const std::string what = type_name_.empty() ? "unknown key" : "unknown key of " + type_name_;
    const bool lists_keys = near.empty() && has_type;
    reader_.fail(member.key_at,
                 lists_keys ? mismatch(what, in_quotes(member.key), alternatives(known_))
                            : what + " (got " + in_quotes(member.key) + ")",
                 key_suggestion(reader_.report_.sources(), member.key_at, member.key, near));
  }

  void report_missing(const Missing& missing) {
    std::vector<std::string> keys{missing.key};
    if (!missing.inner.empty()) keys.push_back(missing.inner);
    reader_.faults_.insert(join_pointer(reader_.pointer_, missing.key));
    if (missing.is_reset) {
      Problem problem = problem_of(reader_.report_.sources(), missing.place);
      if (!missing.inner.empty()) problem.pointer = join_pointer(problem.pointer, missing.inner);
      problem.message = "missing key \"" + keys.back() + "\" (it has no default)";
      reader_.report_.add(missing.place, problem);
    } else {
      reader_.report_.add_missing(missing.place, keys);
    }
  }

  Reader& reader_;
  const JsonValue& node_;
  EnumSet type_;
  std::string type_name_;
  std::vector<std::string> known_, others_;
  std::vector<Missing> missing_;
};

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
    if (is_pool && node.find("stride") == nullptr) config.stride = config.size;
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
  const auto spelling = std::ranges::find(kSpellings, rule.form, &Spelling::form);
  if (spelling != std::end(kSpellings) && !spelling->accepts(node.text)) {
    fail(node.at, mismatch("malformed name", in_quotes(node.text), spelling->expected));
    return;
  }
  out = node.text;
  if (rule.form == Form::kReference) {
    const Source& source = report_.sources()[static_cast<size_t>(node.at.source)];
    out = (source.folder / node.text).lexically_normal().string();
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
  if (node.members.size() < rule.min_items) fail(node.at, "no parameters (expected at least one)");
  for (const JsonMember& entry : node.members) {
    out.push_back({entry.key, entry.key_at, entry.value.at, {}});
    member(entry.value, entry.key, out.back().file, rule);
  }
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
