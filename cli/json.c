/*
 * json.c
 *	  A result as JSON (RFC 8259): an array with an object per row.
 *
 * The server's text of a number is a JSON number already, except for NaN and
 * the infinities, which JSON lacks: they become null, as in other tools.
 */
#include <string.h>

#include "cli.h"
#include "output.h"

/* NULL becomes null. */
void
json_string(FILE *out, const char *text)
{
	if (text == NULL)
	{
		fputs("null", out);
		return;
	}
	fputc('"', out);
	for (; *text != '\0'; text++)
	{
		unsigned char c = (unsigned char) *text;

		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			fprintf(out, "\\u%04x", c);
		else
			fputc(c, out);
	}
	fputc('"', out);
}

static void
put_value(FILE *out, Oid type, const char *text)
{
	if (type == BOOLOID)
		fputs(text[0] == 't' ? "true" : "false", out);
	else if (is_numeric(type))
		/* NaN, Infinity, -Infinity */
		fputs(strpbrk(text, "NI") ? "null" : text, out);
	else if (type == JSONOID || type == JSONBOID)
		fputs(text, out);
	else
		json_string(out, text);
}

static void
put_row(FILE *out, const PGresult *result, int row)
{
	fputc('{', out);
	for (int c = 0; c < PQnfields(result); c++)
	{
		if (c > 0)
			fputs(", ", out);
		json_string(out, PQfname(result, c));
		fputs(": ", out);
		if (PQgetisnull(result, row, c))
			fputs("null", out);
		else
			put_value(out, PQftype(result, c), PQgetvalue(result, row, c));
	}
	fputc('}', out);
}

void
json_rows(FILE *out, const PGresult *result)
{
	int rows = PQntuples(result);

	fputs("[", out);
	for (int r = 0; r < rows; r++)
	{
		fputs(r == 0 ? "\n    " : ",\n    ", out);
		put_row(out, result, r);
	}
	fputs(rows > 0 ? "\n  ]" : "]", out);
}
