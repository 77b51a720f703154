#include "job/interrupt.h"

#include <signal.h>
#include <stddef.h>
#include <time.h>

#include "core/clock.h"
#include "core/exit.h"

atomic_int interrupt_asked;
static atomic_int first_signal;

_Static_assert(ATOMIC_INT_LOCK_FREE == 2, "a signal handler takes no lock");

static const int64_t slice_ns = CLOCK_NS_PER_S / 5;

static void on_signal(int signal)
{
    int none = 0;

    atomic_compare_exchange_strong(&first_signal, &none, signal);
    none = 0;
    if (!atomic_compare_exchange_strong(&interrupt_asked, &none, 1))
        atomic_store(&interrupt_asked, 2);
}

void interrupt_catch(void)
{
    /* A write to a terminal continues after a signal, or a line would be lost; waits end either
     * way. */
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};

    /* Of two that are there at once, the lower number's handler ends first: SIGINT's. */
    sigaddset(&action.sa_mask, SIGINT);
    sigaddset(&action.sa_mask, SIGTERM);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGHUP, SIG_IGN);
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
    int64_t now;

    /* In slices, since a signal may come between the look and the sleep. */
    while (!interrupt_asked && (now = clock_monotonic_ns()) < until) {
        struct timespec wait = {0, (long)(until - now < slice_ns ? until - now : slice_ns)};

        nanosleep(&wait, NULL);
    }
}
