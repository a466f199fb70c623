#!/usr/bin/env bash
# The 25 channel numbers of Part A, question 2, as a plain loop over the command line, one run after the other; `nnrun
# --config partA_q2_sweep.json` does the same with trials beside each other. Run again, it goes on where it stopped. A pair
# that diverges does not end it, but the exit code is then 8, like that of a sweep.
#
#   scripts/sweep_25.sh [OUT] [nnrun's options…]     OUT: runs/sweep_25
#   scripts/sweep_25.sh runs/quick --set training.epochs=10
set -euo pipefail
scripts=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=runs/sweep_25
if [ $# -gt 0 ] && [ "${1#-}" = "$1" ]; then out=$1; shift; fi

exit_code=0
for c1 in 10 30 50 70 90; do
  for c2 in 20 40 60 80 100; do
    code=0
    "$scripts/nnrun" --config partA_q1.json --set model.layers.C1.filters=$c1 --set model.layers.C2.filters=$c2 \
      --out "$out/C1-$c1-C2-$c2" "$@" || code=$?
    case $code in
      0) ;;
      4) exit_code=8 ;;
      *) exit $code ;;
    esac
  done
done

echo 'C1,C2,val_accuracy of the last epoch'
for metrics in "$out"/C1-*-C2-*/metrics.csv; do
  run=$(basename "$(dirname "$metrics")")
  awk -F, -v run="$run" 'END {if (NR > 1) {split(run, part, "-"); print part[2] "," part[4] "," $4}}' "$metrics"
done | LC_ALL=C sort -t, -k3,3nr
exit $exit_code
