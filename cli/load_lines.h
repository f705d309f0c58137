/*
 * load_lines.h
 *	  Which line of a file a row came from: the server names rows by number,
 *	  and often long after they were sent.
 */
#ifndef VECDB_LOAD_LINES_H
#define VECDB_LOAD_LINES_H

#include <stddef.h>
#include <stdint.h>

/* Only where the distance between both changes: most files have few such
 * places. */
struct line_map
{
	struct line_step
	{
		uint64_t row;
		uint64_t line;
	} *steps;
	size_t count;
	size_t room;
};

void lines_note(struct line_map *map, uint64_t row, uint64_t line);

/* Zero if that is unknown. */
uint64_t lines_find(const struct line_map *map, uint64_t row);

#endif /* VECDB_LOAD_LINES_H */
