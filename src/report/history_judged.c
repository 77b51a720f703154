#include "report/history_judged.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

static struct history_group *group_of(struct history_judged *judged, const char *value)
{
    for (size_t i = 0; i < judged->groups; i++) {
        if (strcmp(judged->group[i].value, value) == 0)
            return &judged->group[i];
    }
    judged->group = memory_grow(judged->group, judged->groups, sizeof *judged->group);
    judged->group[judged->groups] = (struct history_group){value, 0, INFINITY, -INFINITY, 0};
    return &judged->group[judged->groups++];
}

static void find_groups(const struct history *history, struct history_judged *judged)
{
    for (size_t i = 0; i < judged->count; i++) {
        struct history_group *group = group_of(judged, history->point[judged->point[i]].group);

        group->mean += judged->value[i];
        group->least = fmin(group->least, judged->value[i]);
        group->most = fmax(group->most, judged->value[i]);
        group->runs++;
    }
    for (size_t i = 0; i < judged->groups; i++)
        judged->group[i].mean /= (double)judged->group[i].runs;
}

void history_judge(const struct history *history, struct history_judged *judged)
{
    *judged = (struct history_judged){.value = memory_new(history->count, sizeof *judged->value),
                                      .point = memory_new(history->count, sizeof *judged->point),
                                      .change = memory_new(history->count, sizeof *judged->change)};
    for (size_t i = 0; i < history->count; i++) {
        if (!history->point[i].client_limited) {
            judged->value[judged->count] = history->point[i].value;
            judged->point[judged->count++] = i;
        }
    }
    judged->changes = changes_find(judged->value, judged->count, HISTORY_LEVEL, judged->change);
    find_groups(history, judged);
}

void history_judged_clear(struct history_judged *judged)
{
    free(judged->value);
    free(judged->point);
    free(judged->change);
    free(judged->group);
    *judged = (struct history_judged){0};
}

const struct change *history_judged_at(const struct history_judged *judged, size_t point)
{
    for (size_t i = 0; i < judged->changes; i++) {
        if (judged->point[judged->change[i].at] == point)
            return &judged->change[i];
    }
    return NULL;
}
