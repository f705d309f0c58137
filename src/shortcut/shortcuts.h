/*
 * shortcuts.h: which of the shortcuts of this folder are taken.
 *
 * Each one has the server's own way beside it, which gives the same answers.
 * The setting vecdb.disable_shortcuts, for tests and support, names those that
 * are not to be taken, or "all".
 */
#ifndef VECDB_SHORTCUT_SHORTCUTS_H
#define VECDB_SHORTCUT_SHORTCUTS_H

#include "compat.h"

typedef enum VdbShortcut
{
	VDB_SHORTCUT_AHEAD = 1 << 0,  /* ahead.c: pages asked for ahead */
	VDB_SHORTCUT_FETCH = 1 << 1,  /* fetch.c: rows off an ordinary heap */
	VDB_SHORTCUT_TOAST = 1 << 2,  /* toast.c: values out of line */
	VDB_SHORTCUT_GUESS = 1 << 3,  /* guess.c: without the TOAST index */
	VDB_SHORTCUT_RECENT = 1 << 4, /* recent.c: values that were just read */
	VDB_SHORTCUT_WAL = 1 << 5,	  /* wal.c: records put together here */
} VdbShortcut;

/* Those that are not taken. */
extern int vdb_shortcuts_off;

static inline bool
vdb_shortcut(VdbShortcut shortcut)
{
	return likely((vdb_shortcuts_off & shortcut) == 0);
}

/* Define the setting. */
extern void vdb_shortcuts_init(void);

#endif /* VECDB_SHORTCUT_SHORTCUTS_H */
