/*
 * utf8.h
 *	  Which bytes are text for the server.
 */
#ifndef VECDB_UTF8_H
#define VECDB_UTF8_H

#include <stddef.h>
#include <stdint.h>

int utf8_decode(const char *s, uint32_t *code);
size_t utf8_valid_prefix(const char *s, size_t len);

#endif /* VECDB_UTF8_H */
