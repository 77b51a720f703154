#include "sim/node_file.h"

#include "core/yaml.h"

static const double most_s = 3600;

/* clang-format off */
static const struct setting pauses_table[] = {
    {"every_s", SETTING_NUMBER, offsetof(struct bundle_pauses, every_s), .fallback = "0",
     .least = 0, .most = most_s, .unit = "s",
     .help = "from the begin of one pause to that of the next; the first begins so long after the start"},
    {"for_s", SETTING_NUMBER, offsetof(struct bundle_pauses, for_s), .fallback = "0", .least = 0,
     .most = most_s, .unit = "s", .help = "how long each lasts; what is due in it waits for its end"},
    {0},
};

#define NOISE(field) offsetof(struct bundle_noise, field)

static const struct setting noise_table[] = {
    {"jitter", SETTING_NUMBER, NOISE(jitter), .fallback = "0", .least = 0, .most = 2,
     .help = "sigma of a log-normal factor of mean 1 on each prefill and each gap between tokens"},
    {"stall_probability", SETTING_NUMBER, NOISE(stall_probability), .fallback = "0", .least = 0,
     .most = 1, .help = "how likely a token, the first included, is held up by stall_s"},
    {"stall_s", SETTING_NUMBER, NOISE(stall_s), .fallback = "0", .least = 0, .most = most_s,
     .unit = "s", .help = "how long a stall holds up its token, and with it those behind"},
    {"network_delay_s", SETTING_NUMBER, NOISE(network_delay_s), .fallback = "0", .least = 0,
     .most = most_s, .unit = "s",
     .help = "how long a request travels to the node, and a response from it"},
    {"warmup_s", SETTING_NUMBER, NOISE(warmup_s), .fallback = "0", .least = 0, .most = most_s,
     .unit = "s",
     .help = "what each expert configuration's first batch since the start costs besides"},
    {"prefix_cache", SETTING_TRUTH, NOISE(prefix_cache), .fallback = "false",
     .help = "prompts that begin as earlier ones of their expert need no prefill for that part"},
    {"load_spread", SETTING_NUMBER, NOISE(load_spread), .fallback = "0", .least = 0, .most = 10,
     .help = "standard deviation of a log-normal factor of mean 1 on each load's time"},
    {"drift_per_min", SETTING_NUMBER, NOISE(drift_per_min), .fallback = "0", .least = -0.99,
     .most = 10, .help = "share by which each minute since the start changes prefill times"},
    {"second_request", SETTING_NUMBER, NOISE(second_request), .fallback = "0", .least = 0,
     .most = most_s, .unit = "s",
     .help = "what the second batch of a configuration since its load costs besides"},
    {"pauses", SETTING_GROUP, NOISE(pauses), .members = pauses_table,
     .help = "moments at which the node stands still, as a collector's: {every_s: …, for_s: …}"},
    {0},
};

const struct setting node_file_table[] = {
    {"node", SETTING_GROUP, offsetof(struct node_file, bundle.node), .required = true,
     .members = bundle_node_table, .help = BUNDLE_NODE_HELP},
    {"noise", SETTING_GROUP, offsetof(struct node_file, noise), .members = noise_table,
     .help = "what the simulator adds to an exact node, from its seed; all of it off by default"},
    {"experts", SETTING_LIST, offsetof(struct node_file, bundle.experts), .required = true,
     .members = bundle_expert_table, .item_size = sizeof(struct bundle_expert),
     .help = BUNDLE_EXPERTS_HELP},
    {"behaviour", SETTING_GROUP, offsetof(struct node_file, behaviour),
     .members = bundle_behaviour_table, .help = "how the simulated server behaves"},
    {"faults", SETTING_LIST, offsetof(struct node_file, faults), .members = bundle_fault_table,
     .item_size = sizeof(struct bundle_fault),
     .help = "what goes wrong with the simulated server: a list of {kind: …, request: …}"},
    {0},
};
/* clang-format on */

/* A stall needs both of its numbers, and so do pauses. */
static void check_noise(const struct bundle_noise *noise, const struct yaml *root,
                        struct faults *faults)
{
    const struct yaml *place = setting_place(root, "noise");
    const struct yaml *at = setting_place(root, "noise.pauses");
    const struct bundle_pauses *pauses = &noise->pauses;

    if ((noise->stall_probability > 0) != (noise->stall_s > 0))
        faults_add(faults, place->source, place->line,
                   "noise: stall_probability and stall_s belong together; give both or none");
    if ((pauses->every_s > 0) != (pauses->for_s > 0))
        faults_add(faults, at->source, at->line,
                   "pauses: every_s and for_s belong together; give both or none");
    else if (pauses->for_s > 0 && pauses->for_s >= pauses->every_s)
        faults_add(faults, at->source, at->line,
                   "pauses: for_s %g must be shorter than every_s %g, or nothing ever runs",
                   pauses->for_s, pauses->every_s);
}

bool node_file_read(const char *path, struct node_file *file, struct faults *faults)
{
    size_t before = faults->count;
    struct yaml *root = bundle_open(path, faults);

    if (root && setting_read(node_file_table, root, file, faults)) {
        bundle_check(&file->bundle, root, faults);
        check_noise(&file->noise, root, faults);
        bundle_check_faults(&file->faults, &file->bundle, root, faults);
    }
    if (root)
        yaml_delete(root);
    return faults->count == before;
}

void node_file_clear(struct node_file *file)
{
    setting_clear(node_file_table, file);
}

const struct bundle_fault *bundle_fault(const struct node_file *file, size_t i)
{
    return (const struct bundle_fault *)file->faults.items + i;
}
