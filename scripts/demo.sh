#!/usr/bin/env bash
# The textbooks' nets, checked number by number and drawn into out/. Needs nothing but Python 3.11 or newer.
# Arguments go to scripts/demo.py (--help lists them).
set -euo pipefail

source "$(dirname -- "${BASH_SOURCE[0]}")/env.sh"
prepare draw,plot,data,nn
exec "$PY" "$ROOT/scripts/demo.py" "$@"
