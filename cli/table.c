/*
 * table.c
 *	  A result as a table with aligned columns: numbers to the right, text to
 *	  the left, measured in the columns that a terminal uses for it.
 *
 * Words come from files of the wide world, so nothing that is not printable
 * reaches the terminal as it is: control characters could move its cursor or
 * worse.  They show as \x1b, say.
 */
#include <stdlib.h>
#include <wchar.h>

#include "cli.h"
#include "common/utf8.h"
#include "output.h"

#define COLUMN_GAP "  "

/*
 * Print one character, if out is not NULL, and return its width.  *text moves
 * on.
 */
static int
put_character(FILE *out, const char **text)
{
	uint32_t code;
	int len = utf8_decode(*text, &code);
	int width = len == 0 ? -1 : wcwidth((wchar_t) code);
	unsigned char byte = (unsigned char) **text;

	/* In the C locale wcwidth() knows ASCII only; the terminal may be UTF-8 */
	if (width < 0 && len > 1 && code >= 0xa0)
		width = 1;
	if (width < 0)
	{
		if (out != NULL)
			fprintf(out, "\\x%02x", byte);
		*text += 1;
		return 4;
	}
	if (out != NULL)
		fwrite(*text, 1, (size_t) len, out);
	*text += len;
	return width;
}

static int
put_text(FILE *out, const char *text)
{
	int width = 0;

	while (*text != '\0')
		width += put_character(out, &text);
	return width;
}

static void
put_cell(FILE *out, const char *text, int width, bool right, bool last)
{
	int pad = width - put_text(NULL, text);

	if (right)
		fprintf(out, "%*s", pad, "");
	put_text(out, text);
	if (!right && !last)
		fprintf(out, "%*s", pad, "");
	fputs(last ? "\n" : COLUMN_GAP, out);
}

static int *
column_widths(const PGresult *result)
{
	int columns = PQnfields(result);
	int *widths = xmalloc(sizeof(int) * (size_t) columns);

	for (int c = 0; c < columns; c++)
	{
		widths[c] = put_text(NULL, PQfname(result, c));
		for (int r = 0; r < PQntuples(result); r++)
		{
			int width = put_text(NULL, PQgetvalue(result, r, c));

			if (width > widths[c])
				widths[c] = width;
		}
	}
	return widths;
}

void
print_table(FILE *out, const PGresult *result)
{
	int columns = PQnfields(result);
	int *widths = column_widths(result);

	for (int c = 0; c < columns; c++)
		put_cell(out, PQfname(result, c), widths[c],
				 is_numeric(PQftype(result, c)), c == columns - 1);
	for (int c = 0; c < columns; c++)
	{
		for (int i = 0; i < widths[c]; i++)
			fputc('-', out);
		fputs(c == columns - 1 ? "\n" : COLUMN_GAP, out);
	}
	for (int r = 0; r < PQntuples(result); r++)
		for (int c = 0; c < columns; c++)
			put_cell(out, PQgetvalue(result, r, c), widths[c],
					 is_numeric(PQftype(result, c)), c == columns - 1);
	free(widths);
}
