/*
 * tabular_columns.c
 *	  See tabular_columns.h.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/tabular_columns.h"
#include "common/value_type.h"

#define LONGEST_NAME 63 /* of the server's: it would cut longer ones */

#define TYPE_CHARACTERS                                                        \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_ .,()[]\""

bool
tabular_is_cell(const struct tabular *t, int column)
{
	return column != t->vector && t->columns[column].wanted;
}

int
tabular_find_column(const struct tabular *t, const char *name)
{
	for (int i = 0; i < t->count; i++)
		if (strcmp(t->columns[i].name, name) == 0)
			return i;
	return -1;
}

static bool
grow(struct tabular *t)
{
	int room = t->room == 0 ? 16 : 2 * t->room;
	struct file_column *columns =
		realloc(t->columns, sizeof(struct file_column) * (size_t) room);

	if (columns == NULL)
		return false;
	t->columns = columns;
	t->room = room;
	return true;
}

bool
tabular_add_column(struct reader *r, const char *name, size_t len)
{
	struct tabular *t = r->tabular;
	struct file_column *column;

	if (t->count == MAX_COLUMNS)
		return reader_error_at(r, "expected at most %d columns, found more",
							   MAX_COLUMNS) == 0;
	if (len > LONGEST_NAME)
		return reader_error_at(r,
							   "expected names of at most %d bytes, found "
							   "\"%.*s...\"",
							   LONGEST_NAME, LONGEST_NAME, name) == 0;
	if (len > 0 && tabular_find_column(t, name) >= 0)
		return reader_error_at(r, "two columns have the name \"%s\"", name) ==
			   0;
	if (t->count == t->room && !grow(t))
		return reader_error(r, "out of memory") == 0;
	column = &t->columns[t->count];
	memset(column, 0, sizeof(*column));
	column->name = strndup(name, len);
	column->found = ~0u;
	if (column->name == NULL)
		return reader_error(r, "out of memory") == 0;
	t->count++;
	return true;
}

/* Bytes up to the comma that ends an item: none within brackets. */
static size_t
item_length(const char *text)
{
	size_t len = 0;
	int depth = 0;

	for (; text[len] != '\0' && (depth > 0 || text[len] != ','); len++)
		depth += text[len] == '(' ? 1 : text[len] == ')' ? -1 : 0;
	return len;
}

/* One NAME[:TYPE], which may be cut into pieces. */
static bool
choose_one(struct reader *r, char *item)
{
	struct tabular *t = r->tabular;
	char *type = strrchr(item, ':');
	int i;

	if (type != NULL)
		*type++ = '\0';
	i = tabular_find_column(t, item);
	if (i < 0 && r->format->records->named && *item != '\0')
	{
		/* No row so far has it. */
		if (!tabular_add_column(r, item, strlen(item)))
			return false;
		i = t->count - 1;
	}
	if (i < 0 || *item == '\0')
		return reader_error(r, "%s: --columns names \"%s\", which is no column",
							r->path, item) == 0;
	t->columns[i].wanted = true;
	if (type == NULL)
		return true;
	if (*type == '\0' || type[strspn(type, TYPE_CHARACTERS)] != '\0')
		return reader_error(r,
							"--columns: expected a type after \"%s:\", found "
							"\"%s\"",
							item, type) == 0;
	free(t->columns[i].type);
	t->columns[i].type = strdup(type);
	t->columns[i].given = true;
	return t->columns[i].type != NULL || reader_error(r, "out of memory") == 0;
}

static bool
want_all(struct reader *r)
{
	struct tabular *t = r->tabular;

	for (int i = 0; i < t->count; i++)
	{
		if (t->columns[i].name[0] == '\0')
			return reader_error(r,
								"%s: column %d of the header has no name; "
								"--columns names the columns to load",
								r->path, i + 1) == 0;
		t->columns[i].wanted = true;
	}
	return true;
}

bool
tabular_choose(struct reader *r)
{
	const char *text = r->options->columns;
	bool good = true;

	if (text == NULL)
		return want_all(r);
	r->tabular->chosen = true;
	while (good && *text != '\0')
	{
		size_t len = item_length(text);
		char *item = strndup(text, len);

		if (item == NULL)
			return reader_error(r, "out of memory") == 0;
		if (strcmp(item, "*") == 0)
		{
			r->tabular->chosen = false;
			good = want_all(r);
		}
		else
			good = choose_one(r, item);
		free(item);
		text += len;
		text += *text == ',';
	}
	return good;
}

/* The narrowest of the types that are left. */
static int
narrowest(const struct file_column *column)
{
	for (int i = 0; column->filled && i < VALUE_TYPES; i++)
		if ((column->found & 1u << i) != 0)
			return i;
	return VALUE_TYPES - 2; /* text */
}

bool
tabular_settle(struct reader *r)
{
	struct tabular *t = r->tabular;

	for (int i = 0; i < t->count; i++)
	{
		struct file_column *column = &t->columns[i];

		if (!tabular_is_cell(t, i))
			continue;
		if (!column->given)
		{
			int type = narrowest(column);

			column->type = strdup(value_types[type].name);
			if (column->type == NULL)
				return reader_error(r, "out of memory") == 0;
			column->check = 1u << type;
		}
		column->json = strncasecmp(column->type, "json", 4) == 0;
	}
	return true;
}

void
tabular_free_columns(struct tabular *t)
{
	for (int i = 0; i < t->count; i++)
	{
		free(t->columns[i].name);
		free(t->columns[i].type);
	}
	free(t->columns);
}
