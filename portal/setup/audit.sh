#!/usr/bin/env bash
# Ask the advisories of PyPI and npm about every locked package that runs in production.
# Ends with 0: nothing is known; 1: something is; 2: an advisory service cannot be asked from this machine.
set -uo pipefail
cd "$(dirname "$0")/../.."
uv=$PWD/.venv/bin/uv
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
worst=0

note() { # note CODE WORDS
  echo "audit: $2"
  [ "$1" -le "$worst" ] || worst=$1
}

"$uv" export --quiet --frozen --no-dev --all-extras --no-emit-project --output-file "$work/requirements.txt" || exit 2
"$uv" tool run --quiet pip-audit==2.10.1 --strict --disable-pip --require-hashes --progress-spinner off \
  --requirement "$work/requirements.txt" >"$work/python" 2>&1
code=$?
if [ $code -eq 0 ]; then
  note 0 "nothing is known about the Python packages"
elif grep -q '^Found [0-9]* known vulnerabilit' "$work/python"; then
  cat "$work/python"
  note 1 "there are advisories about Python packages"
else
  tail -n 3 "$work/python"
  note 2 "the advisories of PyPI cannot be asked from this machine"
fi

(cd portal/frontend && npm audit --package-lock-only --audit-level=low --json) >"$work/npm" 2>"$work/npm.err"
code=$?
if grep -q '"auditReportVersion"' "$work/npm"; then
  if [ $code -eq 0 ]; then
    note 0 "nothing is known about the npm packages"
  else
    cat "$work/npm"
    note 1 "there are advisories about npm packages"
  fi
else
  tail -n 3 "$work/npm.err"
  note 2 "the advisories of npm cannot be asked from this machine"
fi
exit "$worst"
