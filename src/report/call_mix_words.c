#include "report/call_mix_words.h"

#include <math.h>

#include "core/unit.h"
#include "report/terminal/terminal.h"
#include "stats/call_mix.h"

bool call_mix_words_known_at_rate(const struct study_call_mix *mix)
{
    return mix->queue[SCHEDULE_IN_ORDER].calls > 0;
}

bool call_mix_words_known(const struct study_call_mix *mix)
{
    return mix->calls > 0 || call_mix_words_known_at_rate(mix);
}

double call_mix_words_time_share(const struct study_call_mix *mix)
{
    return call_mix_words_known_at_rate(mix) ? mix->queue[SCHEDULE_IN_ORDER].time_share
                                             : mix->time_share;
}

/* --- One sentence, one tile ------------------------------------------------------------------- */

static void add_part_at_rate(const struct study_call_mix *mix, struct text *text)
{
    const struct study_queue *queue = &mix->queue[SCHEDULE_IN_ORDER];
    char rate[UNIT_TEXT], share[UNIT_TEXT], wait[UNIT_TEXT];

    text_printf(text, "at %s calls/s your mix ", unit_number(mix->call_rate, rate));
    if (!queue->stable)
        text_printf(text, "needs %s of the node's time, more than there is",
                    unit_share(queue->utilisation, share));
    else if (queue->time_share > 0)
        text_printf(text, "spends %s of the node's time switching, and a call waits %s longer",
                    unit_share(queue->time_share, share), unit_time(queue->switch_wait_s, wait));
    else
        text_add_string(text, "pays for no switch");
}

void call_mix_words_add_part(const struct study_call_mix *mix, struct text *text)
{
    char share[UNIT_TEXT];

    if (call_mix_words_known_at_rate(mix))
        add_part_at_rate(mix, text);
    else if (mix->time_share > 0)
        text_printf(text, "%s of your call mix goes to switching",
                    unit_share(mix->time_share, share));
    else
        text_add_string(text, "your call mix pays for no switch");
}

static void add_tile_at_rate(const struct study_call_mix *mix, struct text *text)
{
    const struct study_queue *queue = &mix->queue[SCHEDULE_IN_ORDER];
    char rate[UNIT_TEXT], share[UNIT_TEXT], paying[UNIT_TEXT], wait[UNIT_TEXT], own[UNIT_TEXT];

    unit_number(mix->call_rate, rate);
    unit_share(queue->paid_share, paying);
    if (!queue->stable)
        text_printf(text, "%s calls/s are more than the node can do: they need %s of its time, %s",
                    rate, unit_share(queue->utilisation, share), paying);
    else
        text_printf(text, "At %s calls/s %s of the node's time goes to switching: %s", rate,
                    unit_share(queue->time_share, share), paying);
    text_add_string(text, " of calls pay");
    if (queue->stable)
        text_printf(text, ", a call waits %s longer on average, %s of it for its own switch",
                    unit_time(queue->switch_wait_s, wait), unit_time(queue->switch_s, own));
}

static void add_tile(const struct study_call_mix *mix, struct text *text)
{
    char paying[UNIT_TEXT], extra[UNIT_TEXT], share[UNIT_TEXT];

    text_printf(text, "%s of the time goes to switching: %s of calls pay, %s a call on average",
                unit_share(mix->time_share, share), unit_share(mix->paid_share, paying),
                unit_time(mix->extra_s, extra));
}

void call_mix_words_add_tile(const struct study_call_mix *mix, struct text *text)
{
    double in_a_row = mix->calls > 0 ? call_mix_in_a_row(mix, 0.1) : INFINITY;

    if (call_mix_words_known_at_rate(mix))
        add_tile_at_rate(mix, text);
    else
        add_tile(mix, text);
    if (call_mix_words_time_share(mix) > 0.1 && !call_mix_words_known_at_rate(mix) &&
        isfinite(in_a_row))
        text_printf(text, "; under 10 %% with %.0f calls to a model in a row", in_a_row);
}

/* --- All of it -------------------------------------------------------------------------------- */

static void print_idle(FILE *out, const struct study_call_mix *mix)
{
    char paid[UNIT_TEXT], extra[UNIT_TEXT], service[UNIT_TEXT], share[UNIT_TEXT];

    terminal_say(
        out,
        "call_mix: %s of the calls pay for a switch, %s a call on average beside %s of service: "
        "%s of the time. Under 10 %% with %.0f calls to a model in a row, under 1 %% with %.0f",
        unit_share(mix->paid_share, paid), unit_time(mix->extra_s, extra),
        unit_time(mix->service_s, service), unit_share(mix->time_share, share),
        call_mix_in_a_row(mix, 0.1), call_mix_in_a_row(mix, 0.01));
}

static void add_waits(const struct study_queue *queue, struct text *text)
{
    char longer[UNIT_TEXT], own[UNIT_TEXT], share[UNIT_TEXT], used[UNIT_TEXT], paid[UNIT_TEXT];
    double half_width_s = 2 * queue->switch_wait_error_s;

    text_printf(text,
                "%s of the calls pay, and a call waits %s longer than with all models in memory, "
                "%s of it for its own switch; the node spends %s of its time switching, and is in "
                "use %s",
                unit_share(queue->paid_share, paid),
                unit_time_within(queue->switch_wait_s, half_width_s, longer),
                unit_time(queue->switch_s, own), unit_share(queue->time_share, share),
                unit_share(queue->utilisation, used));
}

static void print_queue(FILE *out, const struct study_call_mix *mix, enum study_schedule schedule)
{
    static const char *const served[] = {
        [SCHEDULE_IN_ORDER] = "served in order",
        [SCHEDULE_GROUPED] = "where the node serves what is loaded first",
    };
    const struct study_queue *queue = &mix->queue[schedule];
    struct text text = {0};
    char rate[UNIT_TEXT], share[UNIT_TEXT];

    text_printf(&text, "call_mix at %s calls/s, %s: ", unit_number(mix->call_rate, rate),
                served[schedule]);
    if (queue->stable)
        add_waits(queue, &text);
    else
        text_printf(&text,
                    "more than the node can do; it needs %s of its time, and the queue grows",
                    unit_share(queue->utilisation, share));
    terminal_say(out, "%s", text.bytes);
    text_clear(&text);
}

void call_mix_words(FILE *out, const struct study_call_mix *mix)
{
    if (mix->calls > 0)
        print_idle(out, mix);
    for (int schedule = 0; schedule < STUDY_SCHEDULES; schedule++) {
        if (mix->queue[schedule].calls > 0)
            print_queue(out, mix, (enum study_schedule)schedule);
    }
}
