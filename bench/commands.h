/*
 * commands.h: the commands of client.c.
 */
#ifndef BENCH_COMMANDS_H
#define BENCH_COMMANDS_H

extern int client_load(int argc, char **argv);
extern int client_search(int argc, char **argv);
extern int client_insert(int argc, char **argv);

#endif /* BENCH_COMMANDS_H */
