/* How well a search finds the highest load that keeps its limit, on queues in virtual time: their
 * truth is told by 4 · 10^6 calls, bisected to 0.1 %. Nothing of the queues is shared with src/.
 *
 * Open loop: calls come at random (Poisson) to so many places, wait in line, and take a log-normal
 * time; in one world each call pays a switch before. Closed loop: so many callers call again as
 * soon as they are served. A call is good where its wait, a constant and its switch stay within a
 * limit. Each search starts from a load of its own, up to 4.5 times too low or too high.
 *
 * Beside it: plain bisection, whose steps have so many calls each and are taken at their word; and
 * a grid of 20 loads from a quarter of the truth to four times that, interpolated, with twice as
 * many calls a load until it does as well as is asked of the search.
 *
 * Targets, of 100 searches: 85 within 5 % of the truth, 82 to 97 intervals of 90 % that hold it, at
 * most a third of the grid's calls. Where the limit is never kept, that is said within 5 steps. A
 * target fails only where the 99 % interval of what was counted excludes it. Intervals of whole
 * loads may hold the truth more often: one that is a single number cannot hold a part of it.
 *
 * Usage: bench_search [SEARCHES]: of each world, 100 by default. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "stats/climb.h"
#include "stats/distribution.h"

enum { TRUTH_CALLS = 4000000, PLACES_MOST = 64, GRID = 20, NEVER_STEPS = 5 };
static const double within = 0.05, start_spread = 1.5; /* the latter in ln */

static const struct world {
    const char *name;
    double share, service_s, spread, switch_s, base_s, limit_s;
    size_t places;
    bool closed, never;
} worlds[] = {
    {"1 place, cv 1", 0.95, 0.1, 1, 0, 0.05, 0.9, 1, false, false},
    {"4 places, cv .5", 0.95, 0.4, 0.5, 0, 0.1, 0.9, 4, false, false},
    {"8 places, cv .3", 0.95, 1, 0.3, 0, 0.2, 2, 8, false, false},
    {"16 places, cv 1", 0.95, 1.6, 1, 0, 0.1, 0.3, 16, false, false},
    {"90 % of calls", 0.90, 0.1, 1, 0, 0.05, 0.9, 1, false, false},
    {"99 % of calls", 0.99, 0.1, 0.5, 0, 0.05, 0.9, 1, false, false},
    {"switch each call", 0.95, 0.1, 0.3, 0.15, 0.05, 1.5, 1, false, false},
    {"8 places, closed", 0.95, 1, 0.3, 0, 0.2, 1, 8, true, false},
    {"never kept", 0.95, 0.1, 1, 0, 0.05, 0.04, 1, false, true},
};

/* --- The queues ------------------------------------------------------------------------------- */

static size_t first_of(const double *at, size_t count)
{
    size_t first = 0;

    for (size_t i = 1; i < count; i++)
        first = at[i] < at[first] ? i : first;
    return first;
}

static double draw_service_s(const struct world *world, struct random *random)
{
    double variance = log1p(world->spread * world->spread);

    return world->switch_s +
           world->service_s * exp(sqrt(variance) * random_normal(random) - variance / 2);
}

/* Calls in the order they are sent, from an idle start (Kiefer and Wolfowitz 1955: who comes first
 * goes to the place that is free first). */
static void follow(const struct world *world, double load, struct random *random,
                   struct trial_call *call, size_t count, size_t warmup)
{
    double place[PLACES_MOST] = {0}, *caller = memory_new((size_t)ceil(load) + 1, sizeof *caller);
    double now_s = 0;

    for (size_t i = 0; i < count; i++) {
        size_t who = world->closed ? first_of(caller, (size_t)load) : 0;
        size_t at = first_of(place, world->places);
        double begin_s;

        now_s = world->closed ? caller[who] : now_s + random_exponential(random) / load;
        begin_s = fmax(place[at], now_s);
        place[at] = caller[who] = begin_s + draw_service_s(world, random);
        call[i] = (struct trial_call){
            now_s, place[at], (begin_s - now_s + world->base_s + world->switch_s) / world->limit_s,
            i >= warmup};
    }
    free(caller);
}

/* Of one step from its own seed. */
static double share_of(const struct world *world, double load, size_t count, size_t warmup,
                       uint64_t seed, uint64_t step)
{
    const uint64_t key[] = {seed, step, 0x626973656374};
    struct trial_call *call = memory_new(count + warmup, sizeof *call);
    struct random random;
    double good = 0;

    random_init(&random, key, 3);
    follow(world, load, &random, call, count + warmup, warmup);
    for (size_t i = warmup; i < count + warmup; i++)
        good += call[i].margin <= 1;
    free(call);
    return good / (double)count;
}

static double find_truth(const struct world *world)
{
    double low = world->closed ? 1 : 1e-3;
    double high =
        world->closed ? PLACES_MOST : (double)world->places / (world->service_s + world->switch_s);

    while (high / low > 1.001 && !(world->closed && high - low <= 1)) {
        double middle = world->closed ? floor((low + high) / 2) : (low + high) / 2;

        if (share_of(world, middle, TRUTH_CALLS, 2000, 0, 0) >= world->share)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* --- Ways to search --------------------------------------------------------------------------- */

struct tally {
    size_t hits, holds, found, never, steps, most_steps;
    double calls;
};

static double start_of(double truth, uint64_t seed)
{
    double part = (double)seed * 0.6180339887;

    return truth * exp(2 * start_spread * (part - floor(part) - 0.5));
}

static size_t run_step(const struct world *world, const struct climb_rule *rule,
                       const struct climb_step *step, struct random *random, struct trial *trial)
{
    size_t count = step->most + step->warmup;
    struct trial_call *call = memory_new(count, sizeof *call);
    double at = (double)step->warmup + 8;

    follow(world, step->load, random, call, count, step->warmup);
    for (*trial = (struct trial){0}; trial->verdict == TRIAL_OPEN; at = at * 1.15 + 1) {
        at = fmin(at, (double)count);
        trial_look(&rule->trial, call, (size_t)at, trial);
        if ((size_t)at == count)
            break;
    }
    trial->load = step->load;
    free(call);
    return (size_t)fmin(at, (double)count);
}

static void search(const struct world *world, double truth, uint64_t seed, struct tally *tally)
{
    struct climb climb = {
        .rule = {
            .trial = {.share = world->share, .open_loop = !world->closed, .resolution = within},
            .low = world->closed ? 1 : 0.5,
            .high = world->closed ? PLACES_MOST : 200,
            .start = world->never ? start_of(8, seed) : start_of(truth, seed),
            .whole = world->closed,
            .confirm = true}};
    struct climb_step next;
    struct climb_result result;

    while (climb_next(&climb, &next, &result)) {
        const uint64_t key[] = {seed, climb.count, 0x636c696d62};
        struct random random;
        struct trial trial;

        random_init(&random, key, 3);
        tally->calls += (double)run_step(world, &climb.rule, &next, &random, &trial);
        climb_add(&climb, &trial, next.confirms);
    }
    tally->steps += climb.count;
    tally->most_steps = climb.count > tally->most_steps ? climb.count : tally->most_steps;
    tally->found += result.end == CLIMB_FOUND;
    tally->never += result.end == CLIMB_NEVER_KEPT;
    tally->hits += fabs(result.found.load / truth - 1) <= within;
    tally->holds += result.found.low <= truth && truth <= result.found.high;
}

/* Doubles or halves until both sides are known, then halves between. */
static void bisect(const struct world *world, double truth, uint64_t seed, size_t calls,
                   struct tally *tally)
{
    double low = NAN, high = NAN, load = start_of(truth, seed);

    for (size_t step = 0; !(high / low < 1 + within) && step < 30; step++) {
        bool kept;

        load = world->closed ? fmax(1, round(load)) : load;
        kept = share_of(world, load, calls, calls / 10, seed, step) >= world->share;
        tally->calls += (double)(calls + calls / 10);
        *(kept ? &low : &high) = load;
        if (world->closed && high - low <= 1)
            break;
        load = isnan(low) ? load / 2 : isnan(high) ? load * 2 : sqrt(low * high);
    }
    load = world->closed ? low : sqrt(low * high);
    tally->hits += fabs(load / truth - 1) <= within;
}

/* Where the share falls below the wanted one for good, between two loads. */
static void try_grid(const struct world *world, double truth, uint64_t seed, size_t calls,
                     struct tally *tally)
{
    double step = log(16) / (GRID - 1), shift = 0.5 * log(start_of(1, seed)) / start_spread;
    double before = 1, found = NAN;

    for (int i = 0; i < GRID; i++) {
        double at = log(truth / 4) + step * (i + shift), load = exp(at), share;

        load = world->closed ? fmax(1, round(load)) : load;
        share = share_of(world, load, calls, calls / 10, seed, (uint64_t)i);
        tally->calls += (double)(calls + calls / 10);
        if (isnan(found) && share < world->share)
            found = exp(at - step * (world->share - share) / fmax(before - share, 1e-9));
        before = share;
    }
    found = world->closed ? floor(found) : found;
    tally->hits += fabs(found / truth - 1) <= within;
}

/* --- What comes of it ------------------------------------------------------------------------- */

/* Whether so many of so many contradict that each has a probability of `least` at least. */
static bool too_few(size_t k, size_t of, double least)
{
    return 1 - distribution_binomial_at_least(k + 1, of, least) < 0.005;
}

static bool too_many(size_t k, size_t of, double most)
{
    return distribution_binomial_at_least(k, of, most) < 0.005;
}

/* Until it does as well as the search has to. */
static struct tally grid_as_good(const struct world *world, double truth, size_t searches,
                                 size_t *calls)
{
    struct tally tally;

    for (*calls = 500;; *calls *= 2) {
        tally = (struct tally){0};
        for (size_t seed = 0; seed < searches; seed++)
            try_grid(world, truth, seed, *calls, &tally);
        if (*calls >= 16000 || (double)tally.hits >= 0.85 * (double)searches)
            return tally;
    }
}

static void print_way(const char *way, const struct tally *tally, size_t searches)
{
    double all = (double)searches;

    printf("    %-22s %3.0f %% within 5 %%, %7.0f calls", way, 100 * (double)tally->hits / all,
           tally->calls / all);
}

static bool judge(const struct world *world, const struct tally *tally, const struct tally *grid,
                  size_t searches)
{
    bool good = !too_few(tally->hits, searches, 0.85) && !too_few(tally->holds, searches, 0.82) &&
                (world->closed || !too_many(tally->holds, searches, 0.97)) &&
                tally->calls <= grid->calls / 3;

    printf("%s\n", good ? "" : "  MISSED");
    return good;
}

static bool try_world(const struct world *world, size_t searches)
{
    double truth = world->never ? NAN : find_truth(world);
    struct tally tally = {0}, plain = {0}, grid;
    char name[40];
    size_t calls;
    bool good;

    for (size_t seed = 0; seed < searches; seed++)
        search(world, truth, seed, &tally);
    if (world->never) {
        printf("%s: said so in %zu of %zu searches, after %zu steps at most, %.0f calls\n",
               world->name, tally.never, searches, tally.most_steps,
               tally.calls / (double)searches);
        return tally.never == searches && tally.most_steps <= NEVER_STEPS;
    }
    grid = grid_as_good(world, truth, searches, &calls);
    for (size_t seed = 0; seed < searches; seed++)
        bisect(world, truth, seed, 8 * trial_least(world->share), &plain);
    printf("%s: the truth is %.4g\n", world->name, truth);
    print_way("search", &tally, searches);
    printf(", %.1f steps, %3.0f %% of intervals hold it", (double)tally.steps / (double)searches,
           100 * (double)tally.holds / (double)searches);
    good = judge(world, &tally, &grid, searches);
    print_way("plain bisection", &plain, searches);
    snprintf(name, sizeof name, "grid, %zu a load", calls);
    printf("\n");
    print_way(name, &grid, searches);
    printf("\n");
    fflush(stdout);
    return good;
}

int main(int count, char **argument)
{
    size_t searches = count > 1 ? strtoul(argument[1], NULL, 10) : 100;
    bool good = true;

    for (size_t i = 0; i < sizeof worlds / sizeof *worlds; i++)
        good = try_world(&worlds[i], searches ? searches : 1) && good;
    return good ? 0 : 1;
}
