#pragma once

#include <set>
#include <string>
#include <vector>

#include "config/defaults.h"
#include "config/fields.h"
#include "config/source.h"
#include "config/sweep_fields.h"

/// Merged JSON -> config structs, strictly: every problem is reported, none is repaired.
namespace nnrun {

class Reader {
 public:
  explicit Reader(Report& report) : report_(report) {}

  /// The whole experiment; of its sweep only that it is there.
  ExperimentConfig experiment(const JsonValue& root);

  /// The sweep as written.
  std::optional<SweepFile> sweep(const JsonValue& root);

  /// No problem was found at or below this pointer of the merged config.
  bool is_sound(const std::string& pointer) const;

  /// What is written there was taken over, its parts aside.
  bool is_read(const std::string& pointer) const { return !faults_.contains(pointer); }

 private:
  template <typename C>
  friend class FieldReader;

  template <typename C>
  void object(const JsonValue& node, C& config);

  // One overload per C++ type of a member.
  void value(const JsonValue& node, bool& out, const Rule& rule);
  void value(const JsonValue& node, int64_t& out, const Rule& rule);
  void value(const JsonValue& node, double& out, const Rule& rule);
  void value(const JsonValue& node, std::string& out, const Rule& rule);
  void value(const JsonValue& node, FeatureImage& out, const Rule& rule);
  void value(const JsonValue& node, JsonValue& out, const Rule& rule);
  void value(const JsonValue& node, std::optional<JsonValue>& out, const Rule& rule);
  void value(const JsonValue& node, std::optional<SweepConfig>& out, const Rule& rule);
  void value(const JsonValue& node, std::vector<NamedParameter>& out, const Rule& rule);
  template <typename E>
  requires std::is_enum_v<E>
  void value(const JsonValue& node, E& out, const Rule& rule);
  template <typename T>
  void value(const JsonValue& node, std::optional<T>& out, const Rule& rule);
  template <typename T>
  void value(const JsonValue& node, std::vector<T>& out, const Rule& rule);
  template <size_t N>
  void value(const JsonValue& node, std::array<int64_t, N>& out, const Rule& rule);
  template <HasFields C>
  void value(const JsonValue& node, C& out, const Rule& rule);

  template <typename T>
  void item(const JsonValue& node, size_t index, T& out, const Rule& rule);
  template <typename T>
  void member(const JsonValue& node, const std::string& key, T& out, const Rule& rule);

  /// A null from `--set`, a sweep or a child file that asks for the default.
  bool is_reset(const JsonValue& node) const;
  bool expect(const JsonValue& node, JsonKind kind, const std::string& expected);
  bool check_range(const JsonValue& node, double value, const Rule& rule, bool integer);
  void fail(JsonPlace place, const std::string& message, const std::string& suggestion = "");

  Report& report_;
  std::string pointer_;           // in the merged config
  std::set<std::string> faults_;  // merged pointers
};

}  // namespace nnrun
