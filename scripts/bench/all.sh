#!/usr/bin/env bash
# Measures what the pages say: the quick form of each script that is the source of a number, one after another. Give the
# machine a quiet hour, about five minutes of it. Then `python scripts/measured.py` writes the numbers into the pages.
#
#     bash scripts/bench/all.sh --numbers docs/numbers.json [--peers PEERS/bin/python]
#
# Without `--peers` (arrays.py --make-peers PEERS makes such an environment) the other libraries' numbers stay as they
# are, but for PyTorch's and JAX's where this environment has them.
set -euo pipefail
cd "$(dirname -- "${BASH_SOURCE[0]}")/../.."
export OMP_NUM_THREADS=1
peers=() numbers=()
while [[ $# -gt 0 ]]; do
    case "$1" in
        --numbers) numbers=(--numbers "$2"); shift 2 ;;
        --peers) peers=(--python "$2"); shift 2 ;;
        *) echo "unknown option $1" >&2; exit 2 ;;
    esac
done

missed=0
measure() {
    echo "== $*"
    "${PYTHON:-python}" "scripts/bench/$@" --quick "${numbers[@]}" || { missed=1; echo "MISSED: $1" >&2; }
}
measure imports.py
measure scalars.py
measure arrays.py "${peers[@]}"
measure compile.py
exit "$missed"
