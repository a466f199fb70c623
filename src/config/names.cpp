#include "config/names.h"

namespace nnrun {
namespace {

constexpr std::string_view kDataType[] = {"cifar10", "text_csv", "image_folder", "synthetic_images",
                                          "synthetic_text"};
constexpr std::string_view kPixelOrder[] = {"planar", "interleaved"};
constexpr std::string_view kTextUnit[] = {"char", "word"};
constexpr std::string_view kVocabularyFrom[] = {"train", "train_and_test"};
constexpr std::string_view kCleaning[] = {"ascii", "none"};
constexpr std::string_view kTokenizer[] = {"treebank", "whitespace"};
constexpr std::string_view kLayerType[] = {
    "conv2d",          "conv1d",     "max_pool2d", "avg_pool2d", "max_pool1d", "global_avg_pool",
    "global_max_pool", "dense",      "flatten",    "reshape",    "dropout",    "embedding",
    "embedding_bag",   "one_hot",    "rnn",        "gru",        "lstm",       "batch_norm",
    "layer_norm",      "activation", "residual"};
constexpr std::string_view kActivation[] = {"none", "relu", "tanh",       "sigmoid",
                                            "gelu", "silu", "leaky_relu", "linear"};
constexpr std::string_view kPadding[] = {"valid", "same"};
constexpr std::string_view kReturn[] = {"last", "sequence"};
constexpr std::string_view kInitScheme[] = {"keras", "torch"};
constexpr std::string_view kOptimizerType[] = {"sgd", "rmsprop", "adam", "adamw", "adagrad"};
constexpr std::string_view kScheduleType[] = {"step", "cosine", "one_cycle", "plateau"};
constexpr std::string_view kMetric[] = {"val_loss", "val_accuracy", "loss", "accuracy"};
constexpr std::string_view kOnNonfinite[] = {"stop", "continue"};
constexpr std::string_view kKeepBest[] = {"val_loss", "val_accuracy", "loss", "accuracy", "none"};
constexpr std::string_view kPrecision[] = {"float32", "tf32", "bf16"};
constexpr std::string_view kKernels[] = {"auto", "reference"};
constexpr std::string_view kMode[] = {"auto", "min", "max"};
constexpr std::string_view kSweepMethod[] = {"grid", "random"};
constexpr std::string_view kDistribution[] = {"constant",    "categorical", "uniform",
                                              "int_uniform", "q_uniform",   "log_uniform_values"};
constexpr std::string_view kGoal[] = {"maximize", "minimize"};
constexpr std::string_view kEarlyTerminateType[] = {"hyperband"};

template <typename E>
std::string_view name(E value) {
  return names<E>()[static_cast<size_t>(value)];
}

}  // namespace

// One row per enum.
// clang-format off
template <> std::span<const std::string_view> names<DataType>() { return kDataType; }
template <> std::span<const std::string_view> names<PixelOrder>() { return kPixelOrder; }
template <> std::span<const std::string_view> names<TextUnit>() { return kTextUnit; }
template <> std::span<const std::string_view> names<VocabularyFrom>() { return kVocabularyFrom; }
template <> std::span<const std::string_view> names<Cleaning>() { return kCleaning; }
template <> std::span<const std::string_view> names<Tokenizer>() { return kTokenizer; }
template <> std::span<const std::string_view> names<LayerType>() { return kLayerType; }
template <> std::span<const std::string_view> names<Activation>() { return kActivation; }
template <> std::span<const std::string_view> names<Padding>() { return kPadding; }
template <> std::span<const std::string_view> names<Return>() { return kReturn; }
template <> std::span<const std::string_view> names<InitScheme>() { return kInitScheme; }
template <> std::span<const std::string_view> names<OptimizerType>() { return kOptimizerType; }
template <> std::span<const std::string_view> names<ScheduleType>() { return kScheduleType; }
template <> std::span<const std::string_view> names<Metric>() { return kMetric; }
template <> std::span<const std::string_view> names<OnNonfinite>() { return kOnNonfinite; }
template <> std::span<const std::string_view> names<KeepBest>() { return kKeepBest; }
template <> std::span<const std::string_view> names<Precision>() { return kPrecision; }
template <> std::span<const std::string_view> names<Kernels>() { return kKernels; }
template <> std::span<const std::string_view> names<Mode>() { return kMode; }
template <> std::span<const std::string_view> names<SweepMethod>() { return kSweepMethod; }
template <> std::span<const std::string_view> names<Distribution>() { return kDistribution; }
template <> std::span<const std::string_view> names<Goal>() { return kGoal; }
template <> std::span<const std::string_view> names<EarlyTerminateType>() { return kEarlyTerminateType; }

std::string_view name_of(DataType value) { return name(value); }
std::string_view name_of(PixelOrder value) { return name(value); }
std::string_view name_of(TextUnit value) { return name(value); }
std::string_view name_of(VocabularyFrom value) { return name(value); }
std::string_view name_of(Cleaning value) { return name(value); }
std::string_view name_of(Tokenizer value) { return name(value); }
std::string_view name_of(LayerType value) { return name(value); }
std::string_view name_of(Activation value) { return name(value); }
std::string_view name_of(Padding value) { return name(value); }
std::string_view name_of(Return value) { return name(value); }
std::string_view name_of(InitScheme value) { return name(value); }
std::string_view name_of(OptimizerType value) { return name(value); }
std::string_view name_of(ScheduleType value) { return name(value); }
std::string_view name_of(Metric value) { return name(value); }
std::string_view name_of(OnNonfinite value) { return name(value); }
std::string_view name_of(KeepBest value) { return name(value); }
std::string_view name_of(Precision value) { return name(value); }
std::string_view name_of(Kernels value) { return name(value); }
std::string_view name_of(Mode value) { return name(value); }
std::string_view name_of(SweepMethod value) { return name(value); }
std::string_view name_of(Distribution value) { return name(value); }
// clang-format on

}  // namespace nnrun
