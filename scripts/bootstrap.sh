#!/usr/bin/env bash
# Makes .tools (uv, by pip) and .venv (from uv.lock). Called by the Makefile with what is wanted:
# tools, product (to run) or everything (to develop). Repairs what a killed run left behind.
set -euo pipefail
cd "$(dirname "$0")/.."
want=${1:?tools, product or everything}
export UV_PYTHON_DOWNLOADS=never UV_PROJECT_ENVIRONMENT=.venv
uv=.tools/uv/bin/uv

say() { printf '%s\n' "$*" >&2; }

find_python() {
  local name
  for name in "${PYTHON:-}" python3.11 python3.12 python3.13 python3.14 python3 python; do
    [[ -n $name ]] || continue
    if command -v "$name" >/dev/null &&
      "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      "$name" -c 'import sys; print(sys.executable)'
      return
    fi
  done
  say "Sapar needs Python 3.11 or later, and found none."
  say "On Debian 12: apt install python3 python3-venv.  Elsewhere: make PYTHON=/path/to/python3.11"
  exit 1
}

works() { [[ -x $1 ]] && "$1" "${@:2}" >/dev/null 2>&1; }

python=$(find_python)
debian="python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')"

if [[ $want == tools ]]; then
  if ! works "$uv" --version; then
    say "Installing uv into .tools …"
    rm -rf .tools
    if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
      say "$python cannot make a virtual environment: its venv or ensurepip module is missing."
      say "On Debian: apt install $debian-venv   (or python3-venv)"
      exit 1
    fi
    mkdir -p .tools
    "$python" -m venv .tools/uv
    if ! works .tools/uv/bin/python -m pip --version; then
      say "The new environment has no pip.  On Debian: apt install $debian-venv python3-pip"
      rm -rf .tools
      exit 1
    fi
    .tools/uv/bin/python -m pip install --quiet --disable-pip-version-check 'uv>=0.7,<1'
  fi
  touch .tools/.uv
  exit 0
fi

# An environment whose Python does not start, or whose making was killed, is made anew.
if [[ -e .tools/.unfinished ]] ||
  { [[ -e .venv ]] && ! works .venv/bin/python -c 'import sys'; }; then
  if [[ -e .venv ]]; then
    say "The virtual environment is broken or was not finished; it is made again."
    rm -rf .venv
  fi
fi
touch .tools/.unfinished

if [[ $want == product && ! -e .venv/.everything ]]; then
  say "Installing what Sapar needs to run, from uv.lock (once; about a minute) …"
  "$uv" sync --quiet --locked --no-default-groups --python "$python"
  touch .venv/.product
else
  say "Installing what developing Sapar needs, from uv.lock (once; a few minutes on a slow line) …"
  "$uv" sync --quiet --locked --python "$python"
  touch .venv/.product .venv/.everything
fi
rm -f .tools/.unfinished
