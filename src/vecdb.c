/*
 * vecdb.c: what the server sees first: the module's magic, and _PG_init,
 * which lets each layer define its settings, lowest layer first.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/guc.h"

#include "compat.h"
#include "ivf/callbacks.h"
#include "shortcut/shortcuts.h"
#include "types/kernel_guc.h"

PG_MODULE_MAGIC;

PGDLLEXPORT void _PG_init(void);

/* Run once in each process that loads the library. */
void
_PG_init(void)
{
	vdb_kernel_guc_init();
	vdb_shortcuts_init();
	ivf_init();

	/* From here on an unknown "vecdb." name is an error, not a placeholder. */
	MarkGUCPrefixReserved("vecdb");
}
