#!/bin/sh
#
# discard.sh: what pg_regress starts in place of psql to run a script with
# debug_discard_caches: every time that catalogs could change under a
# transaction, what was kept of them is freed, so that a pointer into it that
# outlives a call meets freed memory.
#
# The function that makes the scripts' vectors is left out: its plan would be
# made anew for each row, which takes longer than all that is to be tested.
psql -qX -d contrib_regression -c "
	DO \$\$
	BEGIN
		IF to_regproc('public.vec') IS NOT NULL THEN
			ALTER FUNCTION public.vec(bigint, int) SET debug_discard_caches = 0;
		END IF;
	END \$\$" </dev/null || exit
PGOPTIONS="${PGOPTIONS:-} -c debug_discard_caches=1" exec "$@"
