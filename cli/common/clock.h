/*
 * clock.h
 *	  The time, to measure how long something takes.
 */
#ifndef VECDB_CLOCK_H
#define VECDB_CLOCK_H

/* Seconds on a clock that only goes forward. */
double now_seconds(void);

#endif /* VECDB_CLOCK_H */
