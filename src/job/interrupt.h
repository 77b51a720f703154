/* Ctrl-C and SIGTERM: the first asks a run to send no more, the second to cancel what is in flight.
 */
#ifndef JOB_INTERRUPT_H
#define JOB_INTERRUPT_H

#include <stdatomic.h>

/* How often the user asked: 0, 1 or 2. Any thread may take the signal, and all look. */
extern atomic_int interrupt_asked;

/* Takes both signals from here on, and lets the terminal close without ending the run. */
void interrupt_catch(void);

/* EXIT_INTERRUPTED or EXIT_TERMINATED by the first signal that came, 0 where none did. */
int interrupt_exit_code(void);

/* Sleeps, unless a signal comes. */
void interrupt_sleep(double seconds);

#endif
