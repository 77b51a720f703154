#include "store/summary_telemetry.h"

#include <math.h>

#include "store/json.h"
#include "store/summary_state.h"

static const char polls[] = "telemetry_polls", failed_polls[] = "telemetry_failed_polls";

static void add_figures(cJSON *object, const struct telemetry_figures *figures)
{
    if (figures->polls == 0)
        return;
    json_add_number(object, polls, (double)figures->polls);
    json_add_number(object, failed_polls, (double)figures->failed_polls);
    for (int i = 0; i < TELEMETRY_FIGURES; i++) {
        if (!isnan(figures->value[i]))
            json_add_number(object, telemetry_name[i].key, figures->value[i]);
    }
}

static size_t read_count(const struct members *object, const char *key)
{
    double value = json_number(members_find(object, key));

    return value > 0 && value < 1e15 ? (size_t)value : 0;
}

void summary_telemetry_add(cJSON *object, const struct step *step)
{
    add_figures(object, &step->telemetry);
    summary_state_add(object, &step->state);
}

void summary_telemetry_read(const struct members *object, struct step *step)
{
    struct telemetry_figures *figures = &step->telemetry;

    figures->polls = read_count(object, polls);
    figures->failed_polls = read_count(object, failed_polls);
    for (int i = 0; i < TELEMETRY_FIGURES; i++)
        figures->value[i] = json_number(members_find(object, telemetry_name[i].key));
    summary_state_read(object, &step->state);
}
