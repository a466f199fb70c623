#pragma once

#include <cstdint>

/// Keras's update rules over all variables of a model at once: one launch for up to
/// kNnrunUpdateVariables of them; a limit on norms takes two more.
extern "C" {

enum NnrunUpdateRule : int {
  kNnrunSgd,
  kNnrunSgdMomentum,
  kNnrunRmsprop,
  kNnrunRmspropMomentum,
  kNnrunAdam,
  kNnrunAdagrad
};

/// What differs from step to step; an array of them, one per step of an epoch, lies in device
/// memory.
struct NnrunStepScalars {
  float rate;   ///< Adam: with both bias corrections
  float decay;  ///< share of each weight that AdamW takes off first
};

struct NnrunUpdateConstants {
  float momentum;
  int nesterov;
  float rho, other_rho;  ///< other_x: 1 - x, rounded as the CPU rounds it
  float beta_1, other_beta_1;
  float beta_2, other_beta_2;
  float epsilon;
  float clip_value;  ///< 0: none
};

/// One variable. Offsets count entries of the flat buffers.
struct NnrunUpdateVariable {
  const float* gradient;
  int64_t weight_offset, slot_offset, size;
  int32_t group;        ///< variables of a group share a norm
  int32_t first_block;  ///< of the launch; filled in by the launch
};

enum { kNnrunUpdateVariables = 64 };

struct NnrunUpdate {
  NnrunUpdateRule rule;
  NnrunUpdateConstants constants;
  const NnrunStepScalars* scalars;  ///< of this step
  float* weights;
  float* slots[2];
  const float* factors;  ///< [groups] for the gradients; null: 1
  int32_t variables;
  NnrunUpdateVariable variable[kNnrunUpdateVariables];
};

const char* nnrun_cuda_update(const NnrunUpdate* update, void* stream);

/// Blocks that nnrun_cuda_squares works with, one partial sum each.
int64_t nnrun_cuda_square_blocks(const NnrunUpdate* update);

/// partials[first + b] = sum of squares of block b's entries; groups[first + b] = their group.
const char* nnrun_cuda_squares(const NnrunUpdate* update, double* partials, int32_t* groups,
                               int64_t first, void* stream);

struct NnrunNorms {
  const double* partials;  ///< [count], of nnrun_cuda_squares
  const int32_t* groups;   ///< [count]
  int64_t count;
  double limit;
  float* factors;  ///< [group_count]
  int32_t group_count;
};

/// factors[g] = limit / max(norm of group g, limit), NaN when the norm is; adds the partials in
/// order.
const char* nnrun_cuda_norm_factors(const NnrunNorms* job, void* stream);

}  // extern "C"
