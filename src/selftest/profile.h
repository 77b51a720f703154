/* The simulated nodes that selftest measures, and the rows it runs on each. */
#ifndef SELFTEST_PROFILE_H
#define SELFTEST_PROFILE_H

/* What each row is for: all profiles have the same four, in this order. */
enum profile_row {
    PROFILE_LONG,     /* one at a time, many tokens each; its first request makes the node load */
    PROFILE_SHORT,    /* one at a time, many requests */
    PROFILE_TOGETHER, /* several at once, so that the node batches */
    PROFILE_PACED,    /* open loop, evenly spaced */
    PROFILE_ROWS
};

struct profile {
    const char *name; /* of its folder, too */
    const char *about;
    const char *bundle; /* YAML; one expert */
    const char *rows;   /* CSV */
};

extern const struct profile profile_table[]; /* ends with a NULL name */

#endif
