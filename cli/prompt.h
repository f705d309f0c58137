/*
 * prompt.h
 *	  Asking a person for a password.
 */
#ifndef VECDB_PROMPT_H
#define VECDB_PROMPT_H

char *prompt_password(void);

#endif /* VECDB_PROMPT_H */
