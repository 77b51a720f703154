/* Which process a run belongs to while it is under way: run.pid in its folder, a line of the
 * process' number and of when it began, in clock ticks since the machine did (field 22 of
 * /proc/PID/stat, proc(5)). A run that ends takes it away; one that is killed leaves it behind, and
 * then either no process has that number, or another one, which began at another time. */
#ifndef STORE_RUN_PID_H
#define STORE_RUN_PID_H

#include <stdbool.h>
#include <sys/types.h>

#include "core/error.h"

extern const char run_pid_file_name[];

/* Writes this process into a run's folder, in place of one that is over. For who holds the run's
 * journal. False with a sentence. */
bool run_pid_write(const char *folder, struct error *error);

/* Takes it away again. */
void run_pid_remove(const char *folder);

/* The process that a run's folder names, where it is alive and the one that is meant: a descriptor
 * that stands for it alone (pidfd_open(2)), to be closed, and its number. −1: there is none. */
int run_pid_open(const char *folder, pid_t *pid);

/* Asks the process that a descriptor of run_pid_open stands for to end its run in order, as Ctrl-C
 * in its terminal does: it sends no more, and what is in flight may end. `cancel`: that is
 * cancelled too, as by a second Ctrl-C. False, with errno: it could not be asked. */
bool run_pid_ask(int process, bool cancel);

#endif
