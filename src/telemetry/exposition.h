/* Reads the text in which servers tell their metrics: Prometheus' text format 0.0.4, OpenMetrics
 * 1.0, and names in quotes of 1.0.0 of the former (prometheus.io/docs/instrumenting/
 * exposition_formats, OpenMetrics 1.0 section 4). Bytes in, structs out, no I/O.
 *
 * A line is one sample: `name{label="value",…} value [timestamp] [# exemplar]`. Comments,
 * timestamps and exemplars are passed over; the moment at which a sample counts is that at which it
 * was asked for. A line that is none of this is counted and passed over: the rest is still told. */
#ifndef TELEMETRY_EXPOSITION_H
#define TELEMETRY_EXPOSITION_H

#include <stdbool.h>
#include <stddef.h>

#include "core/text.h"

/* More labels than any server gives a sample; one with more is malformed. */
enum { EXPOSITION_LABELS_MOST = 64 };

struct exposition_label {
    const char *name, *value; /* unescaped */
};

/* A sample; its texts are valid within the call that gives it. */
struct exposition_sample {
    const char *name;
    struct exposition_label label[EXPOSITION_LABELS_MOST];
    size_t labels;
    double value; /* NAN and infinities are values */
};

/* What a text held. */
struct exposition_counts {
    size_t samples, malformed; /* lines */
    bool ended;                /* by OpenMetrics' "# EOF" */
};

/* Calls `on_sample` for each sample of the `length` bytes in their order and adds to `counts`.
 * The text is written to: unescaping and cutting happen in place. It needs no NUL at its end. */
void exposition_read(char *text, size_t length,
                     void (*on_sample)(void *context, const struct exposition_sample *sample),
                     void *context, struct exposition_counts *counts);

/* The value of a sample's label, or NULL. */
const char *exposition_label(const struct exposition_sample *sample, const char *name);

/* Adds a label's value as the format escapes it, between quotes. */
void exposition_add_value(struct text *text, const char *value);

#endif
