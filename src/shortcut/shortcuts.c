/*
 * shortcuts.c: the setting vecdb.disable_shortcuts.
 *
 * A list of names as in search_path; the check hook turns it into bits.
 */
#include "compat.h"

#include "shortcut/shortcuts.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/varlena.h"

#define EVERY_SHORTCUT ((VDB_SHORTCUT_WAL << 1) - 1)

int vdb_shortcuts_off = 0;

static char *disabled_names = NULL;

static const struct
{
	const char *name;
	int bits;
} names[] = {
	{"ahead", VDB_SHORTCUT_AHEAD},	 {"fetch", VDB_SHORTCUT_FETCH},
	{"toast", VDB_SHORTCUT_TOAST},	 {"guess", VDB_SHORTCUT_GUESS},
	{"recent", VDB_SHORTCUT_RECENT}, {"wal", VDB_SHORTCUT_WAL},
	{"all", EVERY_SHORTCUT},
};

/* The bits of a name, or 0. */
static int
bits_of(const char *name)
{
	for (int i = 0; i < lengthof(names); i++)
		if (pg_strcasecmp(name, names[i].name) == 0)
			return names[i].bits;
	return 0;
}

static bool
check_names(char **newval, void **extra, GucSource source)
{
	char *copy = pstrdup(*newval);
	List *list;
	ListCell *cell;
	int bits = 0;

	if (!SplitIdentifierString(copy, ',', &list))
	{
		GUC_check_errdetail("List syntax is invalid.");
		return false;
	}
	foreach (cell, list)
	{
		int more = bits_of(lfirst(cell));

		if (more == 0)
		{
			GUC_check_errdetail("There is no shortcut \"%s\".",
								(char *) lfirst(cell));
			GUC_check_errhint("There are ahead, fetch, toast, guess, recent, "
							  "wal, and all.");
			return false;
		}
		bits |= more;
	}
	*extra = vdb_guc_extra(sizeof(int));
	if (*extra == NULL)
		return false;
	*(int *) *extra = bits;
	return true;
}

static void
assign_names(const char *newval, void *extra)
{
	vdb_shortcuts_off = *(int *) extra;
}

void
vdb_shortcuts_init(void)
{
	DefineCustomStringVariable(
		"vecdb.disable_shortcuts",
		"Names the shortcuts through the server that are not taken.",
		"A list of ahead, fetch, toast, guess, recent, wal, or all; answers "
		"do not depend on it.",
		&disabled_names, "", PGC_USERSET, GUC_LIST_INPUT | GUC_NOT_IN_SAMPLE,
		check_names, assign_names, NULL);
}
