#pragma once

/// Arithmetic that kernels and the tests on the host share: NNRUN_HD marks its functions,
/// NNRUN_UNROLL its loops over registers.
#ifdef __CUDACC__
#define NNRUN_HD __host__ __device__
#define NNRUN_UNROLL _Pragma("unroll")
#else
#define NNRUN_HD
#define NNRUN_UNROLL
#endif
