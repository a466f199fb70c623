#!/usr/bin/env bash
# Builds nnrun on a bare GPU machine, without network and without Debian packages: LibTorch is python3's torch (or
# $NNRUN_TORCH_ROOT), compilers, cmake and ninja are the machine's own, everything else comes from third_party/carried,
# which scripts/carry_headers fills on another machine. No OpenCV: CIFAR-10 and texts only.
#   scripts/build_gpu.sh [TARGET…]     default: all, tests included; BUILD=build_gpu; GPU_ARCH: this GPU's, or all
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${BUILD:-$root/build_gpu}
carried=$root/third_party/carried
log=$build/build_gpu.log
start=$SECONDS

say() { echo "build_gpu: $*" >&2; }

[ -d "$carried/cmake" ] || { say "$carried is missing; run scripts/carry_headers where Debian's packages are, and copy it"; exit 5; }
export PATH=$PATH:/usr/local/cuda/bin
for tool in g++ cmake nvcc python3; do
  command -v "$tool" >/dev/null || { say "$tool is not on this machine"; exit 5; }
done
generator=(-G "Unix Makefiles")
if command -v ninja >/dev/null; then generator=(-G Ninja); fi

# One architecture compiles three times as fast as all; "all" gives what a release holds.
arch=${GPU_ARCH:-$(nvidia-smi --query-gpu=compute_cap --format=csv,noheader 2>/dev/null | head -n 1 | tr -d . || true)}
[ "$arch" != 90 ] || arch=90a-real
[ "${arch:-all}" = all ] && architectures=() || architectures=("-DCMAKE_CUDA_ARCHITECTURES=$arch")

mkdir -p "$build"
cmake -S "$root" -B "$build" "${generator[@]}" -DCMAKE_BUILD_TYPE=Release "-DCMAKE_PREFIX_PATH=$carried" \
  "-Dnlohmann_json_DIR=$carried/cmake" "-Dspdlog_DIR=$carried/cmake" "-Dcxxopts_DIR=$carried/cmake" \
  "-DBoost_DIR=$carried/cmake" "-Dhwy_DIR=$carried/cmake" "-DGTest_DIR=$carried/cmake" \
  -DCMAKE_FIND_PACKAGE_PREFER_CONFIG=ON -DCMAKE_DISABLE_FIND_PACKAGE_OpenCV=ON -DNNRUN_WERROR=OFF \
  "-DNNRUN_TORCH_ROOT=${NNRUN_TORCH_ROOT:-}" "${architectures[@]}" >"$log" 2>&1 ||
  { cat "$log" >&2; exit 1; }
[ $# -gt 0 ] || set -- all
cmake --build "$build" --parallel "$(nproc)" --target "$@" >>"$log" 2>&1 || { tail -n 60 "$log" >&2; exit 1; }
say "done in $((SECONDS - start)) s: $build/bin/nnrun (log: $log)"
