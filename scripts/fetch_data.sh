#!/usr/bin/env bash
# Puts the full data sets of the shipped experiments into DIR and checks every file's MD5 sum. Files that are there and
# right are left alone; a file appears only when it is whole and right.
#
#   scripts/fetch_data.sh [DIR] [--from FOLDER [--link]]     DIR: the project's data/
#
#   --from FOLDER   take the files from a folder that has them (in any sub-folder) instead of loading them
#   --link          with --from: symbolic links instead of copies
#
# Homes: CIFAR-10 (binary version, 170 MB) at its author's page; the two text files (2 MB, an extract of DBpedia) in a
# public repository. $CIFAR10_URL and $TEXT_URL name others, file:// included.
set -euo pipefail

cifar10_url=${CIFAR10_URL:-https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz}
text_repository=https://raw.githubusercontent.com/tanchuanxin/cz4042_assignment_2
train_text_url=${TEXT_URL:-$text_repository/a4e5f503f541962ae06a798e44f20afa72e50fe0/2b}/train_medium.csv
test_text_url=${TEXT_URL:-$text_repository/f25d0aa704769fb52c28dfd4a1507d761d9a2275/start_2b}/test_medium.csv

md5_sums='5dd7e06a14cb22eb9f671a540d1b7c25  cifar-10-batches-bin/data_batch_1.bin
5ea93a67294ea407fff1d09f752e9692  cifar-10-batches-bin/data_batch_2.bin
942cd6a4bcdd0dd3c604fbe906cb4421  cifar-10-batches-bin/data_batch_3.bin
ae636b3ba5c66a11e91e8cb52e771fcb  cifar-10-batches-bin/data_batch_4.bin
53f37980c15c3d472c316c40844f3f0d  cifar-10-batches-bin/data_batch_5.bin
803d5f7f4d78ea53de84dbe85f74fb6d  cifar-10-batches-bin/test_batch.bin
8c54ed9705290b2c31ee66da56158a1c  text/train_medium.csv
38ce4a43bf27c163ae95bc302fb16e5c  text/test_medium.csv'

say() { echo "fetch_data: $*" >&2; }
fail() { say "$@"; exit 5; }
refuse() { say "$@"; exit 2; }
usage() { sed -n '2,/^set /{s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"; }

dir='' from='' link=no
while [ $# -gt 0 ]; do
  case "$1" in
    --from)
      [ -n "${2:-}" ] || refuse "--from needs a folder"
      [ -d "$2" ] || fail "--from $2: no such folder"
      from=$(realpath -- "$2"); shift ;;
    --link) link=yes ;;
    -h | --help) usage; exit 0 ;;
    -*) usage >&2; exit 2 ;;
    *) dir=$1 ;;
  esac
  shift
done
[ $link = no ] || [ -n "$from" ] || refuse "--link needs --from FOLDER: what is loaded is not linked"
dir=${dir:-$(dirname "${BASH_SOURCE[0]}")/../data}
mkdir -p "$dir/cifar-10-batches-bin" "$dir/text" || fail "$dir cannot be written"
dir=$(cd "$dir" && pwd)
scratch=$dir/.fetch  # a cut-off download goes on from here

sum_of() { awk -v file="$1" '$2 == file {print $1}' <<<"$md5_sums"; }
is_right() { [ -e "$2" ] && [ "$(md5sum <"$2" | cut -d' ' -f1)" = "$(sum_of "$1")" ]; }
missing() { while read -r _ file; do is_right "$file" "$dir/$file" || echo "$file"; done <<<"$md5_sums"; }

load() { curl --fail --location --retry 3 --continue-at - --no-progress-meter --output "$2" "$1"; }

# The same, from the start where the server cannot go on with the part that is here: it knows no ranges (33), or has
# nothing behind the part's end (22: HTTP 416; 36: a file).
load_or_begin_anew() {
  local code=0
  load "$1" "$2" || code=$?
  case $code in
    22 | 33 | 36) [ -e "$2" ] && say "loading it from the start" && rm "$2" && load "$1" "$2" ;;
    *) return $code ;;
  esac
}

# download URL FILE: FILE appears only when it is whole.
download() {
  [ ! -e "$2" ] || return 0
  command -v curl >/dev/null || fail "curl is missing (sudo apt-get install curl); or give a folder with --from"
  say "loading $1"
  load_or_begin_anew "$1" "$2.part" ||
    fail "$1 could not be loaded; run the same command again to go on, or give a folder with --from"
  mv "$2.part" "$2" || fail "$2 could not be written"
}

# keep FILE SOURCE: a loaded file goes to its place, or away when it is not the right one.
keep() {
  if is_right "$1" "$2"; then
    mv -f "$2" "$dir/$1" || fail "$dir/$1 could not be written"
    say "$dir/$1"
    return
  fi
  local got
  got=$(md5sum <"$2" | cut -d' ' -f1)
  rm -rf "$scratch"
  fail "what was loaded is not the expected $1 (MD5 $got, expected $(sum_of "$1")); give a folder with --from"
}

# put SOURCE FILE: a copy or a link, as asked for.
put() {
  if [ $link = yes ]; then ln -sfn "$1" "$2"; else cp "$1" "$2.part" && mv -f "$2.part" "$2"; fi
}

take_from_folder() {
  local source
  while read -r source; do
    if ! is_right "$1" "$source"; then continue; fi
    put "$source" "$dir/$1" || { rm -f "$dir/$1.part"; fail "$dir/$1 could not be written"; }
    say "$dir/$1" && return
  done < <(find -L "$from" -name "$(basename "$1")" -type f)
  fail "$from has no $(basename "$1") with the MD5 sum $(sum_of "$1")"
}

fetch_cifar10() {
  download "$cifar10_url" "$scratch/cifar-10-binary.tar.gz"
  tar -xzf "$scratch/cifar-10-binary.tar.gz" -C "$scratch" ||
    { rm "$scratch/cifar-10-binary.tar.gz"; fail "the archive was damaged and is deleted; run the same command again"; }
  for file in "$@"; do keep "$file" "$scratch/$file"; done
}

load_from_home() {
  local file cifar10=()
  mkdir -p "$scratch"
  for file in "$@"; do
    case "$file" in
      cifar-10*) cifar10+=("$file") ;;
      text/train*) download "$train_text_url" "$scratch/train.csv"; keep "$file" "$scratch/train.csv" ;;
      text/test*) download "$test_text_url" "$scratch/test.csv"; keep "$file" "$scratch/test.csv" ;;
    esac
  done
  if [ ${#cifar10[@]} -gt 0 ]; then fetch_cifar10 "${cifar10[@]}"; fi
  rm -rf "$scratch"
}

fetch_missing() {
  local wanted left
  mapfile -t wanted < <(missing)  # under the lock: another one may have brought them
  if [ -n "$from" ]; then
    for file in "${wanted[@]}"; do take_from_folder "$file"; done
  elif [ ${#wanted[@]} -gt 0 ]; then
    load_from_home "${wanted[@]}"
  fi
  left=$(missing)
  [ -z "$left" ] || fail "still missing or wrong in $dir: ${left//$'\n'/, }"
}

if [ -n "$(missing)" ]; then
  { exec 9>"$dir/.fetch.lock"; } 2>/dev/null || fail "$dir cannot be written"
  flock 9  # released when this script and what it started have ended
  fetch_missing
fi
say "all data sets are in $dir, MD5 sums right; use --data-dir $dir (not needed for the project's data/)"
