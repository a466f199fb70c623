#include <limits>

#include "nnrun/store.h"
#include "store/json_text.h"
#include "store/seal.h"

namespace nnrun {
namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

/// The four metrics; JSON has no NaN, so what is not finite becomes null.
OrderedJson metrics_json(const std::optional<EpochRecord>& record) {
  if (!record) return nullptr;
  return {{"accuracy", record->accuracy},
          {"loss", record->loss},
          {"val_accuracy", record->val_accuracy},
          {"val_loss", record->val_loss}};
}

OrderedJson text_or_null(const std::string& text) {
  return text.empty() ? OrderedJson() : OrderedJson(text);
}

std::string text_of(const Json& json) { return json.is_null() ? "" : json.get<std::string>(); }

double number_of(const Json& json) {
  return json.is_null() ? std::numeric_limits<double>::quiet_NaN() : json.get<double>();
}

std::optional<EpochRecord> record_of(const Json& json, int64_t epoch) {
  if (json.is_null()) return std::nullopt;
  return EpochRecord{epoch, number_of(json.at("accuracy")), number_of(json.at("loss")),
                     number_of(json.at("val_accuracy")), number_of(json.at("val_loss"))};
}

Summary summary_of(const Json& json) {
  Summary summary;
  summary.status = json.at("status").get<std::string>();
  summary.epochs = json.at("epochs").get<int64_t>();
  summary.last = record_of(json.at("last"), summary.epochs - 1);
  const Json& best_epoch = json.at("best_epoch");
  summary.best = record_of(json.at("best"), best_epoch.is_null() ? -1 : best_epoch.get<int64_t>());
  if (json.contains("test")) {
    summary.test.emplace();
    summary.test->val_accuracy = number_of(json.at("test").at("accuracy"));
    summary.test->val_loss = number_of(json.at("test").at("loss"));
  }
  summary.parameters = json.at("parameters").get<int64_t>();
  summary.seconds = number_of(json.at("seconds"));
  summary.seed = json.at("seed").get<int64_t>();
  summary.device = text_of(json.at("device"));
  summary.weights_sha256 = text_of(json.at("weights_sha256"));
  summary.exact = json.at("exact").get<bool>();
  if (json.contains("error")) summary.error = json.at("error").get<std::string>();
  return summary;
}

}  // namespace

std::string to_json(const Summary& summary) {
  OrderedJson json{{"status", summary.status},
                   {"epochs", summary.epochs},
                   {"last", metrics_json(summary.last)},
                   {"best", metrics_json(summary.best)},
                   {"best_epoch", summary.best ? OrderedJson(summary.best->epoch) : OrderedJson()}};
  if (summary.test) {
    json["test"] = {{"accuracy", summary.test->val_accuracy}, {"loss", summary.test->val_loss}};
  }
  json["parameters"] = summary.parameters;
  json["seconds"] = summary.seconds;
  json["seed"] = summary.seed;
  json["device"] = text_or_null(summary.device);
  json["weights_sha256"] = text_or_null(summary.weights_sha256);
  json["exact"] = summary.exact;
  if (!summary.error.empty()) json["error"] = summary.error;
  return sealed_json(json);
}

Summary parse_summary(const std::string& text, const std::string& file) {
  return read_json(text, file, summary_of);
}

}  // namespace nnrun
