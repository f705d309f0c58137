# The rehearsal's checks: each is named, each has passed or failed, none stops
# the run.
#
#   accepted NAME COMMAND...          the command succeeds
#   refused  NAME PATTERN COMMAND...  it fails, and says why: a refusal for
#                                     another reason is no refusal
#   equals   NAME EXPECTED COMMAND... it prints exactly this
#
# shellcheck shell=bash

passed=0
failed=0

pass() {
  passed=$((passed + 1))
  echo "ok - $1"
}

fail() {
  failed=$((failed + 1))
  echo "FAILED - $1"
  printf '%s\n' "$2" | head -n 12 | sed 's/^/    /'
}

accepted() {
  local name=$1 output
  shift
  if output=$("$@" 2>&1 </dev/null); then
    pass "$name"
  else
    fail "$name" "exit code $?: $output"
  fi
}

refused() {
  local name=$1 pattern=$2 output code=0
  shift 2
  output=$("$@" 2>&1 </dev/null) || code=$?
  if [ "$code" = 0 ]; then
    fail "$name" "it was not refused: $output"
  elif grep -Eq -- "$pattern" <<<"exit $code: $output"; then
    pass "$name"
  else
    fail "$name" "refused for another reason (exit $code): $output"
  fi
}

equals() {
  local name=$1 expected=$2 output
  shift 2
  output=$("$@" 2>&1 </dev/null) || output="exit code $?: $output"
  if [ "$output" = "$expected" ]; then
    pass "$name"
  else
    fail "$name" "expected: $expected
found: $output"
  fi
}
