#pragma once

/// Arithmetic that kernels and the tests on the host share: NNRUN_HD marks its functions,
/// NNRUN_UNROLL its loops over registers, NNRUN_UNROLL_8 loops that keep eight loads under way.
#ifdef __CUDACC__
#define NNRUN_HD __host__ __device__
#define NNRUN_UNROLL _Pragma("unroll")
#define NNRUN_UNROLL_8 _Pragma("unroll 8")
#else
#define NNRUN_HD
#define NNRUN_UNROLL
#define NNRUN_UNROLL_8
#endif
