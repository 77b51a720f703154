#include "serve/watch/run_events.h"

#include <math.h>

enum { STEPS_AT_ONCE = 64 }; /* of one piece */

static void begin(struct text *text, const char *word)
{
    text_printf(text, "event: %s\ndata: {", word);
}

static void end(struct text *text)
{
    text_add_string(text, "}\n\n");
}

static void add_number(struct text *text, const char *key, double number)
{
    text_printf(text, ",\"%s\":", key);
    text_add_number(text, number);
}

static void add_text(struct text *text, const char *key, const char *value)
{
    text_printf(text, ",\"%s\":", key);
    if (value)
        text_add_json(text, value);
    else
        text_add_string(text, "null");
}

static double mean(double sum, size_t count)
{
    return count > 0 ? sum / (double)count : NAN;
}

/* Whether what happened last in that turn is to be told now. */
static bool is_news(const struct events_place *place, uint64_t turn)
{
    return turn > place->told && turn <= place->target;
}

static void add_run(const struct run_plan *plan, struct text *text)
{
    begin(text, "run");
    text_add_string(text, "\"name\":");
    text_add_json(text, plan->name ? plan->name : "");
    add_text(text, "endpoint", plan->endpoint ? plan->endpoint : "");
    text_printf(text, ",\"steps\":%zu", plan->steps);
    add_number(text, "requests", run_plan_requests(plan));
    end(text);
}

static void add_begin(const struct run_plan *plan, const struct step_sums *step, size_t index,
                      struct text *text)
{
    const struct plan_row *row = run_plan_row(plan, index);

    begin(text, "begins");
    text_printf(text, "\"step\":%zu,\"attempt\":%zu", index, step->attempts);
    add_text(text, "name", step->name);
    if (row) {
        add_text(text, "model", row->model);
        add_number(text, "input_tokens", row->input_tokens);
        add_number(text, "output_tokens", row->output_tokens);
        add_number(text, "num_requests", row->num_requests);
        add_number(text, "duration_s", row->duration_s);
        add_number(text, "concurrent_requests", row->concurrent_requests);
        add_number(text, "qps", row->qps);
        add_text(text, "mix", row->mix);
    }
    end(text);
}

static void add_row(const struct step_sums *step, size_t index, struct text *text)
{
    double seconds = (double)(step->last_us - step->first_us) / 1e6;

    text_printf(text,
                "{\"step\":%zu,\"completed\":%zu,\"failed\":%zu,\"resent\":%zu,\"besides\":%zu",
                index, step->completed, step->failed, step->resent, step->besides);
    add_number(text, "received_output_tokens", step->output_tokens);
    add_number(text, "ttft_s", mean(step->ttft_sum_s, step->ttfts));
    add_number(text, "output_token_per_s", seconds > 0 ? step->output_tokens / seconds : NAN);
    text_add_string(text, "}");
}

static void add_failures(const struct run_sums *sums, struct text *text)
{
    const char *between = "";

    text_add_string(text, ",\"failures\":{");
    for (size_t i = 0; i < sums->kinds; i++) {
        if (sums->kind_count[i] == 0)
            continue;
        text_add_string(text, between);
        text_add_json(text, sums->kind[i]);
        text_printf(text, ":%zu", sums->kind_count[i]);
        between = ",";
    }
    text_add_string(text, "}");
}

static void add_point(const struct sums_point *point, size_t index, struct text *text)
{
    text_printf(text, "[%zu,%zu,%zu,", index, point->completed, point->failed);
    text_add_number(text, round(point->output_tokens * 10) / 10);
    text_add_char(text, ',');
    text_add_number(text, mean(point->ttft_sum_s, point->ttfts));
    text_add_char(text, ',');
    text_add_number(text, point->ttfts > 0 ? point->ttft_most_s : NAN);
    text_add_char(text, ']');
}

static void add_points(const struct run_sums *sums, const struct events_place *place,
                       struct text *text)
{
    const char *between = "";

    text_add_string(text, ",\"began_utc_s\":");
    text_add_number(text, sums->origin_us != 0 ? (double)sums->origin_us / 1e6 : NAN);
    add_number(text, "every_s", (double)sums->width_us / 1e6);
    text_add_string(text, ",\"points\":[");
    for (size_t i = 0; i < sums->points; i++) {
        if (!is_news(place, sums->point[i].changed))
            continue;
        text_add_string(text, between);
        add_point(&sums->point[i], i, text);
        between = ",";
    }
    text_add_string(text, "]");
}

/* The figures of steps `from` up to `to`; with the first of them those of the whole. */
static void add_figures(const struct run_sums *sums, const struct events_place *place, size_t from,
                        size_t to, struct text *text)
{
    const char *between = "";

    begin(text, "figures");
    text_printf(text, "\"completed\":%zu,\"failed\":%zu,\"rows\":[", sums->completed, sums->failed);
    for (size_t i = from; i < to; i++) {
        if (!is_news(place, sums->step[i].changed))
            continue;
        text_add_string(text, between);
        add_row(&sums->step[i], i, text);
        between = ",";
    }
    text_add_string(text, "]");
    if (from == 0) {
        if (sums->kinds_changed > place->told) /* which may be told once more */
            add_failures(sums, text);
        add_points(sums, place, text);
    }
    end(text);
}

/* Where the next steps that are looked at end: behind so many that have changed. */
static size_t next_steps(const struct run_sums *sums, const struct events_place *place)
{
    size_t at = place->step;

    for (size_t some = 0; at < sums->steps && some < STEPS_AT_ONCE; at++)
        some += is_news(place, sums->step[at].changed);
    return at;
}

static void add_steps(const struct run_sums *sums, const struct run_plan *plan,
                      struct events_place *place, struct text *text)
{
    size_t from = place->step, to = next_steps(sums, place);

    for (size_t i = from; i < to; i++) {
        if (is_news(place, sums->step[i].began))
            add_begin(plan, &sums->step[i], i, text);
    }
    add_figures(sums, place, from, to, text);
    for (size_t i = from; i < to; i++) {
        if (is_news(place, sums->step[i].finished)) {
            begin(text, "ends");
            text_printf(text, "\"step\":%zu", i);
            add_text(text, "how", sums->step[i].ended);
            end(text);
        }
    }
    place->step = to;
}

bool run_events_add(const struct run_sums *sums, const struct run_plan *plan,
                    struct events_place *place, struct text *text)
{
    if (!place->greeted) {
        add_run(plan, text);
        place->greeted = true;
        return true;
    }
    if (place->target == 0) {
        if (place->told == sums->turn)
            return false;
        place->target = sums->turn;
        place->step = 0;
    }
    add_steps(sums, plan, place, text);
    if (place->step >= sums->steps) {
        place->told = place->target;
        place->target = 0;
    }
    return true;
}

void run_events_add_end(const char *state, struct text *text)
{
    begin(text, "end");
    text_add_string(text, "\"state\":");
    text_add_json(text, state);
    end(text);
}
