/*
 * test_ef_search.c: the table of ef_search, over all of its values.
 */
#include "math/ef_search.h"

#include "check.h"

int
main(void)
{
	double last = 0;
	bool grows = true;

	for (int i = 1; i <= VDB_MOST_EF_SEARCH; i++)
	{
		double recall = vdb_ef_search_recall(i);

		grows &= recall > last && recall < 1;
		last = recall;
	}
	check(grows, "more is never less, and less than all");
	check(vdb_ef_search_recall(1) > 0.5, "one: %g", vdb_ef_search_recall(1));
	check(vdb_ef_search_recall(VDB_DEFAULT_EF_SEARCH) == 0.982,
		  "the default: %g", vdb_ef_search_recall(VDB_DEFAULT_EF_SEARCH));
	check(vdb_ef_search_recall(100) == 0.995, "a point of the table: %g",
		  vdb_ef_search_recall(100));
	check(last == 0.9999, "the most: %g", last);
	return check_done();
}
