#pragma once

#include <concepts>
#include <type_traits>

#include "config/rule.h"
#include "nnrun/config.h"

/// Every key of the experiment file, once: key, member, rule, help. A visitor is called as
/// `visit(key, member, rule)`; `visit.ignored(key, help)` is a key that is accepted without
/// meaning. Visitors: reading (reader.h), writing (writer.cpp), schema (schema.cpp), keys of a type
/// (keys.cpp). Defaults are the members' initialisers and, where they follow from `type`,
/// defaults.h. The sweep's own lists stand in sweep_fields.h.
namespace nnrun {

/// C is T or const T: one list serves reading and writing.
template <typename C, typename T>
concept Of = std::same_as<std::remove_const_t<C>, T>;

/// A visitor that does nothing: for asking whether a struct has a field list.
struct NoVisitor {
  template <typename M>
  void operator()(std::string_view, const M&, const Rule&) {}
  void ignored(std::string_view, std::string_view) {}
};

template <typename C>
concept HasFields = requires(NoVisitor& visitor, C& config) {
  fields(visitor, config);
};

template <typename V, Of<Limit> C>
void fields(V& visit, C& c) {
  visit("train", c.train, {.help = "first examples of the training set; null: all"});
  visit("test", c.test, {.help = "first examples of the test set; null: all"});
}

template <typename V, Of<Normalize> C>
void fields(V& visit, C& c) {
  visit("mean", c.mean,
        {.required = true, .range = kFinite, .min_items = 1, .help = "one per channel"});
  visit("std", c.std, {.required = true, .min_items = 1, .help = "one per channel"});
}

template <typename V, Of<DataConfig> C>
void fields(V& visit, C& c) {
  using enum DataType;
  constexpr EnumSet kCifar = only(kCifar10), kFolder = only(kImageFolder), kCsv = only(kTextCsv);
  constexpr EnumSet kSynthetic = only(kSyntheticImages, kSyntheticText);
  constexpr EnumSet kFiles = kCifar | kFolder, kImages = kFiles | only(kSyntheticImages);
  constexpr EnumSet kTexts = kCsv | only(kSyntheticText);
  visit("type", c.type, {.required = true, .help = "where the examples come from"});
  visit(
      "path", c.path,
      {.types = kCifar, .form = Form::kFile, .help = "folder of the files, below the data folder"});
  visit("train_files", c.train_files,
        {.types = kCifar, .form = Form::kFile, .min_items = 1, .help = "CIFAR-10 binary files"});
  visit("test_files", c.test_files,
        {.types = kCifar, .form = Form::kFile, .min_items = 1, .help = "CIFAR-10 binary files"});
  visit(
      "pixel_order", c.pixel_order,
      {.types = kCifar,
       .help =
           "planar: (channel, row, column), the files' order; interleaved: the same bytes read as "
           "(row, column, channel)"});
  visit(
      "train_dir", c.train_dir,
      {.types = kFolder, .form = Form::kFile, .help = "training images, one sub-folder per class"});
  visit("test_dir", c.test_dir,
        {.types = kFolder, .form = Form::kFile, .help = "test images, one sub-folder per class"});
  visit("size", c.size,
        {.types = kFolder, .form = Form::kPair, .help = "height and width after resizing"});
  visit("train_per_class", c.train_per_class,
        {.types = kFiles, .help = "first training images of each class; null: all"});
  visit("test_per_class", c.test_per_class,
        {.types = kFiles, .help = "first test images of each class; null: all"});
  visit("train_file", c.train_file, {.types = kCsv, .form = Form::kFile, .help = "CSV file"});
  visit("test_file", c.test_file, {.types = kCsv, .form = Form::kFile, .help = "CSV file"});
  visit("label_column", c.label_column,
        {.types = kCsv, .range = kNonNegative, .help = "column of the label, from 0"});
  visit("text_column", c.text_column,
        {.types = kCsv, .range = kNonNegative, .help = "column of the text, from 0"});
  visit("classes", c.classes,
        {.types = kCsv, .required = true, .help = "labels are 0 to classes - 1"});
  visit("classes", c.classes, {.types = kSynthetic, .help = "number of classes"});
  visit("shape", c.shape,
        {.types = only(kSyntheticImages), .help = "channels, height, width of an image"});
  visit("train", c.train, {.types = kSynthetic, .help = "training examples"});
  visit("test", c.test, {.types = kSynthetic, .help = "test examples"});
  visit("noise", c.noise,
        {.types = only(kSyntheticImages), .range = kNonNegative, .help = "standard deviation"});
  visit("unit", c.unit, {.types = kTexts, .help = "what one id stands for"});
  visit("max_length", c.max_length, {.types = kTexts, .help = "ids per text, padded or cut"});
  visit("vocabulary_from", c.vocabulary_from,
        {.types = kCsv, .help = "files whose texts make the dictionary"});
  visit("max_vocabulary", c.max_vocabulary,
        {.types = kCsv, .help = "largest dictionary, special entries included; null: no bound"});
  visit("min_count", c.min_count,
        {.types = kCsv, .range = kNonNegative, .help = "rarer words are unknown"});
  visit("cleaning", c.cleaning,
        {.types = kCsv, .help = "ascii: the report's rules; none: as it is"});
  visit("tokenizer", c.tokenizer, {.types = kCsv, .help = "how words are split"});
  visit("ngrams", c.ngrams,
        {.types = kCsv, .help = "hashed n-grams of words up to this n, before embedding_bag"});
  visit("char_ngrams", c.char_ngrams,
        {.types = kCsv, .help = "[min, max] length of hashed subwords, before embedding_bag"});
  visit("ngram_buckets", c.ngram_buckets, {.types = kCsv, .help = "ids for hashed n-grams"});
  visit("normalize", c.normalize,
        {.types = kImages, .help = "per channel (x - mean) / std after bytes / 255"});
  visit("limit", c.limit, {.help = "upper bounds of the splits"});
  visit("validation_fraction", c.validation_fraction,
        {.range = kBetween,
         .help = "part of the training set that validates instead of the test set"});
}

template <typename V, Of<LayerConfig> C>
void fields(V& visit, C& c) {
  using enum LayerType;
  constexpr EnumSet kConvs = only(kConv2d, kConv1d), kRecurrent = only(kRnn, kGru, kLstm);
  constexpr EnumSet k2dPools = only(kMaxPool2d, kAvgPool2d), k1dPools = only(kMaxPool1d);
  constexpr EnumSet kUnits = only(kDense, kEmbedding, kEmbeddingBag) | kRecurrent;
  constexpr EnumSet kLayerActivations = ~only(Activation::kLinear);
  constexpr EnumSet kCells = only(Activation::kTanh, Activation::kRelu, Activation::kLinear);
  visit("name", c.name,
        {.required = true, .form = Form::kLayerName, .help = "unique in the model"});
  visit("type", c.type, {.required = true, .help = "kind of layer"});
  visit("filters", c.filters, {.types = kConvs, .required = true, .help = "output channels"});
  visit(
      "kernel", c.kernel,
      {.types = only(kConv2d), .required = true, .form = Form::kPair, .help = "height and width"});
  visit("kernel", c.kernel,
        {.types = only(kConv1d), .required = true, .form = Form::kSingle, .help = "length"});
  visit("size", c.size,
        {.types = k2dPools, .required = true, .form = Form::kPair, .help = "height and width"});
  visit("size", c.size,
        {.types = k1dPools, .required = true, .form = Form::kSingle, .help = "length"});
  visit("stride", c.stride,
        {.types = only(kConv2d) | k2dPools,
         .form = Form::kPair,
         .computed = true,
         .help = "default: 1; pools: the size"});
  visit("stride", c.stride,
        {.types = only(kConv1d) | k1dPools,
         .form = Form::kSingle,
         .computed = true,
         .help = "default: 1; pools: the size"});
  visit("padding", c.padding,
        {.types = kConvs | k2dPools | k1dPools,
         .help = "same: TensorFlow's rule, extra cell at the end"});
  visit("units", c.units, {.types = kUnits, .required = true, .help = "output features"});
  visit("activation", c.activation,
        {.types = kConvs | only(kDense),
         .choices = kLayerActivations,
         .help = "applied to the output"});
  visit("activation", c.activation,
        {.types = only(kActivation),
         .required = true,
         .choices = kLayerActivations,
         .help = "function"});
  visit("activation", c.activation,
        {.types = only(kRnn), .choices = kCells, .help = "of the cell"});
  visit("shape", c.shape,
        {.types = only(kReshape), .required = true, .min_items = 1, .help = "without the batch"});
  visit(
      "rate", c.rate,
      {.types = only(kDropout), .required = true, .range = kBelowOne, .help = "part set to zero"});
  visit("in_evaluation", c.in_evaluation,
        {.types = only(kDropout), .help = "drop in evaluation too, as the report's CharCNN did"});
  visit("depth", c.depth, {.types = only(kOneHot), .required = true, .help = "width of a row"});
  visit("return", c.returns, {.types = kRecurrent, .help = "last output, or one per position"});
  visit("reset_after", c.reset_after,
        {.types = only(kGru), .help = "reset gate after the recurrent product (two biases)"});
  visit("bidirectional", c.bidirectional,
        {.types = kRecurrent, .help = "append the outputs of a backward pass"});
  visit(
      "mask_padding", c.mask_padding,
      {.types = kRecurrent,
       .help = "positions after the text's end repeat the last output (bidirectional: are zero)"});
  visit("momentum", c.momentum,
        {.types = only(kBatchNorm),
         .range = kUnit,
         .help = "of the running statistics, Keras's sense"});
  visit("epsilon", c.epsilon,
        {.types = only(kBatchNorm, kLayerNorm), .help = "added to the variance"});
  visit("layers", c.layers,
        {.types = only(kResidual), .required = true, .min_items = 1, .help = "f of x + f(x)"});
}

template <typename V, Of<ModelConfig> C>
void fields(V& visit, C& c) {
  visit("init", c.init, {.help = "distributions of the initial weights"});
  visit("init_from", c.init_from,
        {.form = Form::kReference,
         .help = "safetensors file with initial weights, relative to this file"});
  visit("layers", c.layers,
        {.required = true, .min_items = 1, .help = "in order; the last one gives the logits"});
}

template <typename V, Of<ScheduleConfig> C>
void fields(V& visit, C& c) {
  using enum ScheduleType;
  visit("type", c.type, {.required = true, .help = "factor of the learning rate over the epochs"});
  visit("warmup_epochs", c.warmup_epochs, {.range = kNonNegative, .help = "epochs of linear rise"});
  visit("every", c.every, {.types = only(kStep), .required = true, .help = "epochs between steps"});
  visit("factor", c.factor,
        {.types = only(kStep), .required = true, .range = kNonNegative, .help = "per step"});
  visit("factor", c.factor,
        {.types = only(kPlateau), .required = true, .range = kBelowOne, .help = "per plateau"});
  visit("peak_epoch", c.peak_epoch,
        {.types = only(kOneCycle), .required = true, .help = "epoch with factor 1"});
  visit(
      "start", c.start,
      {.types = only(kOneCycle), .required = true, .range = kNonNegative, .help = "first factor"});
  visit("final", c.final_factor,
        {.types = only(kCosine, kOneCycle),
         .required = true,
         .range = kNonNegative,
         .help = "last factor"});
  visit("monitor", c.monitor, {.types = only(kPlateau), .help = "metric that must improve"});
  visit("patience", c.patience,
        {.types = only(kPlateau),
         .required = true,
         .range = kNonNegative,
         .help = "epochs without improvement"});
  visit(
      "min_delta", c.min_delta,
      {.types = only(kPlateau), .range = kNonNegative, .help = "smallest improvement that counts"});
}

template <typename V, Of<OptimizerConfig> C>
void fields(V& visit, C& c) {
  using enum OptimizerType;
  constexpr EnumSet kAdams = only(kAdam, kAdamw);
  visit("type", c.type, {.required = true, .help = "update rule, as Keras 2 defines it"});
  visit("learning_rate", c.learning_rate, {.help = "default: 0.01 for sgd, 0.001 for the others"});
  visit("momentum", c.momentum,
        {.types = only(kSgd, kRmsprop), .range = kUnit, .help = "of the updates"});
  visit("nesterov", c.nesterov, {.types = only(kSgd), .help = "look ahead along the momentum"});
  visit("rho", c.rho,
        {.types = only(kRmsprop), .range = kBetween, .help = "decay of the mean square"});
  visit("beta_1", c.beta_1, {.types = kAdams, .range = kBetween, .help = "decay of the mean"});
  visit("beta_2", c.beta_2,
        {.types = kAdams, .range = kBetween, .help = "decay of the mean square"});
  visit(
      "epsilon", c.epsilon,
      {.types = kAdams | only(kRmsprop, kAdagrad), .help = "added to the root of the mean square"});
  visit("weight_decay", c.weight_decay,
        {.types = only(kAdamw),
         .range = kNonNegative,
         .help = "rate x decay x w is taken off first"});
  visit("initial_accumulator", c.initial_accumulator,
        {.types = only(kAdagrad), .range = kNonNegative, .help = "start of the sum of squares"});
  visit("schedule", c.schedule, {.help = "learning rate over the epochs; null: constant"});
  visit("clip_value", c.clip_value, {.help = "bound of each gradient entry"});
  visit("clip_norm", c.clip_norm, {.help = "bound of the norm of each variable's gradient"});
  visit("global_clip_norm", c.global_clip_norm, {.help = "bound of the norm of all gradients"});
}

template <typename V, Of<EarlyStoppingConfig> C>
void fields(V& visit, C& c) {
  visit("monitor", c.monitor, {.help = "metric that must improve"});
  visit("mode", c.mode, {.help = "auto: max for accuracies, min for losses"});
  visit("min_delta", c.min_delta,
        {.range = kNonNegative, .help = "smallest improvement that counts"});
  visit("patience", c.patience, {.range = kNonNegative, .help = "epochs without improvement"});
  visit("baseline", c.baseline, {.help = "value to beat; null: none"});
  visit("restore_best", c.restore_best, {.help = "end with the best epoch's weights"});
  visit("start_from_epoch", c.start_from_epoch,
        {.range = kNonNegative, .help = "first epoch watched"});
}

template <typename V, Of<TrainingConfig> C>
void fields(V& visit, C& c) {
  visit("epochs", c.epochs, {.help = "passes over the training set"});
  visit("batch_size", c.batch_size, {.help = "examples per step"});
  visit("shuffle", c.shuffle, {.help = "new order every epoch"});
  visit("drop_last", c.drop_last, {.help = "leave out the last partial batch"});
  visit("on_nonfinite", c.on_nonfinite, {.help = "when a loss is no number"});
  visit("early_stopping", c.early_stopping, {.help = "as Keras's EarlyStopping; null: none"});
  visit("checkpoint_every", c.checkpoint_every,
        {.word = "auto", .help = "epochs; auto: as often as saving costs at most 1 % of the time"});
  visit("keep_best", c.keep_best, {.help = "metric that chooses best.nnr"});
  visit("precision", c.precision, {.help = "tf32 and bf16 need CUDA"});
  visit("deterministic", c.deterministic, {.help = "same bytes on every run"});
  visit("kernels", c.kernels, {.help = "reference: plain LibTorch forms"});
}

template <typename V, Of<FeatureMapsConfig> C>
void fields(V& visit, C& c) {
  visit("layers", c.layers, {.form = Form::kLayerName, .help = "layers whose output is drawn"});
  visit("images", c.images,
        {.range = kNonNegative, .help = "indices into the split, or \"FILE#RECORD\""});
  visit("split", c.test_split, {.form = Form::kSplit, .help = "split of the indices"});
}

template <typename V, Of<OutputConfig> C>
void fields(V& visit, C& c) {
  visit("tensorboard", c.tensorboard, {.help = "write TensorBoard event files"});
}

template <typename V, Of<ExperimentConfig> C>
void fields(V& visit, C& c) {
  visit.ignored("$schema", "for editors");
  visit("name", c.name,
        {.form = Form::kName, .computed = true, .help = "default: the file's stem; not inherited"});
  visit("description", c.description, {.help = "free text"});
  visit("tags", c.tags, {.help = "free words"});
  visit("seed", c.seed, {.range = kSeeds, .help = "repeat k uses seed + k"});
  visit("repeats", c.repeats, {.help = "runs with different seeds"});
  visit("data", c.data, {.help = "training and test examples"});
  visit("model", c.model, {.help = "layers and their initial weights"});
  visit("optimizer", c.optimizer, {.help = "update rule"});
  visit("training", c.training, {.help = "the loop"});
  visit("feature_maps", c.feature_maps, {.help = "pictures of layers' outputs; null: none"});
  visit("output", c.output, {.help = "further files"});
  visit("sweep", c.sweep, {.help = "trials with different values"});
}

}  // namespace nnrun
