#include "plan/sessions.h"

#include <inttypes.h>

/* The salt and the words of a request's own stand behind the system message. */
static void check_prefix(const struct row_reading *reading)
{
    const struct row *row = reading->row;

    if (row->prefix_tokens > 0 && !reading->from_dataset && row->prefix_tokens >= row->input_tokens)
        faults_add(reading->faults, reading->file, row->line,
                   "prefix_tokens: %" PRId64 " is not below input_tokens (%" PRId64
                   "), of which it is a part; leave tokens for the request's own text",
                   row->prefix_tokens, row->input_tokens);
}

/* A data set may have turns that the row does not name. */
static void check_unused(const struct row_reading *reading)
{
    struct row *row = reading->row;
    bool may_turn = row->turns > 1 || (row->turns == 0 && reading->from_dataset);
    const struct {
        const char *name;
        bool set, used;
        const char *why;
    } columns[] = {
        {"think_time_s", row->think_time_s > 0, may_turn, "without turns"},
        {"turn_input_tokens", row->turn_input_tokens > 0, row->turns > 1 && !reading->from_dataset,
         reading->from_dataset ? "with a data set, which has the texts" : "without turns"},
    };

    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        if (columns[i].set && !columns[i].used)
            faults_add(reading->warnings, reading->file, row->line, "%s is not used %s",
                       columns[i].name, columns[i].why);
    }
    if (!columns[0].used)
        row->think_time_s = 0;
    if (!columns[1].used)
        row->turn_input_tokens = 0;
}

void sessions_check_row(const struct row_reading *reading)
{
    struct row *row = reading->row;

    check_prefix(reading);
    check_unused(reading);
    if (row->turns > 1 && row->multimodal_img_size != ROW_NO_IMAGE)
        faults_add(reading->faults, reading->file, row->line,
                   "turns: a session has no pictures; leave out multimodal_img_size, or turns");
    if (row->turns > 1 && !reading->from_dataset && row->turn_input_tokens == 0)
        row->turn_input_tokens = row->input_tokens;
}
