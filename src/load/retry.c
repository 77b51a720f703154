#include "load/retry.h"

#include <math.h>
#include <stdbool.h>

#include "core/clock.h"
#include "core/random.h"

static const double wait_least_s = 0.5;

static const int64_t quiet_least_ns = CLOCK_NS_PER_S / 10, quiet_most_ns = 5 * CLOCK_NS_PER_S;

static bool is_on(const struct retry *retry, const struct request *request)
{
    int status = request->http_status;

    if (request->end == REQUEST_HTTP_ERROR)
        return status > 0 && status < RETRY_STATUS_MOST && retry->on_status[status];
    return retry->on_end[request->end];
}

static double spread(const struct request *request, uint64_t seed, uint64_t step, double wait_s)
{
    const uint64_t key[] = {0x72657472, seed, step, request->index, (uint64_t)request->attempt};
    struct random random;

    random_init(&random, key, 5);
    return wait_s * (0.5 + random_unit(&random));
}

double retry_delay_s(const struct retry *retry, const struct request *request, uint64_t seed,
                     uint64_t step)
{
    if (!retry || request->attempt > retry->attempts || !is_on(retry, request))
        return NAN;
    if (!isnan(request->retry_after_s))
        return request->retry_after_s <= retry->max_wait_s ? request->retry_after_s : NAN;
    return fmin(spread(request, seed, step, wait_least_s * exp2(request->attempt - 1)),
                retry->max_wait_s);
}

static bool found_nobody(const struct request *request)
{
    return request_end_is_local[request->end] || request->end == REQUEST_CONNECTION_REFUSED ||
           request->end == REQUEST_CONNECT_TIMEOUT || request->end == REQUEST_DNS_ERROR ||
           request->end == REQUEST_TLS_ERROR;
}

void quiet_note(struct quiet *quiet, const struct request *request, int64_t now_ns)
{
    int64_t wait_ns = quiet_least_ns;

    if (!found_nobody(request)) {
        *quiet = (struct quiet){0};
        return;
    }
    if (now_ns < quiet->until_ns)
        return;
    for (size_t i = 0; i < quiet->waves && wait_ns < quiet_most_ns; i++)
        wait_ns *= 2;
    quiet->waves++;
    quiet->until_ns = now_ns + (wait_ns < quiet_most_ns ? wait_ns : quiet_most_ns);
}
