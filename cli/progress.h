/*
 * progress.h
 *	  One line that tells how far a long step has come: redrawn in place on a
 *	  terminal, a plain line now and then elsewhere.
 */
#ifndef VECDB_PROGRESS_H
#define VECDB_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress
{
	bool quiet;
	bool terminal;
	double started;
	double shown; /* time of the last line, 0 for none yet */
};

void progress_start(struct progress *p, bool quiet);
bool progress_due(const struct progress *p);
void progress_show(struct progress *p, const char *label, uint64_t done,
				   uint64_t total, const char *detail);
double progress_left(const struct progress *p, uint64_t done, uint64_t total);
void progress_clear(void);

#endif /* VECDB_PROGRESS_H */
