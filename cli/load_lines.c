/*
 * load_lines.c
 *	  See load_lines.h.
 */
#include "load_lines.h"

#include "cli.h"

/* 16 MB; a file with more places keeps the last of them. */
#define MOST_STEPS (1 << 20)

static uint64_t
line_from(const struct line_step *step, uint64_t row)
{
	return step->line + (row - step->row);
}

void
lines_note(struct line_map *map, uint64_t row, uint64_t line)
{
	if (map->count > 0 && line_from(&map->steps[map->count - 1], row) == line)
		return;
	if (map->count == MOST_STEPS)
		map->count = 0;
	if (map->count == map->room)
	{
		map->room = map->room == 0 ? 64 : 2 * map->room;
		map->steps = xrealloc(map->steps, sizeof(struct line_step) * map->room);
	}
	map->steps[map->count++] = (struct line_step){row, line};
}

uint64_t
lines_find(const struct line_map *map, uint64_t row)
{
	for (size_t i = map->count; i-- > 0;)
		if (map->steps[i].row <= row)
			return line_from(&map->steps[i], row);
	return 0;
}
