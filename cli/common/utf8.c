/*
 * utf8.c
 *	  See utf8.h.
 */
#include "common/utf8.h"

/*
 * Decode one character of a zero-terminated string; return its length in
 * bytes, or 0 where PostgreSQL would refuse the bytes too: overlong forms,
 * surrogates, above U+10FFFF, cut short.
 */
int
utf8_decode(const char *s, uint32_t *code)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *u = (const unsigned char *) s;
	int len = u[0] < 0x80	? 1
			  : u[0] < 0xc2 ? 0
			  : u[0] < 0xe0 ? 2
			  : u[0] < 0xf0 ? 3
			  : u[0] < 0xf5 ? 4
							: 0;
	uint32_t c = len == 1 ? u[0] : u[0] & (0x7fu >> len);

	for (int i = 1; i < len; i++)
	{
		if ((u[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (u[i] & 0x3f);
	}
	if (len > 1 &&
		(c < least[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)))
		return 0;
	*code = c;
	return len;
}

/*
 * Length of the longest prefix that is valid text for the server; equal to
 * len when all of it is.  A zero byte is not: the server's text has none.
 * The string must be followed by a byte that continues no character.
 */
size_t
utf8_valid_prefix(const char *s, size_t len)
{
	size_t i = 0;

	while (i < len)
	{
		uint32_t code;
		int n = utf8_decode(s + i, &code);

		if (n == 0 || code == 0 || i + (size_t) n > len)
			break;
		i += (size_t) n;
	}
	return i;
}
