#pragma once

#include <cstdint>

/// Gradients of tables that tokens look up: for every id the sum of the rows where it occurs, along
/// its list of occurrences, in a fixed order and without atomics. The list comes as the ids sorted
/// (stably) with their positions (token_sort.h). Lists are cut into chunks of kNnrunTokenChunk;
/// sums that cross a border are put together by a second launch.
extern "C" {

enum { kNnrunTokenChunk = 32, kNnrunNoToken = 0x7FFFFFFF };

struct NnrunOccurrences {
  const int32_t* ids;        ///< [count] ascending; kNnrunNoToken, behind all ids, counts for none
  const int32_t* positions;  ///< [count] where each stands
  int64_t count;
  float* partials;  ///< [chunks, 2, width]: sums that began before a chunk, that end after it
};

/// sums[id, c] = sum of rows[position, c] over the id's occurrences; ids that do not occur keep
/// what they have.
struct NnrunTokenSums {
  NnrunOccurrences occurrences;
  const float* rows;  ///< [count, width]
  int64_t width;
  float* sums;  ///< sums[id, c] is at id id_stride + c column_stride
  int64_t id_stride, column_stride;
};

const char* nnrun_cuda_token_sums(const NnrunTokenSums* job, void* stream);

/// Means of the rows of a table over bags of ids.
struct NnrunBags {
  const int32_t* ids;  ///< [bags, longest]: a bag's tokens, then kNnrunNoToken
  int64_t bags, longest;
  const float* table;  ///< [vocabulary, units]
  int64_t units;
  float* output;  ///< [bags, units]; zeros for a bag without tokens
  float* sizes;   ///< [bags] tokens of each, for the gradient
};

const char* nnrun_cuda_bag_means(const NnrunBags* job, void* stream);

/// The table's gradient from that of the output, as token sums.
struct NnrunBagSums {
  NnrunOccurrences occurrences;  ///< positions n longest + i
  NnrunBags bags;                ///< as in the forward pass; ids, table and output: not read
  const float* output_gradient;  ///< [bags, units]
  float* sums;                   ///< [vocabulary, units]
};

const char* nnrun_cuda_bag_sums(const NnrunBagSums* job, void* stream);

/// A convolution over one-hot sequences: y[n, f, p] = bias[f] + sum over k of
/// weight[f, id at p stride + k - pad_before, k]; ids outside the text's positions add nothing.
struct NnrunTokenConv {
  const int32_t* ids;   ///< [N, L]
  const float* weight;  ///< [filters, vocabulary, kernel]
  const float* bias;    ///< [filters]
  float* output;        ///< [N, filters, outputs]
  int64_t batch, length, outputs, vocabulary;
  int64_t filters, kernel, stride, pad_before;
};

const char* nnrun_cuda_token_conv(const NnrunTokenConv* job, void* stream);

/// The weight's gradient from that of the output, as token sums over `filters kernel` columns.
struct NnrunTokenConvSums {
  NnrunOccurrences occurrences;  ///< positions n L + l
  NnrunTokenConv conv;           ///< `output`: not read
  const float* output_gradient;  ///< [N, filters, outputs]
  float* sums;                   ///< [filters, vocabulary, kernel]
};

const char* nnrun_cuda_token_conv_sums(const NnrunTokenConvSums* job, void* stream);

}  // extern "C"
