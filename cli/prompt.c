/*
 * prompt.c
 *	  Reads a password from the terminal without showing it.  Ctrl-C at the
 *	  prompt ends the program, but only once echo is on again.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>

#include "cli.h"
#include "prompt.h"

static void
note_signal(int signo)
{
	/* Nothing to do: read() comes back with EINTR, which is the message. */
	(void) signo;
}

/* Returns the line without its end, or NULL with *why set to errno. */
static char *
read_silently(FILE *tty, int *why)
{
	struct termios shown;
	struct termios hidden;
	struct sigaction action;
	struct sigaction before;
	char *line = NULL;
	size_t size = 0;
	ssize_t len;

	memset(&action, 0, sizeof(action));
	action.sa_handler = note_signal;
	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, &before);
	tcgetattr(fileno(tty), &shown);
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t) ECHO;
	tcsetattr(fileno(tty), TCSAFLUSH, &hidden);
	fputs("Password: ", tty);
	fflush(tty);
	errno = 0;
	len = getline(&line, &size, tty);
	*why = errno;
	tcsetattr(fileno(tty), TCSAFLUSH, &shown);
	sigaction(SIGINT, &before, NULL);
	fputs("\n", tty);
	if (len < 0)
	{
		free(line);
		return NULL;
	}
	line[strcspn(line, "\n")] = '\0';
	return line;
}

char *
prompt_password(void)
{
	FILE *tty = fopen("/dev/tty", "w+");
	char *password;
	int why;

	if (tty == NULL)
		fail(CODE_CONNECTION,
			 "a password is needed, but there is no terminal to ask for it");
	password = read_silently(tty, &why);
	fclose(tty);
	if (password == NULL)
		fail(why == EINTR ? CODE_INTERRUPTED : CODE_CONNECTION,
			 "no password was given");
	return password;
}
