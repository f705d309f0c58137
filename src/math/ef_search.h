/*
 * ef_search.h: what a graph's ef_search stands for.
 */
#ifndef VECDB_EF_SEARCH_H
#define VECDB_EF_SEARCH_H

#define VDB_DEFAULT_EF_SEARCH 40
#define VDB_MOST_EF_SEARCH 1000

/*
 * The target recall for an ef_search of 1 to VDB_MOST_EF_SEARCH: in (0, 1),
 * never less for a greater one.
 */
extern double vdb_ef_search_recall(int ef_search);

#endif /* VECDB_EF_SEARCH_H */
