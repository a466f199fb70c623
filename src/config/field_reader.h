#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/path.h"
#include "config/reader.h"
#include "config/swept_pointer.h"

namespace nnrun {

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
    const bool is_reset = found != nullptr && reader_.is_reset(found->value);
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

  void unknown(const JsonMember& member) {
    const bool has_type = type_ != 0;  // else the other types' keys may be meant
    std::vector<std::string> candidates = known_;
    if (!has_type) candidates.insert(candidates.end(), others_.begin(), others_.end());
    const std::string near = nearest(member.key, candidates);
    if (!near.empty()) mark_faulty({near, "", {}, false});
    // A typo of a required key is one problem, not two.
    std::erase_if(missing_, [&](const Missing& missing) {
      if (missing.key == near) mark_faulty(missing);
      return missing.key == near;
    });
    const std::string what = type_name_.empty() ? "unknown key" : "unknown key of " + type_name_;
    const bool lists_keys = near.empty() && has_type;
    reader_.fail(member.key_at,
                 lists_keys ? mismatch(what, in_quotes(member.key), alternatives(known_))
                            : what + " (got " + in_quotes(member.key) + ")",
                 key_suggestion(reader_.report_.sources(), member.key_at, member.key, near));
  }

  /// What is not there has no value that another rule could be held against.
  void mark_faulty(const Missing& missing) {
    const std::string pointer = join_pointer(reader_.pointer_, missing.key);
    reader_.faults_.insert(pointer);
    if (!missing.inner.empty()) reader_.faults_.insert(join_pointer(pointer, missing.inner));
  }

  /// Whether the object at this pointer of the file came into being since a swept path leads into
  /// it.
  bool is_made_by_axis(const std::string& pointer) const {
    return is_swept_path(pointer) && !reader_.pointer_.starts_with("/sweep");
  }

  void report_missing(const Missing& missing) {
    std::vector<std::string> keys{missing.key};
    if (!missing.inner.empty()) keys.push_back(missing.inner);
    mark_faulty(missing);
    Problem problem = problem_of(reader_.report_.sources(), missing.place);
    if (missing.is_reset) {
      if (!missing.inner.empty()) problem.pointer = join_pointer(problem.pointer, missing.inner);
      problem.message = "missing key \"" + keys.back() + "\" (it has no default)";
    } else {
      if (is_made_by_axis(problem.pointer)) problem.pointer = reader_.pointer_;
      for (const std::string& key : keys) problem.pointer = join_pointer(problem.pointer, key);
      problem.message = "missing key \"" + join_path(keys) + "\"";
    }
    reader_.report_.add(missing.place, problem);
  }

  Reader& reader_;
  const JsonValue& node_;
  EnumSet type_;
  std::string type_name_;
  std::vector<std::string> known_, others_;
  std::vector<Missing> missing_;
};

}  // namespace nnrun
