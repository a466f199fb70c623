#!/usr/bin/env bash
# The 25 channel numbers of Part A, question 2, as a plain loop over the command line, one run after the other; `nnrun
# --config partA_q2_sweep.json` does the same with trials beside each other. Run again, it goes on where it stopped. A pair
# that diverges does not end it, but the exit code is then 8, like that of a sweep. With --repeats the list at the end has
# the mean over the seeds.
#
#   scripts/sweep_25.sh [OUT] [nnrun's options…]     OUT: runs/sweep_25
#   scripts/sweep_25.sh runs/quick --set training.epochs=10
set -euo pipefail
case " $* " in *' -h '* | *' --help '*) sed -n '2,/^set /{s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"; exit ;; esac
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
      4 | 8) exit_code=8 ;;
      *) exit $code ;;
    esac
  done
done

# "30,40,0.5" of the runs of a pair that have an epoch behind them; one that diverged has no value
list_pair() {
  local pair=$1 metrics files=()
  for metrics in "$pair"/metrics.csv "$pair"/seed-*/metrics.csv; do
    if grep -qs '"status": "diverged"' "${metrics%/*}/summary.json" || [ ! -e "$metrics" ]; then continue; fi
    files+=("$metrics")
  done
  [ ${#files[@]} -gt 0 ] || return 0
  awk -F, -v pair="$(basename "$pair")" '
    FNR > 1 { last[FILENAME] = $4 }
    END {
      for (file in last) { sum += last[file]; value = last[file]; runs++ }
      split(pair, part, "-")
      if (runs > 0) print part[2] "," part[4] "," (runs > 1 ? sum / runs : value)
    }' "${files[@]}"
}

shopt -s nullglob
echo 'C1,C2,val_accuracy of the last epoch'
for pair in "$out"/C1-*-C2-*; do list_pair "$pair"; done | LC_ALL=C sort -t, -k3,3nr
exit $exit_code
