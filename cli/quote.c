/*
 * quote.c
 *	  Names of the user's as SQL wants them.
 */
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "quote.h"

char *
quote_name(PGconn *conn, const char *name)
{
	char *quoted = PQescapeIdentifier(conn, name, strlen(name));
	char *copy;

	if (quoted == NULL)
		fail(CODE_INPUT, "invalid name \"%s\": %s", name, PQerrorMessage(conn));
	copy = xstrdup(quoted);
	PQfreemem(quoted);
	return copy;
}

char *
quote_literal(PGconn *conn, const char *text)
{
	char *quoted = PQescapeLiteral(conn, text, strlen(text));
	char *copy;

	if (quoted == NULL)
		fail(CODE_INPUT, "%s", PQerrorMessage(conn));
	copy = xstrdup(quoted);
	PQfreemem(quoted);
	return copy;
}

/*
 * Cut one part off a possibly qualified name and return it.  Parts are taken
 * as they are written, without folding of case; one that holds a dot is put
 * in double quotes, as in SQL.
 */
static char *
take_part(const char **name)
{
	const char *in = *name;
	char *part = xmalloc(strlen(in) + 1);
	char *out = part;
	bool quoted = false;

	for (; *in != '\0' && (quoted || *in != '.'); in++)
	{
		if (*in != '"')
			*out++ = *in;
		else if (quoted && in[1] == '"')
			*out++ = *in++;
		else
			quoted = !quoted;
	}
	*out = '\0';
	if (out == part || quoted || (*in == '.' && in[1] == '\0'))
		fail(CODE_INPUT, "invalid name: \"%s\"", *name);
	*name = *in == '.' ? in + 1 : in;
	return part;
}

/* A name such as tab or schema.tab, quoted for use in SQL. */
char *
quote_qualified(PGconn *conn, const char *name)
{
	char *part = take_part(&name);
	char *quoted = quote_name(conn, part);

	free(part);
	while (*name != '\0')
	{
		char *next;
		char *longer;

		part = take_part(&name);
		next = quote_name(conn, part);
		longer = format("%s.%s", quoted, next);
		free(part);
		free(next);
		free(quoted);
		quoted = longer;
	}
	return quoted;
}
