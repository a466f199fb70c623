#include "config/check.h"

#include <algorithm>
#include <map>

#include "config/picture_names.h"
#include "config/saturating.h"
#include "config/tree.h"
#include "nnrun/plan.h"

namespace nnrun {
namespace {

using Layers = std::vector<LayerConfig>;

class Rules {
 public:
  Rules(const ExperimentConfig& config, const JsonValue& root, const Reader& reader, Report& report)
      : config_(config), root_(root), reader_(reader), report_(report) {}

  void check() {
    one_clip();
    text_columns();
    special_entries();
    subwords();
    normalization();
    data_size();
    unique_names(config_.model.layers);
    feature_layers();
    feature_images();
    seeds();
    if (report_.size() > 0) model();
  }

 private:
  void fail(const std::string& pointer, const std::string& message,
            const std::string& suggestion = "") {
    JsonPlace place;
    Problem problem = locate_pointer(report_.sources(), root_, pointer, &place);
    problem.message = message;
    problem.suggestion = suggestion;
    report_.add(place, problem);
  }

  void one_clip() {
    const std::pair<const char*, const std::optional<double>*> clips[] = {
        {"clip_value", &config_.optimizer.clip_value},
        {"clip_norm", &config_.optimizer.clip_norm},
        {"global_clip_norm", &config_.optimizer.global_clip_norm}};
    std::string first;
    for (const auto& [key, value] : clips) {
      if (!*value) continue;
      if (first.empty()) {
        first = key;
      } else {
        fail("/optimizer/" + std::string(key), "a second clip (got " + in_quotes(key) + " beside " +
                                                   in_quotes(first) + ", expected at most one)");
      }
    }
  }

  void text_columns() {
    const DataConfig& data = config_.data;
    if (data.type != DataType::kTextCsv || !reader_.is_sound("/data")) return;
    if (data.label_column == data.text_column) {
      fail(root_.find("data")->value.find("text_column") != nullptr ? "/data/text_column"
                                                                    : "/data/label_column",
           "label_column and text_column are the same (got " + std::to_string(data.text_column) +
               ", expected two columns)");
    }
  }

  /// The dictionary's special entries count, too: of words pad, unknown and end.
  void special_entries() {
    const DataConfig& data = config_.data;
    constexpr int64_t kWordSpecials = 3;
    if (data.type != DataType::kTextCsv || data.unit != TextUnit::kWord || !data.max_vocabulary ||
        *data.max_vocabulary >= kWordSpecials || !reader_.is_sound("/data"))
      return;
    fail("/data/max_vocabulary",
         mismatch("no room for the special entries", std::to_string(*data.max_vocabulary),
                  "at least " + std::to_string(kWordSpecials)));
  }

  void subwords() {
    const DataConfig& data = config_.data;
    const bool starts_with_bag =
        !config_.model.layers.empty() && config_.model.layers[0].type == LayerType::kEmbeddingBag;
    if (!reader_.is_sound("/data") || !reader_.is_sound("/model/layers")) return;
    if (data.char_ngrams && (*data.char_ngrams)[0] > (*data.char_ngrams)[1]) {
      fail("/data/char_ngrams", "min above max (got [" + std::to_string((*data.char_ngrams)[0]) +
                                    ", " + std::to_string((*data.char_ngrams)[1]) +
                                    "], expected [min, max])");
    }
    const bool has_ngrams = data.ngrams > 1 || data.char_ngrams;
    ngrams_fit_ = starts_with_bag || !has_ngrams;
    constexpr const char* kMessage = "hashed n-grams need \"embedding_bag\" as the first layer";
    if (!ngrams_fit_ && data.ngrams > 1) fail("/data/ngrams", kMessage);
    if (!ngrams_fit_ && data.char_ngrams) fail("/data/char_ngrams", kMessage);
  }

  void normalization() {
    if (!config_.data.normalize || !reader_.is_sound("/data")) return;
    const auto channels = static_cast<size_t>(
        config_.data.type == DataType::kSyntheticImages ? config_.data.shape[0] : 3);
    const Normalize& normalize = *config_.data.normalize;
    for (const auto& [key, values] :
         {std::pair{"mean", &normalize.mean}, std::pair{"std", &normalize.std}}) {
      if (values->size() == channels) continue;
      fail("/data/normalize/" + std::string(key),
           mismatch("wrong length", std::to_string(values->size()),
                    std::to_string(channels) + ", one per channel"));
    }
  }

  /// As far as the config tells it: of made-up data all, of an image folder one picture.
  void data_size() {
    if (!reader_.is_sound("/data")) return;
    const DataConfig& data = config_.data;
    const int64_t examples = data.train + data.test;
    const int64_t pixels = saturating_product(data.shape);
    switch (data.type) {
      case DataType::kSyntheticImages:  // bytes, and a pattern of doubles per class
        return limit_bytes(saturating_plus(saturating_times(examples, pixels),
                                           saturating_times(data.classes * 8, pixels)),
                           {"shape", "train", "test", "classes"});
      case DataType::kSyntheticText:  // ids of 4 bytes
        return limit_bytes(saturating_times(examples, data.max_length * 4),
                           {"max_length", "train", "test"});
      case DataType::kImageFolder:
        return limit_bytes(saturating_times(3, saturating_product(data.size)), {"size"});
      default:
        return;
    }
  }

  /// `keys`: those that make the data large; the first that is written is to blame.
  void limit_bytes(int64_t bytes, const std::vector<std::string_view>& keys) {
    constexpr int64_t kMost = int64_t{1} << 40;
    data_fit_ = bytes <= kMost;
    if (data_fit_) return;
    const JsonValue& data = root_.find("data")->value;
    const auto written =
        std::ranges::find_if(keys, [&](std::string_view key) { return data.find(key) != nullptr; });
    fail("/data" + (written == keys.end() ? "" : "/" + std::string(*written)),
         mismatch("the data exceed 2^40 bytes", std::to_string(bytes),
                  "at most " + std::to_string(kMost)));
  }

  void unique_names(const Layers& layers) {
    for (const LayerConfig& layer : layers) {
      const std::string pointer = layer.pointer + "/name";
      if (!layer.name.empty() && !names_.emplace(layer.name, pointer).second)
        duplicate_name(layer.name, pointer, names_[layer.name]);
      unique_names(layer.layers);
    }
  }

  /// Told at the second layer, unless the first was given the name by an option or a sweep.
  void duplicate_name(const std::string& name, const std::string& second,
                      const std::string& first) {
    JsonPlace at_first, at_second;
    const Problem one = locate_pointer(report_.sources(), root_, first, &at_first);
    const Problem other = locate_pointer(report_.sources(), root_, second, &at_second);
    const bool first_is_new =
        is_laid_over(report_.sources(), at_first) && !is_laid_over(report_.sources(), at_second);
    fail(first_is_new ? first : second,
         "duplicate layer name " + in_quotes(name) +
             (first_is_new ? " (also at " + other.pointer : " (first at " + one.pointer) + ")");
  }

  void feature_layers() {
    if (!config_.feature_maps || !reader_.is_sound("/model/layers")) return;
    const bool is_object = root_.find("feature_maps")->value.is(JsonKind::kObject);
    if (!is_object || !reader_.is_read("/feature_maps/layers"))
      return;  // the defaults do not count
    std::vector<std::string> known;
    for (const auto& [name, pointer] : names_) known.push_back(name);
    const std::vector<std::string>& layers = config_.feature_maps->layers;
    for (size_t i = 0; i < layers.size(); ++i) {
      const std::string pointer = "/feature_maps/layers/" + std::to_string(i);
      if (reader_.is_sound("/data") && is_called_like_input(config_.data, layers[i]))
        fail(pointer, "its maps would be called like the pictures of the images (got " +
                          in_quotes(layers[i]) + ", expected a layer of another name)");
      if (layers[i].empty() || names_.contains(layers[i])) continue;
      fail(pointer, mismatch("no such layer", in_quotes(layers[i]), alternatives(known)),
           nearest(layers[i], known));
    }
  }

  void feature_images() {
    if (!config_.feature_maps || config_.data.type == DataType::kCifar10 ||
        !reader_.is_sound("/data"))
      return;
    const std::vector<FeatureImage>& images = config_.feature_maps->images;
    for (size_t i = 0; i < images.size(); ++i) {
      if (images[i].file.empty()) continue;
      fail("/feature_maps/images/" + std::to_string(i),
           mismatch("records exist in cifar10 files only",
                    in_quotes(std::string(name_of(config_.data.type))), "an index into the split"));
    }
  }

  void seeds() {
    const int64_t room = std::numeric_limits<int64_t>::max() - config_.seed;
    if (config_.repeats - 1 > room)
      fail("/seed", "seed + repeats - 1 is above 9223372036854775807");
  }

  /// Shapes are the plan's business; here only so that they are told together with other problems.
  void model() {
    if (!reader_.is_sound("/data") || !reader_.is_sound("/model") || !ngrams_fit_ || !data_fit_)
      return;
    plan_model(
        config_.model, input_from_config(config_.data),
        [&](const std::string& pointer, const std::string& message) { fail(pointer, message); });
  }

  const ExperimentConfig& config_;
  const JsonValue& root_;
  const Reader& reader_;
  Report& report_;
  bool ngrams_fit_ = true, data_fit_ = true;
  std::map<std::string, std::string> names_;  // layer -> pointer of its name
};

}  // namespace

void check_rules(const ExperimentConfig& config, const JsonValue& root, const Reader& reader,
                 Report& report) {
  Rules(config, root, reader, report).check();
}

}  // namespace nnrun
