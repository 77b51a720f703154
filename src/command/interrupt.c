#include "command/interrupt.h"

#include <stddef.h>
#include <time.h>

#include "command/command.h"
#include "core/clock.h"

volatile sig_atomic_t interrupt_asked;
static volatile sig_atomic_t first_signal;

static void on_signal(int signal)
{
    if (!first_signal)
        first_signal = signal;
    if (interrupt_asked < 2)
        interrupt_asked = interrupt_asked + 1;
}

void interrupt_catch(void)
{
    struct sigaction action = {.sa_handler = on_signal}; /* no SA_RESTART: a wait shall end */

    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

int interrupt_exit_code(void)
{
    if (!first_signal)
        return 0;
    return first_signal == SIGTERM ? EXIT_TERMINATED : EXIT_INTERRUPTED;
}

void interrupt_sleep(double seconds)
{
    int64_t until = clock_monotonic_ns() + clock_from_seconds(seconds);
    struct timespec at = {until / CLOCK_NS_PER_S, until % CLOCK_NS_PER_S};

    while (!interrupt_asked && clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) != 0)
        ;
}
