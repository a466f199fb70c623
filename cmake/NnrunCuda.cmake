# The CUDA kernels' library; without nvcc LibTorch's operations do the work.
include(CheckLanguage)
check_language(CUDA)
file(GLOB cuda_kernel_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/model/kernels/cuda/*.cu)
if(CMAKE_CUDA_COMPILER AND cuda_kernel_sources)
  if(NOT CMAKE_CUDA_ARCHITECTURES)
    set(CMAKE_CUDA_ARCHITECTURES 80-real 90a-real 90-virtual)
  endif()
  enable_language(CUDA)
  add_library(nnrun_kernels_cuda SHARED ${cuda_kernel_sources})
  target_include_directories(nnrun_kernels_cuda PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/include)
  set_target_properties(nnrun_kernels_cuda PROPERTIES CUDA_STANDARD 17 CUDA_RUNTIME_LIBRARY Static
                        BUILD_RPATH "$ORIGIN" INSTALL_RPATH "$ORIGIN")
endif()
