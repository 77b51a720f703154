#include "job/ranks_words.h"

#include <math.h>

#include "core/memory.h"

bool ranks_tell(struct cluster *cluster, size_t to, const struct text *bytes, struct error *error)
{
    return cluster_send(cluster, to, CLUSTER_CONTROL, bytes, error);
}

bool ranks_tell_all(struct cluster *cluster, const struct text *bytes, struct error *error)
{
    bool done = true;

    for (size_t rank = 1; rank < cluster->ranks && done; rank++)
        done = ranks_tell(cluster, rank, bytes, error);
    return done;
}

void ranks_pack_progress(const struct load_progress *progress, struct text *bytes)
{
    pack_number(bytes, (int64_t)progress->started);
    pack_number(bytes, (int64_t)progress->in_flight);
    pack_number(bytes, (int64_t)progress->chunks);
}

void ranks_unpack_progress(struct unpacking *unpacking, struct load_progress *progress)
{
    progress->started = (size_t)unpack_number(unpacking);
    progress->in_flight = (size_t)unpack_number(unpacking);
    progress->chunks = (uint64_t)unpack_number(unpacking);
}

void ranks_add_progress(const struct load_progress *from, struct load_progress *to)
{
    to->started += from->started;
    to->in_flight += from->in_flight;
    to->chunks += from->chunks;
}

void ranks_pack_result(const struct load_result *result, int64_t wait_ns, struct text *bytes)
{
    const struct health *health = &result->health;

    pack_number(bytes, wait_ns);
    pack_number(bytes, result->end);
    pack_number(bytes, (int64_t)result->connections_opened_ahead);
    pack_number(bytes, result->idle_silent);
    pack_number(bytes, (int64_t)health->connections_opened);
    pack_number(bytes, (int64_t)health->connections_reopened);
    pack_number(bytes, (int64_t)health->open_files_limit);
    pack_number(bytes, (int64_t)health->local_ports);
    pack_real(bytes, health->read_lateness_p50_s);
    pack_real(bytes, health->read_lateness_p99_s);
    pack_real(bytes, health->read_lateness_max_s);
    pack_real(bytes, health->kernel_stamped_share);
    pack_real(bytes, health->coalesced_share);
    pack_real(bytes, health->loop_stall_max_s);
    pack_real(bytes, health->loop_cpu_share_max);
    pack_real(bytes, health->resident_mb);
    pack_real(bytes, health->clock_uncertainty_s);
}

void ranks_unpack_result(struct unpacking *unpacking, struct load_result *result, int64_t *wait_ns)
{
    struct health *health = &result->health;

    *wait_ns = unpack_number(unpacking);
    result->end = (enum step_end)unpack_number(unpacking);
    result->connections_opened_ahead = (size_t)unpack_number(unpacking);
    result->idle_silent = unpack_number(unpacking);
    health->connections_opened = (size_t)unpack_number(unpacking);
    health->connections_reopened = (size_t)unpack_number(unpacking);
    health->open_files_limit = (size_t)unpack_number(unpacking);
    health->local_ports = (size_t)unpack_number(unpacking);
    health->read_lateness_p50_s = unpack_real(unpacking);
    health->read_lateness_p99_s = unpack_real(unpacking);
    health->read_lateness_max_s = unpack_real(unpacking);
    health->kernel_stamped_share = unpack_real(unpacking);
    health->coalesced_share = unpack_real(unpacking);
    health->loop_stall_max_s = unpack_real(unpacking);
    health->loop_cpu_share_max = unpack_real(unpacking);
    health->resident_mb = unpack_real(unpacking);
    health->clock_uncertainty_s = unpack_real(unpacking);
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* A figure that is not known is none (fmax and fmin leave NAN aside). */
void ranks_merge_result(const struct load_result *from, struct load_result *to)
{
    const struct health *a = &from->health;
    struct health *b = &to->health;

    if (to->end == STEP_DONE)
        to->end = from->end;
    to->connections_opened_ahead += from->connections_opened_ahead;
    to->idle_silent |= from->idle_silent;
    b->connections_opened += a->connections_opened;
    b->connections_reopened += a->connections_reopened;
    b->open_files_limit = least(a->open_files_limit, b->open_files_limit);
    b->local_ports = least(a->local_ports, b->local_ports);
    b->read_lateness_p50_s = fmax(a->read_lateness_p50_s, b->read_lateness_p50_s);
    b->read_lateness_p99_s = fmax(a->read_lateness_p99_s, b->read_lateness_p99_s);
    b->read_lateness_max_s = fmax(a->read_lateness_max_s, b->read_lateness_max_s);
    b->kernel_stamped_share = fmin(a->kernel_stamped_share, b->kernel_stamped_share);
    b->coalesced_share = fmax(a->coalesced_share, b->coalesced_share);
    b->loop_stall_max_s = fmax(a->loop_stall_max_s, b->loop_stall_max_s);
    b->loop_cpu_share_max = fmax(a->loop_cpu_share_max, b->loop_cpu_share_max);
    b->resident_mb = fmax(a->resident_mb, b->resident_mb);
    b->clock_uncertainty_s = fmax(a->clock_uncertainty_s, b->clock_uncertainty_s);
}

char *ranks_unpack_text(struct unpacking *unpacking)
{
    size_t length;
    const char *bytes = unpack_bytes(unpacking, &length);

    return memory_bytes(bytes, length);
}

void ranks_pack_counting(const struct counting *counting, struct text *bytes)
{
    pack_real(bytes, counting->samples);
    pack_real(bytes, counting->words);
    pack_real(bytes, counting->tokens);
    pack_real(bytes, counting->spread);
    pack_real(bytes, counting->together);
    pack_number(bytes, counting->remembered);
}

void ranks_unpack_counting(struct unpacking *unpacking, struct counting *counting)
{
    counting->samples = unpack_real(unpacking);
    counting->words = unpack_real(unpacking);
    counting->tokens = unpack_real(unpacking);
    counting->spread = unpack_real(unpacking);
    counting->together = unpack_real(unpacking);
    counting->remembered = unpack_number(unpacking);
}
