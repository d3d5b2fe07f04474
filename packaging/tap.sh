# SPDX-License-Identifier: Apache-2.0
# Sourced by the scripts here that print TAP. A row is a command that either
# works or does not; what it prints goes to $row_log and is the row's comment.
# shellcheck shell=bash

number=0 failed=0

say() {
	printf '# %s\n' "$*"
}

# row SENTENCE COMMAND... : with $must set, a row that fails ends the script.
row() {
	local sentence=$1 word=ok
	shift
	number=$((number + 1))
	# Not in a condition, where a step that fails would not end the row.
	set +e
	(set -e; "$@") >"$row_log" 2>&1
	[ $? = 0 ] || word="not ok"
	set -e
	[ "$word" = ok ] || failed=$((failed + 1))
	printf '%s %s - %s\n' "$word" "$number" "$sentence"
	sed 's/^/# /' "$row_log" | tail -n 40
	[ "$word" = ok ] || [ -z "${must:-}" ] || finish
}

finish() {
	printf '1..%s\n' "$number"
	[ "$failed" = 0 ]
	exit
}
