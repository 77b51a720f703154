#include "design/mix_preview.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "design/mix_walk.h"
#include "job/trace_rows.h"
#include "plan/advice.h"
#include "plan/loads.h"
#include "traffic/arrivals.h"
#include "traffic/member_draw.h"
#include "traffic/trace_member.h"

/* A visit of a mix. */
struct visiting {
    const struct preparation *preparation;
    size_t begin, members; /* its place in the order */
    struct preview_mix *mix;
    struct walk_call *call; /* owned until it is followed */
    size_t calls;
    int64_t *left; /* closed loop: requests of each member that are to come; owned */
    size_t given;  /* closed loop: calls so far */
    struct member_draw draw;
};

static const struct row *row_of(const struct visiting *visiting, size_t member)
{
    const struct preparation *preparation = visiting->preparation;

    return &preparation->rows.row[preparation->order.visit[visiting->begin + member].row];
}

/* False, and why, where the bundle file has no such model, or no tier for so many tokens. */
static bool make_call(struct visiting *visiting, size_t member, double at_s, int64_t input_tokens,
                      int64_t output_tokens, struct walk_call *call)
{
    struct bundle_configuration found;

    if (!loads_find(&visiting->preparation->bundle, row_of(visiting, member)->model_name,
                    input_tokens + output_tokens, &found)) {
        visiting->mix->unknown = "the bundle file lacks the model or the tier of some of its calls";
        return false;
    }
    *call = (struct walk_call){.at_s = at_s,
                               .member = member,
                               .expert = found.expert,
                               .tier = found.tier,
                               .input_tokens = input_tokens,
                               .output_tokens = output_tokens};
    return true;
}

static void add(struct visiting *visiting, const struct walk_call *call)
{
    visiting->call = memory_grow(visiting->call, visiting->calls, sizeof *visiting->call);
    visiting->call[visiting->calls++] = *call;
}

static bool is_full(const struct visiting *visiting, size_t of_member)
{
    bool full = of_member >= MIX_PREVIEW_CALLS_MOST / visiting->members;

    visiting->mix->cut |= full;
    return full;
}

/* --- Open loop -------------------------------------------------------------------------------- */

/* Between the moments of two turns, as the plan's time is guessed. */
static double turn_apart_s(const struct row *row)
{
    return row->think_time_s + ADVICE_TTFT_S + (double)row->output_tokens / ADVICE_TOKENS_PER_S;
}

/* A session's turns, each with what was said before. */
static bool add_session(struct visiting *visiting, size_t member, double at_s)
{
    const struct row *row = row_of(visiting, member);
    int64_t turns = row_turns(row);
    struct walk_call call;

    for (int64_t t = 0; t < turns; t++) {
        struct row asked = *row;

        asked.turns = t + 1;
        if (!make_call(visiting, member, at_s + (double)t * turn_apart_s(row),
                       row_tokens_most(&asked) - row->output_tokens, row->output_tokens, &call))
            return false;
        add(visiting, &call);
    }
    return true;
}

static void add_row(struct visiting *visiting, size_t member)
{
    const struct row *row = row_of(visiting, member);
    const struct settings *settings = &visiting->preparation->settings;
    int64_t requests = row_requests_most(row);
    struct arrivals arrivals;

    arrivals_init(&arrivals, row, (uint64_t)settings->seed, visiting->begin + member);
    for (int64_t k = 0; k < requests && !is_full(visiting, (size_t)k); k++) {
        if ((row->duration_s > 0 && arrivals.at_s >= row->duration_s) ||
            arrivals.at_s >= settings->timeout_s || !add_session(visiting, member, arrivals.at_s))
            return;
        arrivals_advance(&arrivals);
    }
}

static void add_trace(struct visiting *visiting, size_t member)
{
    const struct preparation *preparation = visiting->preparation;
    const struct trace_asked asked = trace_rows_asked(preparation, row_of(visiting, member));
    struct trace_member lines = {0};
    struct trace_request request;
    struct walk_call call;
    struct error error;

    if (!trace_member_open(&lines, &asked, &error))
        visiting->mix->unknown = "its trace cannot be read any more";
    for (size_t k = 0; !visiting->mix->unknown && !is_full(visiting, k) &&
                       trace_member_next(&lines, &request, &error) == TRACE_REQUEST;
         k++) {
        if (request.at_s >= preparation->settings.timeout_s ||
            !make_call(visiting, member, request.at_s, request.input_tokens, request.output_tokens,
                       &call))
            break;
        add(visiting, &call);
    }
    trace_member_close(&lines);
}

static int by_moment(const void *a, const void *b)
{
    const struct walk_call *x = a, *y = b;

    if (x->at_s != y->at_s)
        return x->at_s < y->at_s ? -1 : 1;
    return (x->member > y->member) - (x->member < y->member);
}

static void add_open(struct visiting *visiting)
{
    for (size_t m = 0; m < visiting->members && !visiting->mix->unknown; m++) {
        if (row_of(visiting, m)->trace)
            add_trace(visiting, m);
        else
            add_row(visiting, m);
    }
    if (visiting->calls > 0)
        qsort(visiting->call, visiting->calls, sizeof *visiting->call, by_moment);
}

/* --- Closed loop ------------------------------------------------------------------------------ */

static bool is_shared(const struct visiting *visiting)
{
    return row_of(visiting, 0)->share > 0;
}

/* The member that a place goes to which the member `freed` gives back; SIZE_MAX: none. */
static size_t next_member(struct visiting *visiting, size_t freed)
{
    int64_t requests = row_of(visiting, 0)->mix_requests;

    if (!is_shared(visiting))
        return visiting->left[freed]-- > 0 ? freed : SIZE_MAX;
    return requests == 0 || visiting->given < (size_t)requests
               ? member_draw_at(&visiting->draw, visiting->given)
               : SIZE_MAX;
}

static bool next_call(void *context, size_t freed, double at_s, struct walk_call *call)
{
    struct visiting *visiting = context;
    const struct row *row = row_of(visiting, freed);
    double most_s = visiting->preparation->settings.timeout_s;
    size_t member;

    if (at_s >= most_s || (row->duration_s > 0 && at_s >= row->duration_s) ||
        is_full(visiting, visiting->given / visiting->members))
        return false;
    member = next_member(visiting, freed);
    if (member == SIZE_MAX)
        return false;
    visiting->given++;
    row = row_of(visiting, member);
    return make_call(visiting, member, at_s, row->input_tokens, row->output_tokens, call);
}

/* The first of each place; where places are shared, of all of them. */
static void add_first(struct visiting *visiting)
{
    double *share = memory_new(visiting->members, sizeof *share);
    struct walk_call call;

    visiting->left = memory_new(visiting->members, sizeof *visiting->left);
    for (size_t m = 0; m < visiting->members; m++) {
        share[m] = row_of(visiting, m)->share;
        visiting->left[m] =
            row_requests_of(row_of(visiting, m), row_requests_most(row_of(visiting, m)));
    }
    if (is_shared(visiting))
        member_draw_init(&visiting->draw, share, visiting->members,
                         (uint64_t)visiting->preparation->settings.seed, visiting->begin);
    for (size_t m = 0; m < (is_shared(visiting) ? 1 : visiting->members); m++) {
        for (int64_t k = 0; k < row_of(visiting, m)->concurrent_requests; k++) {
            if (next_call(visiting, m, 0, &call))
                add(visiting, &call);
        }
    }
    free(share);
}

/* --- A mix ------------------------------------------------------------------------------------ */

static void count(struct preview_mix *mix, const struct mix_walk *walk)
{
    for (size_t i = 0; i < walk->calls; i++) {
        struct preview_mix_member *member = &mix->member[walk->call[i].member];

        member->calls++;
        member->paying += walk->call[i].pays;
        mix->paying += walk->call[i].pays;
    }
    mix->calls = walk->calls;
    mix->loads = walk->loads;
    mix->load_s = walk->load_s;
    mix->took_s = walk->took_s;
    mix->guessed = walk->guessed;
}

static void follow(struct visiting *visiting)
{
    const struct mix_walk_next next = {next_call, visiting};
    bool closed = row_of(visiting, 0)->concurrent_requests > 0;
    struct mix_walk walk = {0};

    if (closed)
        add_first(visiting);
    else
        add_open(visiting);
    mix_walk(&visiting->preparation->bundle, visiting->call, visiting->calls, closed ? &next : NULL,
             &walk);
    count(visiting->mix, &walk);
    mix_walk_clear(&walk);
    if (is_shared(visiting))
        member_draw_clear(&visiting->draw);
    free(visiting->left);
}

static struct preview_mix preview_of(const struct preparation *preparation, size_t begin,
                                     size_t members)
{
    struct preview_mix mix = {.unknown = mix_walk_unknown(&preparation->bundle.node),
                              .load_s = NAN,
                              .member = memory_new(members, sizeof *mix.member),
                              .members = members};
    struct visiting visiting = {
        .preparation = preparation, .begin = begin, .members = members, .mix = &mix};

    mix.name = row_of(&visiting, 0)->mix;
    for (size_t m = 0; m < members; m++)
        mix.member[m].row = preparation->order.visit[begin + m].row;
    if (!mix.unknown)
        follow(&visiting);
    return mix;
}

/* Whether a visit to the same rows came before. */
static bool is_known(const struct mix_previews *previews, size_t row)
{
    for (size_t i = 0; i < previews->count; i++) {
        if (previews->mix[i].member[0].row == row)
            return true;
    }
    return false;
}

void mix_previews_of(const struct preparation *preparation, struct mix_previews *previews)
{
    const struct order *order = &preparation->order;

    *previews = (struct mix_previews){0};
    if (preparation->bundle.experts.count == 0)
        return;
    for (size_t i = 0, end; i < order->count; i = end) {
        end = order_visit_end(order, i);
        if (!order->visit[i].mixed || is_known(previews, order->visit[i].row))
            continue;
        previews->mix = memory_grow(previews->mix, previews->count, sizeof *previews->mix);
        previews->mix[previews->count++] = preview_of(preparation, i, end - i);
    }
}

void mix_previews_clear(struct mix_previews *previews)
{
    for (size_t i = 0; i < previews->count; i++)
        free(previews->mix[i].member);
    free(previews->mix);
    *previews = (struct mix_previews){0};
}
