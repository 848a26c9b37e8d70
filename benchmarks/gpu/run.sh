#!/usr/bin/env bash
# Everything that is to be known on a machine with a GPU, in under 9 minutes: run.sh [FOLDER], where the results go.
#
# Needs nh-gpu-check beside this script, on the PATH, or named by NH_GPU_CHECK. Where they are found, compute-sanitizer
# watches a part of the tests, and Python with NumPyro and JAX (PYTHON names it) measures the peer. A part that takes too
# long is cut off, and what it has written until then counts. Leaves FOLDER/run.json and prints a table.
set -u
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)  # tests/ is below: some tests read files there
mkdir -p "${1:-nh-gpu-run}"
out=$(cd "${1:-nh-gpu-run}" && pwd)
python=${PYTHON:-python3}
check=${NH_GPU_CHECK:-}
for candidate in "$here/nh-gpu-check" "$(command -v nh-gpu-check)" "$root/build-static/bin/nh-gpu-check"; do
  [ -n "$check" ] || { [ -x "$candidate" ] && check=$candidate; }
done
[ -n "$check" ] || { echo "nh-gpu-check is not here: cmake --preset release-static && cmake --build --preset release-static" >&2; exit 2; }
check=$(realpath "$check")
cd "$root" || exit 2
export NUTHATCH_CACHE="$out/cache"
rm -f "$out"/*.jsonl "$out/run.json"

"$check" devices || exit 1
read -ra more <<<"${NH_GPU_FLAGS:-}"  # for the benchmarks, such as --small
started=$SECONDS
limit=${NH_GPU_SECONDS:-525}  # for all; under 9 minutes

# part NAME SECONDS FILE COMMAND...: runs it within its time, and what is left of all; output goes to FILE, messages to NAME.log.
part() {
  local name=$1 seconds=$2 file=$3 begin=$SECONDS left=$((limit - (SECONDS - started))) status
  shift 3
  [ "$left" -lt "$seconds" ] && seconds=$left
  if [ "$seconds" -lt 5 ]; then
    echo "$name: no time left" >&2
    return
  fi
  timeout -k 5 "$seconds" "$@" >"$file" 2>"$out/$name.log"
  status=$?
  echo "{\"part\": \"$name\", \"status\": $status, \"seconds\": $((SECONDS - begin))}" >>"$out/parts.jsonl"
  [ "$status" -eq 0 ] || echo "$name: ended with $status; see $out/$name.log" >&2
}

# The others of tests/cpu are about code for processors.
NUTHATCH_DEVICE=gpu:0 part conformance 100 "$out/conformance.txt" "$check" test --gtest_brief=1 \
  --gtest_filter='Codegen.*:RandomCode.*:RowPass.*:Scatter.*:ShortRows.*'
part device 40 "$out/device.txt" "$check" test gpu --gtest_brief=1
part fuzz 30 "$out/fuzz.txt" "$check" fuzz --device gpu:0 --widths none --seconds 20 --out "$out"

sanitizer=$(command -v compute-sanitizer || ls /usr/local/cuda/bin/compute-sanitizer 2>/dev/null)
if [ -n "$sanitizer" ]; then
  for tool in memcheck racecheck; do
    NUTHATCH_DEVICE=gpu:0 part $tool 45 "$out/$tool.txt" "$sanitizer" --tool $tool --error-exitcode 1 \
      "$check" test --gtest_brief=1 --gtest_filter="${NH_GPU_SANITIZED:-ShortRows.*:Scatter.*}"
  done
fi

part bench 130 "$out/bench.jsonl" "$check" bench --device gpu:0 --repetitions 3 --budget 12 ${more[@]+"${more[@]}"}
if "$python" -c 'import jax, numpyro' 2>/dev/null; then
  # What is quick first.
  part peer 300 "$out/peer.jsonl" "$python" "$here/numpyro_gpu.py" --repetitions 1 --budget 15 ${more[@]+"${more[@]}"} \
    --what covertype,scan,elementwise,matrix_product,eight_schools,logistic,hidden_markov,stochastic_volatility
fi
"$python" "$here/table.py" "$out"
