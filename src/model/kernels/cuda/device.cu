#include "model/kernels/cuda/device.h"

#include <cuda_runtime_api.h>

#include <cstdio>

#include "model/kernels/cuda/launch.h"

extern "C" const char* nnrun_cuda_device_name(int index, char* name, unsigned long size) {
  cudaDeviceProp properties{};
  const cudaError_t error = cudaGetDeviceProperties(&properties, index);
  if (error == cudaSuccess) std::snprintf(name, size, "%s", properties.name);
  return nnrun::message_of(error);
}
