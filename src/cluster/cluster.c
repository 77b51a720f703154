#include "cluster/cluster.h"

#include <time.h>

#include "core/clock.h"

bool cluster_send(struct cluster *cluster, size_t to, enum cluster_tag tag,
                  const struct text *bytes, struct error *error)
{
    return cluster->transport->send(cluster->end, to, tag, bytes, error);
}

enum cluster_came cluster_receive(struct cluster *cluster, unsigned tags, int64_t until_ns,
                                  struct cluster_message *message, struct error *error)
{
    return cluster->transport->receive(cluster->end, tags, until_ns, message, error);
}

void cluster_message_clear(struct cluster_message *message)
{
    text_clear(&message->bytes);
}

int64_t cluster_now_ns(const struct cluster *cluster)
{
    return cluster->transport->now_ns(cluster->end);
}

void cluster_close(struct cluster *cluster)
{
    if (cluster->transport)
        cluster->transport->close(cluster->end);
    *cluster = (struct cluster){0};
}

/* --- Alone ------------------------------------------------------------------------------------ */

static bool send_to_nobody(void *end, size_t to, enum cluster_tag tag, const struct text *bytes,
                           struct error *error)
{
    (void)end;
    (void)tag;
    (void)bytes;
    return error_set(error, "there is no rank %zu: this process is alone", to);
}

static enum cluster_came receive_nothing(void *end, unsigned tags, int64_t until_ns,
                                         struct cluster_message *message, struct error *error)
{
    struct timespec until = {until_ns / CLOCK_NS_PER_S, until_ns % CLOCK_NS_PER_S};

    (void)end;
    (void)tags;
    (void)message;
    (void)error;
    while (clock_monotonic_ns() < until_ns)
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
    return CLUSTER_NOTHING;
}

static int64_t own_clock_ns(void *end)
{
    (void)end;
    return clock_monotonic_ns();
}

static void leave_nobody(void *end)
{
    (void)end;
}

void cluster_alone(struct cluster *cluster)
{
    static const struct cluster_transport alone = {
        .name = "alone",
        .send = send_to_nobody,
        .receive = receive_nothing,
        .now_ns = own_clock_ns,
        .close = leave_nobody,
    };

    *cluster = (struct cluster){.transport = &alone, .ranks = 1};
}
