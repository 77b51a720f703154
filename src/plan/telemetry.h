/* telemetry: what servers tell of themselves, and where it is asked for. */
#ifndef PLAN_TELEMETRY_H
#define PLAN_TELEMETRY_H

#include "core/error.h"
#include "core/setting.h"
#include "core/yaml.h"

/* One place that tells metrics. */
struct telemetry_source {
    char *url;                 /* or "auto": /metrics at the endpoint's own origin */
    double every_s;            /* how often it is asked during a step */
    struct setting_list match; /* char *: names of samples that are kept, with * and ?; none: those
                                * that are known */
};

/* No more places than anybody watches at once. */
enum { TELEMETRY_SOURCES_MOST = 16 };

extern const char telemetry_auto[];

/* A source's settings. */
extern const struct setting telemetry_source_table[];

/* To be called before the settings are read: `telemetry: auto` in the document is short for a list
 * of one source, and `none` for none. */
void telemetry_spell_out(struct yaml *root);

/* Adds a fault for each source that cannot be asked, and where there are too many. */
void telemetry_check(const struct yaml *root, const struct setting_list *sources,
                     struct faults *faults);

#endif
