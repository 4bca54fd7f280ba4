#!/usr/bin/env bash
# Installs the checkout in which the action lies, with the dependencies of constraints.txt, and runs one command of it.
# The inputs come in SRCOS_* variables. The environment is kept for the job: a second use needs no network.
set -euo pipefail

fail() {
  # Only words from this file: text from outside could forge commands.
  printf '::error title=srcos-validate::%s\n' "$1"
  exit 2
}

command=${SRCOS_COMMAND:-ci}
against=${SRCOS_AGAINST:-}
python=${SRCOS_PYTHON:-python3}
[ -n "${GITHUB_ACTION_PATH:-}" ] || fail 'GITHUB_ACTION_PATH is not set; this script is run by the action'

case $command in
  ci | diff) ;;
  lint | test | check | audit | docs)
    [ -z "$against" ] || fail 'the input against is for the commands ci and diff'
    ;;
  *) fail 'the input command is none of ci, lint, test, diff, check, audit, docs' ;;
esac

"$python" -I -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
  fail 'the input python names no Python 3.11 or newer; actions/setup-python brings one'

constraints=$GITHUB_ACTION_PATH/action/constraints.txt
key=$(printf '%s' "$GITHUB_ACTION_PATH" | cksum | cut -d ' ' -f 1)
environment=${RUNNER_TEMP:-${TMPDIR:-/tmp}}/srcos-validate-$key
bin=$environment/bin
[ ! -d "$environment/Scripts" ] || bin=$environment/Scripts
if ! cmp -s "$constraints" "$environment/installed.txt"; then
  "$python" -I -m venv --clear "$environment" || fail 'no virtual environment can be made'
  [ ! -d "$environment/Scripts" ] || bin=$environment/Scripts
  pip=("$bin/python" -I -m pip install --quiet --disable-pip-version-check --constraint "$constraints")
  "${pip[@]}" hatchling || fail 'the packages of action/constraints.txt cannot be installed'
  "${pip[@]}" --no-build-isolation "${GITHUB_ACTION_PATH}[author,audit]" || fail 'the packages of action/constraints.txt cannot be installed'
  cp "$constraints" "$environment/installed.txt"
fi

words=()
split='import os, shlex, sys
try:
    words = shlex.split(os.environ.get("SRCOS_ARGUMENTS", ""))
except ValueError:
    sys.exit(1)
sys.stdout.buffer.write(b"".join(os.fsencode(word) + b"\0" for word in words))'
"$bin/python" -I -c "$split" >"$environment/words" || fail 'the input arguments has a quote that is not closed'
while IFS= read -r -d '' word; do
  words+=("$word")
done <"$environment/words"
[ -z "$against" ] || words+=("--against=$against")

cd -- "${SRCOS_FOLDER:-.}" 2>/dev/null || fail 'there is no such folder as the input folder says'
# In bash 3.2, as macOS has it, an empty list counts as unset.
exec "$bin/srcos-validate" "$command" ${words[@]+"${words[@]}"}
