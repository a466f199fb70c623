# Finds LibTorch: -D/env NNRUN_TORCH_ROOT, then the torch of python3 (looked up, not imported), then the project's own
# folder. Defines LIBTORCH_ROOT and the target LibTorch::cpu. libtorch_cuda is never linked.
set(NNRUN_TORCH_ROOT "" CACHE PATH "Folder of LibTorch")  # being a PATH, a relative one is meant from the working directory
set(LIBTORCH_CANDIDATES ${NNRUN_TORCH_ROOT} $ENV{NNRUN_TORCH_ROOT})
execute_process(
  COMMAND python3 -c "import importlib.util as u; s = u.find_spec('torch'); print(s.submodule_search_locations[0] if s else '')"
  OUTPUT_VARIABLE python_torch OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
list(APPEND LIBTORCH_CANDIDATES ${python_torch} ${PROJECT_SOURCE_DIR}/third_party/libtorch/torch)
foreach(candidate ${LIBTORCH_CANDIDATES})
  get_filename_component(candidate ${candidate} ABSOLUTE BASE_DIR "$ENV{PWD}")
  if(EXISTS ${candidate}/lib/libtorch_cpu.so AND EXISTS ${candidate}/include/torch/csrc/api/include/torch/torch.h)
    set(LIBTORCH_ROOT ${candidate})
    break()
  endif()
endforeach()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibTorch REQUIRED_VARS LIBTORCH_ROOT
  REASON_FAILURE_MESSAGE "set NNRUN_TORCH_ROOT to a folder with lib/libtorch_cpu.so, or run scripts/setup")
if(LibTorch_FOUND AND NOT TARGET LibTorch::cpu)
  add_library(LibTorch::cpu INTERFACE IMPORTED)
  target_include_directories(LibTorch::cpu SYSTEM INTERFACE ${LIBTORCH_ROOT}/include
                             ${LIBTORCH_ROOT}/include/torch/csrc/api/include)
  target_link_libraries(LibTorch::cpu INTERFACE ${LIBTORCH_ROOT}/lib/libtorch_cpu.so ${LIBTORCH_ROOT}/lib/libc10.so)
  # at::parallel_for is OpenMP's, inside headers: without the option it is a plain loop. Threads come from the library
  # that LibTorch brings along, so that there is one pool.
  target_compile_options(LibTorch::cpu INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-fopenmp>)
  file(GLOB libtorch_openmp ${LIBTORCH_ROOT}/lib/libgomp*.so*)
  if(NOT libtorch_openmp)
    set(libtorch_openmp gomp)
  endif()
  target_link_libraries(LibTorch::cpu INTERFACE ${libtorch_openmp})
endif()
