# What needs nvcc: the CUDA kernels, plain C functions, and the engine's CUDA half, which links LibTorch's. Without nvcc
# or without libtorch_cuda.so the program is complete for the CPU, and on a GPU LibTorch's operations do the work.
option(NNRUN_CUDA "Build the CUDA kernels and the engine's CUDA half where nvcc is there" ON)
file(GLOB cuda_kernel_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/model/kernels/cuda/*.cu)
if(NNRUN_CUDA)
  include(CheckLanguage)
  check_language(CUDA)
endif()
if(CMAKE_CUDA_COMPILER AND cuda_kernel_sources)
  if(NOT CMAKE_CUDA_ARCHITECTURES)
    set(CMAKE_CUDA_ARCHITECTURES 80-real 90a-real 90-virtual)
  endif()
  enable_language(CUDA)
endif()
if(CMAKE_CUDA_COMPILER_VERSION AND CMAKE_CUDA_COMPILER_VERSION VERSION_LESS 12.1)  # no parameters above 4 KiB
  message(STATUS "The CUDA kernels are left out: nvcc ${CMAKE_CUDA_COMPILER_VERSION} is older than 12.1")
elseif(CMAKE_CUDA_COMPILER_VERSION)
  if(CCACHE AND NOT CMAKE_CUDA_COMPILER_LAUNCHER)
    set(CMAKE_CUDA_COMPILER_LAUNCHER ${CCACHE})
  endif()
  add_library(nnrun_kernels_cuda SHARED ${cuda_kernel_sources})
  target_include_directories(nnrun_kernels_cuda PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/include)
  target_compile_options(nnrun_kernels_cuda PRIVATE -Werror=all-warnings)
  set_target_properties(nnrun_kernels_cuda PROPERTIES CUDA_STANDARD 17 CUDA_STANDARD_REQUIRED ON
                        CUDA_RUNTIME_LIBRARY Shared BUILD_RPATH "$ORIGIN" INSTALL_RPATH "$ORIGIN")
endif()

# nnrun_cuda_half(): the target nnrun_engine_cuda, once nnrun_engine is there.
function(nnrun_cuda_half)
  if(NOT TARGET nnrun_kernels_cuda OR NOT EXISTS ${LIBTORCH_ROOT}/lib/libtorch_cuda.so)
    message(STATUS "The engine's CUDA half is left out: no nvcc, or a LibTorch without CUDA")
    return()
  endif()
  find_library(NNRUN_CUDART cudart HINTS ${CMAKE_CUDA_IMPLICIT_LINK_DIRECTORIES} ${CUDAToolkit_LIBRARY_DIR})
  if(NOT NNRUN_CUDART)
    message(WARNING "The engine's CUDA half is left out: libcudart was not found")
    return()
  endif()
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/model/cuda/*.cpp)
  nnrun_library(nnrun_engine_cuda SHARED ${sources})
  target_include_directories(nnrun_engine_cuda SYSTEM PRIVATE ${CMAKE_CUDA_TOOLKIT_INCLUDE_DIRECTORIES})
  # The CUDA libraries behind libtorch_cuda need not be on the machine that builds.
  target_link_libraries(nnrun_engine_cuda PRIVATE nnrun_engine nnrun_kernels_cuda ${LIBTORCH_ROOT}/lib/libtorch_cuda.so
                        ${LIBTORCH_ROOT}/lib/libc10_cuda.so ${NNRUN_CUDART} -Wl,--no-undefined -Wl,--allow-shlib-undefined
                        -Wl,--unresolved-symbols=ignore-in-shared-libs)
  # LibTorch's headers dominate the compilation: read them once. The CUDA runtime is the one that LibTorch has loaded.
  set_target_properties(nnrun_engine_cuda PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 0 BUILD_RPATH "$ORIGIN"
                                                     INSTALL_RPATH "$ORIGIN" BUILD_RPATH_USE_ORIGIN ON)
endfunction()
