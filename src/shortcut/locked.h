/*
 * locked.h: is a page locked by this process?  For Assert: the server has no
 * such question for buffers in all versions.
 */
#ifndef VECDB_SHORTCUT_LOCKED_H
#define VECDB_SHORTCUT_LOCKED_H

#include "compat.h"

#include "storage/buf_internals.h"
#include "storage/bufmgr.h"
#include "storage/lwlock.h"

/*
 * Does this process hold the buffer's lock exclusively?  A temporary table's
 * buffers have none and need none.
 */
static inline bool
vdb_locked_exclusively(Buffer buffer)
{
	return BufferIsLocal(buffer) ||
		   LWLockHeldByMeInMode(
			   BufferDescriptorGetContentLock(GetBufferDescriptor(buffer - 1)),
			   LW_EXCLUSIVE);
}

/* The same in either mode. */
static inline bool
vdb_locked(Buffer buffer)
{
	return BufferIsLocal(buffer) ||
		   LWLockHeldByMe(
			   BufferDescriptorGetContentLock(GetBufferDescriptor(buffer - 1)));
}

#endif /* VECDB_SHORTCUT_LOCKED_H */
