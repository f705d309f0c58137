/*
 * progress.c
 *	  The progress line.  It goes to standard error, so that the output can be
 *	  piped; on a terminal it is one line that \r brings the cursor back to,
 *	  never longer than the window is wide, since a wrapped line cannot be
 *	  redrawn.
 */
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "common/clock.h"
#include "progress.h"

#define TERMINAL_INTERVAL 0.1
#define PLAIN_INTERVAL 2.0
#define BAR_WIDTH 24
#define MAX_LINE 256

/* Whether a bar stands on the terminal; one terminal, hence one flag. */
static bool standing = false;

void
progress_start(struct progress *p, bool quiet)
{
	p->quiet = quiet;
	p->terminal = isatty(STDERR_FILENO);
	p->started = now_seconds();
	p->shown = 0;
}

/* Cheap enough to ask after every row or so. */
bool
progress_due(const struct progress *p)
{
	double since = p->shown > 0 ? p->shown : p->started;

	return !p->quiet && now_seconds() - since >=
							(p->terminal ? TERMINAL_INTERVAL : PLAIN_INTERVAL);
}

/* Seconds that remain at the mean pace so far; negative when unknown. */
double
progress_left(const struct progress *p, uint64_t done, uint64_t total)
{
	double elapsed = now_seconds() - p->started;

	if (done == 0 || total < done)
		return -1;
	return elapsed * (double) (total - done) / (double) done;
}

static int
terminal_width(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < 20)
		return 79;
	/* Writing the last column makes some terminals wrap. */
	return size.ws_col - 1;
}

static void
draw_bar(char *bar, double share)
{
	int full = (int) (share * BAR_WIDTH);

	bar[0] = '[';
	memset(bar + 1, '=', (size_t) full);
	memset(bar + 1 + full, ' ', (size_t) (BAR_WIDTH - full));
	strcpy(bar + 1 + BAR_WIDTH, "] ");
}

/* total = 0 stands for "unknown": no bar and no percentage. */
void
progress_show(struct progress *p, const char *label, uint64_t done,
			  uint64_t total, const char *detail)
{
	char line[MAX_LINE];
	char bar[BAR_WIDTH + 4] = "";
	char percent[16] = "";

	if (p->quiet)
		return;
	if (total > 0)
	{
		double share = done < total ? (double) done / (double) total : 1;

		draw_bar(bar, share);
		snprintf(percent, sizeof(percent), "%3d%%  ", (int) (share * 100));
	}
	snprintf(line, sizeof(line), "%s  %s%s%s", label, p->terminal ? bar : "",
			 percent, detail);
	if (p->terminal)
		fprintf(stderr, "\r\033[K%.*s", terminal_width(), line);
	else
		fprintf(stderr, "vecdb: %s\n", line);
	fflush(stderr);
	standing = p->terminal;
	p->shown = now_seconds();
}

/* Wipe the bar, if there is one, before other text goes to the terminal. */
void
progress_clear(void)
{
	if (!standing)
		return;
	fputs("\r\033[K", stderr);
	fflush(stderr);
	standing = false;
}
