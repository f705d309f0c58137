/*
 * room.h: whether there is room to make another tree.
 */
#ifndef VECDB_IVF_RENEW_ROOM_H
#define VECDB_IVF_RENEW_ROOM_H

#include "compat.h"

#include "utils/relcache.h"

/*
 * Is there memory to train the index again, and may temporary files be as large
 * as so many rows make them?  If not, who waits for it or the log is told.
 */
extern bool ivf_has_room(Relation index, double rows);

#endif /* VECDB_IVF_RENEW_ROOM_H */
