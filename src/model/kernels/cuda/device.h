#pragma once

/// CUDA kernels: plain C functions on raw device pointers, sizes and a stream (a cudaStream_t as
/// void*), without LibTorch. Each function returns null, or the runtime's message when a launch was
/// refused; the work itself follows on the stream. Same input, same bits: no atomics on floats, and
/// sums in an order that the shapes alone decide.
extern "C" {

/// Writes the name of a device, cut to `size` characters with its end.
const char* nnrun_cuda_device_name(int index, char* name, unsigned long size);

}  // extern "C"
