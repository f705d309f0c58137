/*
 * epsilon.h: how far lower bounds stay below estimates.
 */
#ifndef VECDB_EPSILON_H
#define VECDB_EPSILON_H

/*
 * Standard errors for a search that aims for a recall in (0, 1]: 1.96 for
 * 0.90, 2.24 for 0.95, 2.81 for 0.99, and 3 from 0.9946 on.
 *
 * A row whose estimate errs by more comes late, or not at all, if rows enough
 * are nearer than its bound says.  Fewer standard errors mean fewer rows to
 * fetch in vain, so a search that may miss some neighbours in lists that it
 * does not probe should let the bounds miss a small part of them: some 3 % of
 * what the recall allows (docs/internals.md has the figures).
 */
extern float vdb_epsilon(double recall);

/*
 * The most of them, for a recall of one and its neighbourhood: 0.13 % of bounds
 * are too high.
 */
#define VDB_MOST_EPSILON 3.0f

/*
 * Where answers have to be sorted, what comes late is left out (answers.h),
 * and a scan that is run to its end lacks it: let that be rare.
 */
#define VDB_SORTED_EPSILON 4.0f

#endif /* VECDB_EPSILON_H */
