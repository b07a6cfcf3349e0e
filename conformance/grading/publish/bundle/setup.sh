#!/usr/bin/env bash
# Gradescope runs this once, when the autograder's image is built: an environment of its own with what the grader needs.
# Wheels in wheels/ are preferred; if PIP_NO_INDEX is set, nothing else is used.
set -euo pipefail
root="${AUTOGRADER_ROOT:-/autograder}"
source="$root/source"

find_python() {
  for python in python3.13 python3.12 python3.11 python3; do
    if command -v "$python" >/dev/null && "$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$python"
      return
    fi
  done
  return 1
}

if ! python="$(find_python)"; then
  apt-get update
  apt-get install -y python3.12 python3.12-venv || apt-get install -y python3.11 python3.11-venv
  python="$(find_python)"
fi
if [ "$(id -u)" = 0 ] && ! command -v bwrap >/dev/null; then
  apt-get install -y bubblewrap || echo "bubblewrap is not available; another isolation will be used" >&2
fi

"$python" -m venv "$root/environment"
wheel="$(ls "$source"/*.whl)"
"$root/environment/bin/python" -m pip install --no-cache-dir --find-links "$source/wheels" -c "$source/constraints.txt" "$wheel[$(cat "$source/extras.txt")]"
