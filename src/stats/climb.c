#include "stats/climb.h"

#include <math.h>

#include "stats/knee.h"

const char *const climb_end_words[CLIMB_ENDS] = {"under_way",   "found",        "never_kept",
                                                 "always_kept", "client_limit", "not_sure"};

/* In units of trial_least: a step that brackets ends by then, one that refines by then. */
enum { BRACKET_MOST = 4, REFINE_LEAST = 12, REFINE_FIRST = 12, REFINE_MOST = 60, WARMUP_MOST = 16 };

/* And in calls that are alike. */
enum { ALIKE_MOST = 40 };

/* The load that is looked for lies within the bracket, stretched by this to either side. */
static const double stretch = 1.3;

/* --- The bracket ------------------------------------------------------------------------------ */

struct bracket {
    double kept, broken; /* the highest load below all that broke, the lowest that broke; NAN */
    size_t lowered;      /* steps that broke while none has kept */
    bool limited;        /* the lowest that broke did so for the client */
    bool contradicts;    /* a load above one that broke has kept */
    double highest_kept;
};

static bool seems_kept(const struct trial *trial, double share)
{
    if (trial->client_limited || trial->calls == 0)
        return false;
    if (trial->verdict != TRIAL_OPEN)
        return trial->verdict == TRIAL_KEPT;
    return !trial->growing && (double)trial->good >= share * (double)trial->calls;
}

static struct bracket bracket_of(const struct climb *climb)
{
    double share = climb->rule.trial.share;
    struct bracket bracket = {NAN, NAN, 0, false, false, NAN};

    for (size_t i = 0; i < climb->count; i++) {
        const struct trial *trial = &climb->trial[i];

        if (seems_kept(trial, share)) {
            bracket.highest_kept = fmax(bracket.highest_kept, trial->load);
            continue;
        }
        bracket.lowered++;
        if (!(trial->load >= bracket.broken)) {
            bracket.broken = trial->load;
            bracket.limited = trial->client_limited;
        }
    }
    for (size_t i = 0; i < climb->count; i++) {
        double load = climb->trial[i].load;

        if (seems_kept(&climb->trial[i], share) && !(load >= bracket.broken))
            bracket.kept = fmax(bracket.kept, load);
    }
    return bracket;
}

/* Four digits are for people to read, and finer than any step tells. */
static double four_digits(double load)
{
    double unit = pow(10, floor(log10(load)) - 3);

    return round(load / unit) * unit;
}

static double within(const struct climb *climb, double load)
{
    return fmin(fmax(load, climb->rule.low), climb->rule.high);
}

static double rounded(const struct climb *climb, double load)
{
    return within(climb, climb->rule.whole ? round(load) : four_digits(load));
}

/* While only one side is known. */
static double next_outside(const struct climb *climb, const struct bracket *bracket)
{
    if (climb->count == 0)
        return within(climb, climb->rule.start);
    if (isnan(bracket->broken))
        return rounded(climb, 2 * bracket->highest_kept);
    return rounded(climb, bracket->broken / pow(2, (double)bracket->lowered));
}

/* --- What is known ---------------------------------------------------------------------------- */

static struct load_estimate fit(const struct climb *climb, const struct bracket *bracket)
{
    const struct climb_rule *rule = &climb->rule;
    double low = fmin(isnan(bracket->kept) ? bracket->broken / 4 : bracket->kept, bracket->broken);
    double high = fmax(bracket->broken, bracket->highest_kept);
    struct load_window window = {low / stretch, high * stretch};
    struct trial said[CLIMB_STEPS_MOST];
    size_t count = 0;

    for (size_t i = 0; i < climb->count; i++) {
        if (!climb->trial[i].client_limited)
            said[count++] = climb->trial[i];
    }
    return load_curve_fit(said, count, rule->trial.share, rule->trial.saturation, window);
}

static double half_width(const struct load_estimate *found)
{
    return log(found->high / found->low) / 2;
}

static bool is_sure(const struct climb_rule *rule, const struct load_estimate *found)
{
    return half_width(found) <= rule->trial.resolution ||
           (rule->whole && floor(found->low) == floor(found->high));
}

/* A load between two whole numbers keeps the limit at the lower. */
static struct load_estimate as_asked(const struct climb_rule *rule, struct load_estimate found)
{
    if (rule->whole)
        found = (struct load_estimate){floor(found.load), floor(found.low), floor(found.high)};
    return found;
}

/* --- Steps ------------------------------------------------------------------------------------ */

static size_t in_units(double units, double share)
{
    return (size_t)ceil(units * (double)trial_least(share));
}

static const struct trial *nearest(const struct climb *climb, double load)
{
    const struct trial *found = NULL;

    for (size_t i = 0; i < climb->count; i++) {
        const struct trial *trial = &climb->trial[i];

        if (!found || fabs(log(trial->load / load)) <= fabs(log(found->load / load)))
            found = trial;
    }
    return found;
}

/* Until what is in flight at that load has been replaced a few times, and for as long as calls are
 * alike, but for no more than an eighth of the step: it begins with nothing in flight, and its
 * first calls wait less. */
static size_t warmup_of(const struct climb *climb, double load, size_t calls)
{
    double share = climb->rule.trial.share, most = (double)in_units(WARMUP_MOST, share);
    double least = (double)in_units(0.5, share);
    const struct trial *like = nearest(climb, load);

    if (!climb->rule.trial.open_loop)
        least = fmax(least, 2 * load);
    if (like && !isnan(like->in_flight))
        least = fmax(least, fmin(3 * like->in_flight * load / like->load, most));
    if (like)
        least = fmax(least, fmin(2 * like->alike, (double)calls / 8));
    return (size_t)ceil(least);
}

/* As many as the steps at like loads had, over and over, for what is missing. */
static double calls_missing(const struct climb *climb, const struct load_estimate *found)
{
    double width = half_width(found), wanted = climb->rule.trial.resolution, calls = 0;

    for (size_t i = 0; i < climb->count; i++) {
        if (fabs(log(climb->trial[i].load / found->load)) < 0.25)
            calls += (double)climb->trial[i].calls;
    }
    return calls * (width * width / wanted / wanted - 1);
}

/* Of calls that are alike a step needs more, to show by how much. */
static double refine_most(const struct climb *climb, double load)
{
    double alike = nearest(climb, load)->alike / (double)trial_least(climb->rule.trial.share);

    return fmin(fmax(REFINE_MOST, ALIKE_MOST * alike), 2 * REFINE_MOST);
}

static void plan_refining(const struct climb *climb, const struct load_estimate *found,
                          size_t refined, struct climb_step *next)
{
    double share = climb->rule.trial.share, width = half_width(found);
    double aside = fmin(width / 2, 0.06) * (refined % 2 ? 1 : -1);
    double units = calls_missing(climb, found) / (double)trial_least(share);

    next->load = rounded(climb, found->load * exp(refined ? aside : 0));
    units = refined == 0 ? REFINE_FIRST
                         : fmin(fmax(units, REFINE_LEAST), refine_most(climb, found->load));
    next->most = in_units(units, share);
}

static bool was_confirmed(const struct climb *climb, bool *broken)
{
    const struct trial *last = climb->count > 0 ? &climb->trial[climb->count - 1] : NULL;
    bool confirms = last && climb->confirms[climb->count - 1];

    *broken = confirms && last->verdict == TRIAL_BROKEN;
    return confirms && !*broken;
}

/* --- The way ---------------------------------------------------------------------------------- */

static size_t steps_after_bracket(const struct climb *climb)
{
    struct climb part = {.rule = climb->rule};
    size_t bracketed = 0;

    for (size_t i = 0; i < climb->count; i++) {
        struct bracket bracket = bracket_of(&part);

        if (!isnan(bracket.kept) && !isnan(bracket.broken))
            return climb->count - bracketed;
        climb_add(&part, &climb->trial[i], climb->confirms[i]);
        bracketed = i + 1;
    }
    return climb->count - bracketed;
}

/* Both sides are known. */
static bool refine(const struct climb *climb, const struct bracket *bracket,
                   struct climb_step *next, struct climb_result *result)
{
    const struct climb_rule *rule = &climb->rule;
    struct load_estimate found = fit(climb, bracket);
    bool broken, confirmed = was_confirmed(climb, &broken), sure = is_sure(rule, &found);

    result->found = as_asked(rule, found);
    result->confirmed = confirmed;
    result->end = CLIMB_FOUND;
    if (confirmed || (sure && (!rule->confirm || broken)))
        return false;
    if (climb->count >= CLIMB_STEPS_MOST) {
        result->end = CLIMB_NOT_SURE;
        return false;
    }
    result->end = CLIMB_UNDER_WAY;
    next->confirms = sure;
    if (sure) {
        next->load = rounded(climb, result->found.low);
        next->most = in_units(REFINE_FIRST, rule->trial.share);
    } else {
        plan_refining(climb, &found, steps_after_bracket(climb), next);
    }
    return true;
}

static void note_shown(const struct climb *climb, struct climb_result *result)
{
    for (size_t i = 0; i < climb->count; i++) {
        const struct trial *trial = &climb->trial[i];

        if (trial->verdict == TRIAL_BROKEN && !trial->client_limited)
            result->broken = fmin(result->broken, trial->load);
    }
    for (size_t i = 0; i < climb->count; i++) {
        const struct trial *trial = &climb->trial[i];

        if (trial->verdict == TRIAL_KEPT && !trial->client_limited &&
            !(trial->load >= result->broken))
            result->kept = fmax(result->kept, trial->load);
    }
}

bool climb_next(const struct climb *climb, struct climb_step *next, struct climb_result *result)
{
    struct bracket bracket = bracket_of(climb);
    bool more = true;

    if (climb->rule.knee)
        return knee_next(climb, next, result);
    *result = (struct climb_result){.found = {NAN, NAN, NAN}, .kept = NAN, .broken = NAN};
    *next = (struct climb_step){.most = in_units(BRACKET_MOST, climb->rule.trial.share)};
    note_shown(climb, result);
    result->limited = bracket.limited;
    if (bracket.limited && (!isnan(bracket.kept) || bracket.broken <= climb->rule.low)) {
        result->end = CLIMB_CLIENT_LIMIT;
        more = false;
    } else if (!isnan(bracket.broken) && !isnan(bracket.kept)) {
        more = refine(climb, &bracket, next, result);
    } else if (bracket.broken <= climb->rule.low) {
        result->end = CLIMB_NEVER_KEPT;
        more = false;
    } else if (bracket.highest_kept >= climb->rule.high) {
        result->end = CLIMB_ALWAYS_KEPT;
        more = false;
    } else {
        next->load = next_outside(climb, &bracket);
    }
    next->warmup = more ? warmup_of(climb, next->load, next->most) : 0;
    return more;
}

void climb_add(struct climb *climb, const struct trial *trial, bool confirms)
{
    climb->trial[climb->count] = *trial;
    climb->confirms[climb->count++] = confirms;
}

size_t climb_most_calls(const struct climb_rule *rule)
{
    return in_units(2 * REFINE_MOST + WARMUP_MOST, rule->trial.share);
}
