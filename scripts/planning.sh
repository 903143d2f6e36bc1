#!/usr/bin/env bash
# Builds the planning environment in .planning/venv: pyRadPlan and what it needs, nothing else (about 600 MB).
# An optional extra: only automatic proton plans need it. Called by `make planning`, which makes .tools first.
set -euo pipefail
cd "$(dirname "$0")/.."
export UV_PYTHON_DOWNLOADS=never
uv=.tools/uv/bin/uv
venv=.planning/venv
lock=scripts/planning.lock

if [[ -e $venv/.ready ]] && cmp --silent "$lock" "$venv/.ready"; then
  exit 0
fi
printf 'Installing pyRadPlan into %s (once; some minutes on a slow line) …\n' "$venv" >&2
rm -rf "$venv"
mkdir -p .planning
"$uv" venv --quiet --python .venv/bin/python "$venv"
"$uv" pip install --quiet --python "$venv/bin/python" --no-deps --require-hashes --requirement "$lock"
MPLCONFIGDIR=$venv/matplotlib "$venv/bin/python" -c 'import pyRadPlan' 2>/dev/null || { printf 'pyRadPlan does not start\n' >&2; exit 1; }
cp "$lock" "$venv/.ready" # last: an environment without it is not used
