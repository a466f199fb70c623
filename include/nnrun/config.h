#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nnrun/error.h"

/// The experiment file as typed, checked, read-only values. Defaults are the member initialisers; names,
/// ranges and help texts stand once in `src/config/fields.h`.
namespace nnrun {

// ---- data ----------------------------------------------------------------------------------------

enum class DataType { kCifar10, kTextCsv, kImageFolder, kSyntheticImages, kSyntheticText };
enum class PixelOrder { kPlanar, kInterleaved };
enum class TextUnit { kChar, kWord };
enum class VocabularyFrom { kTrain, kTrainAndTest };
enum class Cleaning { kAscii, kNone };
enum class Tokenizer { kTreebank, kWhitespace };

/// Per-channel normalisation after the division by 255: (x - mean[c]) / std[c].
struct Normalize {
  std::vector<double> mean, std;
};

/// First N examples of each split; nullopt: all.
struct Limit {
  std::optional<int64_t> train, test;
};

/// One struct for all data types; which members count follows from `type` (see the field list).
struct DataConfig {
  DataType type = DataType::kCifar10;
  // cifar10
  std::string path = "cifar-10-batches-bin";  ///< relative to the data folder
  std::vector<std::string> train_files{"data_batch_1.bin"};
  std::vector<std::string> test_files{"test_batch.bin"};
  PixelOrder pixel_order = PixelOrder::kPlanar;
  // image_folder
  std::string train_dir = "train", test_dir = "test";  ///< one sub-folder per class
  std::array<int64_t, 2> size{32, 32};  ///< height, width after resizing
  // images
  std::optional<Normalize> normalize;
  std::optional<int64_t> train_per_class, test_per_class;  ///< cifar10 and image_folder
  // text_csv
  std::string train_file = "text/train_medium.csv", test_file = "text/test_medium.csv";
  int64_t label_column = 0, text_column = 1;
  int64_t classes = 0;  ///< text_csv (required), synthetic_images (10), synthetic_text (4)
  TextUnit unit = TextUnit::kChar;
  int64_t max_length = 100;
  VocabularyFrom vocabulary_from = VocabularyFrom::kTrain;
  std::optional<int64_t> max_vocabulary;
  int64_t min_count = 1;
  Cleaning cleaning = Cleaning::kAscii;
  Tokenizer tokenizer = Tokenizer::kTreebank;
  int64_t ngrams = 1;
  std::optional<std::array<int64_t, 2>> char_ngrams;
  int64_t ngram_buckets = 200000;
  // synthetic
  std::array<int64_t, 3> shape{3, 32, 32};
  int64_t train = 2000, test = 400;  ///< examples
  double noise = 0.5;
  // all
  Limit limit;
  std::optional<double> validation_fraction;
};

// ---- model ---------------------------------------------------------------------------------------

enum class LayerType {
  kConv2d, kConv1d, kMaxPool2d, kAvgPool2d, kMaxPool1d, kGlobalAvgPool, kGlobalMaxPool, kDense, kFlatten,
  kReshape, kDropout, kEmbedding, kEmbeddingBag, kOneHot, kRnn, kGru, kLstm, kBatchNorm, kLayerNorm,
  kActivation, kResidual,
};
enum class Activation { kNone, kRelu, kTanh, kSigmoid, kGelu, kSilu, kLeakyRelu, kLinear };
enum class Padding { kValid, kSame };
enum class Return { kLast, kSequence };
enum class InitScheme { kKeras, kTorch };

/// One layer as written; which members count follows from `type`. 1-d layers use element 0 of the pairs.
struct LayerConfig {
  std::string name;
  LayerType type = LayerType::kDense;
  int64_t filters = 0;
  std::array<int64_t, 2> kernel{0, 0};
  std::array<int64_t, 2> stride{1, 1};  ///< pools: the size unless given
  std::array<int64_t, 2> size{0, 0};
  Padding padding = Padding::kValid;
  Activation activation = Activation::kNone;  ///< rnn: tanh unless given
  int64_t units = 0;
  std::vector<int64_t> shape;  ///< reshape: without the batch
  double rate = 0;
  bool in_evaluation = false;
  int64_t depth = 0;
  Return returns = Return::kLast;  ///< key "return"
  bool reset_after = true;
  bool bidirectional = false;
  bool mask_padding = false;
  double momentum = 0.99;
  double epsilon = 1e-3;
  std::vector<LayerConfig> layers;  ///< residual
  std::string pointer;              ///< in the merged config, e.g. "/model/layers/3"; not a field
};

struct ModelConfig {
  InitScheme init = InitScheme::kKeras;
  std::string init_from;  ///< absolute path of a safetensors file; "" for none
  std::vector<LayerConfig> layers;
};

// ---- optimizer and training ----------------------------------------------------------------------

enum class OptimizerType { kSgd, kRmsprop, kAdam, kAdamw, kAdagrad };
enum class ScheduleType { kStep, kCosine, kOneCycle, kPlateau };
enum class Metric { kValLoss, kValAccuracy, kLoss, kAccuracy };

struct ScheduleConfig {
  ScheduleType type = ScheduleType::kStep;
  int64_t warmup_epochs = 0;
  int64_t every = 0;                  // step
  double factor = 0;                  // step, plateau
  double start = 0, final_factor = 0; // one_cycle; cosine, one_cycle (key "final")
  int64_t peak_epoch = 0;             // one_cycle
  Metric monitor = Metric::kValLoss;  // plateau
  int64_t patience = 0;               // plateau
  double min_delta = 1e-4;            // plateau
};

struct OptimizerConfig {
  OptimizerType type = OptimizerType::kSgd;
  double learning_rate = 0.01;  ///< sgd; 0.001 for the others
  double momentum = 0;          ///< sgd, rmsprop
  bool nesterov = false;
  double rho = 0.9;
  double beta_1 = 0.9, beta_2 = 0.999;
  double epsilon = 1e-7;
  double weight_decay = 0.004;
  double initial_accumulator = 0.1;
  std::optional<ScheduleConfig> schedule;
  std::optional<double> clip_value, clip_norm, global_clip_norm;  ///< at most one
};

enum class OnNonfinite { kStop, kContinue };
enum class KeepBest { kValLoss, kValAccuracy, kLoss, kAccuracy, kNone };
enum class Precision { kFloat32, kTf32, kBf16 };
enum class Kernels { kAuto, kReference };
enum class Mode { kAuto, kMin, kMax };

struct EarlyStoppingConfig {
  Metric monitor = Metric::kValLoss;
  Mode mode = Mode::kAuto;
  double min_delta = 0;
  int64_t patience = 10;
  std::optional<double> baseline;
  bool restore_best = false;
  int64_t start_from_epoch = 0;
};

struct TrainingConfig {
  int64_t epochs = 1;
  int64_t batch_size = 32;
  bool shuffle = true;
  bool drop_last = false;
  OnNonfinite on_nonfinite = OnNonfinite::kStop;
  std::optional<EarlyStoppingConfig> early_stopping;
  std::optional<int64_t> checkpoint_every;  ///< nullopt: "auto"
  KeepBest keep_best = KeepBest::kValLoss;
  Precision precision = Precision::kFloat32;
  bool deterministic = true;
  Kernels kernels = Kernels::kAuto;
};

/// An image of a split by index, or of a CIFAR file by record.
struct FeatureImage {
  std::string file;   ///< "" for an index into the split
  int64_t index = 0;  ///< index or record
};

struct FeatureMapsConfig {
  std::vector<std::string> layers{"C1", "S1", "C2", "S2"};
  std::vector<FeatureImage> images{{"", 0}, {"", 1}};
  bool test_split = true;  ///< key "split": "test" | "train"
};

struct OutputConfig {
  bool tensorboard = false;
};

// ---- sweep ---------------------------------------------------------------------------------------

enum class SweepMethod { kGrid, kRandom };
enum class Distribution { kConstant, kCategorical, kUniform, kIntUniform, kQUniform, kLogUniformValues };

/// One swept path; values are JSON texts (`90`, `"relu"`), compact.
struct SweepParameter {
  std::string path;                  ///< as written, e.g. "model.layers.C1.filters"
  std::vector<std::string> values;   ///< value, values, integers of a grid; bounds of int_uniform
  Distribution distribution = Distribution::kCategorical;
  double min = 0, max = 0, q = 1;
};

struct HyperbandConfig {
  int64_t min_iter = 1;
  int64_t eta = 3;
};

struct SweepConfig {
  SweepMethod method = SweepMethod::kGrid;
  std::vector<SweepParameter> parameters;
  Metric metric = Metric::kValAccuracy;
  bool maximize = true;
  std::optional<int64_t> run_cap;
  std::optional<HyperbandConfig> early_terminate;
};

struct ExperimentConfig {
  std::string name, description;
  std::vector<std::string> tags;
  int64_t seed = 0;
  int64_t repeats = 1;
  DataConfig data;
  ModelConfig model;
  OptimizerConfig optimizer;
  TrainingConfig training;
  std::optional<FeatureMapsConfig> feature_maps;
  OutputConfig output;
  std::optional<SweepConfig> sweep;
};

/// The config spelling of an enumerator: name_of(LayerType::kConv2d) == "conv2d".
std::string_view name_of(DataType), name_of(PixelOrder), name_of(TextUnit), name_of(VocabularyFrom), name_of(Cleaning),
    name_of(Tokenizer), name_of(LayerType), name_of(Activation), name_of(Padding), name_of(Return), name_of(InitScheme),
    name_of(OptimizerType), name_of(ScheduleType), name_of(Metric), name_of(OnNonfinite), name_of(KeepBest),
    name_of(Precision), name_of(Kernels), name_of(Mode), name_of(SweepMethod), name_of(Distribution);

// ---- reading -------------------------------------------------------------------------------------

/// What the command line adds to a file.
struct Overrides {
  std::vector<std::string> set;      ///< `PATH=VALUE` as typed after --set
  std::optional<int64_t> seed;       ///< --seed
  std::optional<int64_t> repeats;    ///< --repeats
};

struct ConfigTree;  // the merged JSON with the position of every key and value (src/config/tree.h)

/// A config that was read, merged and checked. Immutable; cheap to copy.
///   const Experiment e = load_experiment("partA_q3_momentum.json", shipped_configs(), {});
///   e.config.optimizer.momentum;
struct Experiment {
  ExperimentConfig config;
  std::filesystem::path file;               ///< as found
  std::shared_ptr<const ConfigTree> tree;   ///< for trials and error positions
};

/// Reads `file` (a path, or a name below `shipped`), follows `extends`, applies `overrides`, checks every
/// field and cross-field rule. Throws EnvironmentError (missing file) or ConfigError with all problems.
/// A null config (`data` missing, say) is never returned half-filled.
Experiment load_experiment(const std::string& file, const std::filesystem::path& shipped, const Overrides& overrides);

/// Where `--config NAME` is found: itself, else below `shipped`. Throws EnvironmentError with a suggestion.
std::filesystem::path find_config(const std::string& name, const std::filesystem::path& shipped);

/// The resolved config as JSON, two-space indented, every field of the chosen types written, final newline.
/// Reads back as the same config.
std::string resolved_json(const ExperimentConfig& config);

/// JSON pointers at which two resolved configs differ, in file order.
std::vector<std::string> differing_pointers(const std::string& resolved_a, const std::string& resolved_b);

/// `schema/experiment.schema.json` (JSON Schema 2020-12), final newline.
std::string experiment_schema();

/// Positions a problem of the model or data at the file, line and column of `pointer` of this experiment
/// (of the merged config, as in LayerConfig::pointer; the problem gets the pointer as it stands in the file).
Problem problem_at(const Experiment& experiment, const std::string& pointer, const std::string& message,
                   const std::string& suggestion = "");

// ---- trials --------------------------------------------------------------------------------------

/// One run of a sweep or of repeats.
struct Trial {
  int64_t number = 0;                ///< trial of the sweep; 0 without one
  int64_t seed = 0;
  std::string folder;                ///< "trial-0003/seed-7", "seed-7", or "" for a single run
  std::vector<std::pair<std::string, std::string>> values;  ///< swept path -> JSON text
  Experiment experiment;             ///< its own config: no sweep, repeats 1, this seed
};

/// All trials in order of (number, seed): a pure function of the file and the overrides. A file without
/// sweep and with repeats 1 gives one trial with folder "". Throws ConfigError with the problems of all trials.
std::vector<Trial> expand_trials(const Experiment& experiment);

/// True when trials live in sub-folders (sweep present or repeats > 1).
bool has_trials(const ExperimentConfig& config);

}  // namespace nnrun
