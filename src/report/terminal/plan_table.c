#include "report/terminal/plan_table.h"

#include <inttypes.h>

#include "core/clean.h"
#include "core/unit.h"
#include "plan/advice.h"
#include "plan/loads.h"
#include "report/short_name.h"
#include "report/terminal/terminal.h"
#include "report/terminal/width.h"

enum { MODEL_MOST = 40, MODEL_LEAST = 12, BESIDE_MODEL = 46, IMAGE_COLUMN = 7 };
enum { MIX_MOST = 40, MIX_TEXT = 256 };

static bool any_image(const struct rows *rows)
{
    for (size_t i = 0; i < rows->count; i++) {
        if (rows->row[i].multimodal_img_size != ROW_NO_IMAGE)
            return true;
    }
    return false;
}

/* On a narrow terminal the models' names give way, as far as they can. */
static int model_width(FILE *out, bool images)
{
    int columns = terminal_columns(out);
    int left = columns - BESIDE_MODEL - (images ? IMAGE_COLUMN : 0);

    if (columns == 0 || left > MODEL_MOST)
        return MODEL_MOST;
    return left < MODEL_LEAST ? MODEL_LEAST : left;
}

static void print_model(FILE *out, const char *name, int width)
{
    char model[256];

    short_name(name, width, model, sizeof model);
    fprintf(out, "  %s%*s", model, width - width_of(model), "");
}

/* A row that its time ends says how long that is. */
static void print_requests(FILE *out, const struct row *row)
{
    char text[32];

    if (row->duration_s > 0)
        snprintf(text, sizeof text, "%g s", row->duration_s);
    else
        snprintf(text, sizeof text, "%" PRId64, row->num_requests);
    fprintf(out, " %8s  ", text);
}

/* What the row's other columns ask for. */
static void print_more(FILE *out, const struct row *row)
{
    if (row->duration_s > 0 && row->num_requests > 0)
        fprintf(out, "  at most %" PRId64, row->num_requests);
    if (row->warmup_requests > 0)
        fprintf(out, "  %" PRId64 " to warm up", row->warmup_requests);
    if (row->cooldown_requests > 0)
        fprintf(out, "  %" PRId64 " to cool down", row->cooldown_requests);
    if (row->burstiness > 0)
        fprintf(out, "  burstiness %g", row->burstiness);
    if (row->max_in_flight > 0)
        fprintf(out, "  at most %" PRId64 " in flight", row->max_in_flight);
    if (row->prefix_tokens > 0)
        fprintf(out, "  %" PRId64 " of system message", row->prefix_tokens);
    if (row_has_sessions(row))
        fprintf(out, "  sessions of %s%" PRId64 " turns", row->trace ? "up to " : "", row->turns);
    if (row_has_sessions(row) && row->think_time_s > 0)
        fprintf(out, ", %g s between", row->think_time_s);
    if (row->mix) {
        char mix[MIX_TEXT];

        short_name(row->mix, MIX_MOST, mix, sizeof mix);
        fprintf(out, "  mix %s", mix);
        if (row->share > 0)
            fprintf(out, " %.3g %%", 100 * row->share);
    }
    fprintf(out, "%s\n", row->warmup ? "  warm-up" : "");
}

void plan_table_rows(FILE *out, const struct rows *rows)
{
    bool images = any_image(rows);
    int width = model_width(out, images);

    fprintf(out, "  #  line");
    print_model(out, "model", width);
    fprintf(out, " %7s %6s %8s  load%s\n", "input", "output", "requests",
            images ? "      image" : "");
    for (size_t i = 0; i < rows->count; i++) {
        const struct row *row = &rows->row[i];
        char load[48];

        terminal_load(row, load, sizeof load);
        fprintf(out, "%3zu %5d", i + 1, row->line);
        print_model(out, row->model_name, width);
        fprintf(out, " %7" PRId64 " %6" PRId64, row->input_tokens, row->output_tokens);
        print_requests(out, row);
        if (images && row->multimodal_img_size != ROW_NO_IMAGE)
            fprintf(out, "%-9s %s", load, row_image_names[row->multimodal_img_size]);
        else
            fprintf(out, "%s", load);
        print_more(out, row);
    }
}

/* A list of its own: names of configurations are wider than the table's room. */
void plan_table_loads(FILE *out, const struct bundle *bundle, const struct rows *rows)
{
    struct loads_total total = loads_total(bundle, rows);
    struct text name = {0};

    if (bundle->experts.count == 0)
        return;
    fprintf(out, "\n  #  line  expert configurations it may load\n");
    for (size_t i = 0; i < rows->count; i++) {
        text_reset(&name);
        loads_add(&name, bundle, &rows->row[i]);
        clean(name.bytes, name.length, CLEAN_LINE, '?');
        fprintf(out, "%3zu %5d  %s\n", i + 1, rows->row[i].line,
                name.length ? name.bytes : "not known");
    }
    terminal_note(out, COLOUR_NONE, "%zu configuration%s, %g GB together; the node holds %g GB%s",
                  total.configurations, total.configurations == 1 ? "" : "s", total.gb,
                  bundle->node.hbm_gb,
                  bundle->node.eviction == BUNDLE_EVICTION_NONE || total.gb <= bundle->node.hbm_gb
                      ? ", so each is loaded once at most"
                      : ", so some may leave for others and be loaded again");
    text_clear(&name);
}

/* What open loop costs the endpoint besides, where connections are not used again. */
static void print_openings(FILE *out, const struct settings *settings, const char *idle_url,
                           int64_t requests)
{
    if (requests == 0)
        return;
    if (settings->connection.reuse == CONNECTION_REUSE_NEVER)
        terminal_note(out, COLOUR_NONE,
                      "Besides, up to %" PRId64
                      " GETs of %s open the connections of open-loop requests.",
                      requests, idle_url);
    else
        terminal_note(out, COLOUR_NONE,
                      "Besides, up to %" PRId64
                      " GETs of %s open the connections of open-loop requests, if the endpoint "
                      "turns out to close them after a response (connection.reuse).",
                      requests, idle_url);
}

void plan_table_totals(FILE *out, const struct rows *rows, const struct order *order,
                       const struct settings *settings, const char *idle_url)
{
    struct advice_totals totals = advice_total(rows, order, settings);
    char time[48], rows_text[UNIT_TEXT], steps[UNIT_TEXT] = "", requests[UNIT_TEXT];

    terminal_duration(totals.seconds, time, sizeof time);
    if (order->count != rows->count)
        unit_count(order->count, "step", NULL, steps);
    fputc('\n', out);
    terminal_note(out, COLOUR_NONE,
                  "%s%s, %s%s%s, %lld input and %lld output tokens; about %s, if a first token "
                  "takes %g s and each response then runs at %g tokens/s.",
                  stop_asked(&settings->stop_when) ? "at most: " : "",
                  unit_count(rows->count, "row", NULL, rows_text), steps, *steps ? ", " : "",
                  unit_count((size_t)totals.requests, "request", NULL, requests),
                  (long long)totals.input_tokens, (long long)totals.output_tokens, time,
                  ADVICE_TTFT_S, ADVICE_TOKENS_PER_S);
    print_openings(out, settings, idle_url, totals.opening_requests);
}
