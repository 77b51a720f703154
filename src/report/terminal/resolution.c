#include "report/terminal/resolution.h"

#include <math.h>

#include "core/unit.h"
#include "report/terminal/terminal.h"

static void print_width(FILE *out, double half)
{
    if (isinf(half))
        fprintf(out, "; how much a switch varies stays unknown");
    else
        fprintf(out, "; it is then known within ±%.0f %%", 100 * half);
}

static void print_design(FILE *out, const struct resolution_design *design, double wanted_s)
{
    char time[48];

    terminal_duration(design->seconds, time, sizeof time);
    fprintf(out, "  %-22s order: %-10s passes: %-3lld probe: {steady: %lld}\n",
            design->pairs ? "from each row to each:" : "to each row:",
            design->pairs ? "all-pairs" : "shuffle", (long long)design->passes,
            (long long)design->steady);
    fprintf(out, "  %-22s %.0f steps, about %s", "", design->steps, time);
    if (design->smallest_s > wanted_s)
        fprintf(out, "; but no less than %.0f ms is seen so", 1000 * design->smallest_s);
    else
        print_width(out, design->half_width);
    fputc('\n', out);
}

static void print_premise(FILE *out, const struct preview_premise *premise, double wanted_s)
{
    char ttft[UNIT_TEXT];

    unit_time(premise->ttft_s, ttft);
    fputc('\n', out);
    if (premise->measured)
        terminal_note(
            out, COLOUR_NONE,
            "To see a switch of %g ms in 80 %% of cases, TTFTs and their spread being those "
            "of %s (up to %s, and %.1f %%):",
            1000 * wanted_s, premise->like, ttft, 100 * premise->spread);
    else
        terminal_note(
            out, COLOUR_NONE,
            "To see a switch of %g ms in 80 %% of cases, where TTFTs are %s and vary by %g "
            "%% (an example: --like DIR takes both from a run):",
            1000 * wanted_s, ttft, 100 * premise->spread);
}

static void print_remarks(FILE *out, const struct preview_premise *premise)
{
    terminal_note(out, COLOUR_NONE,
                  "Every visit is taken to pay; where only some do, more passes are needed. What a "
                  "switch costs is taken to vary by %.3g %% from visit to visit%s.",
                  100 * premise->cost_share, premise->cost_measured ? ", as in that run" : "");
}

void resolution_print(FILE *out, const struct resolution *resolution)
{
    print_premise(out, &resolution->premise, resolution->wanted_s);
    for (size_t i = 0; i < resolution->designs; i++)
        print_design(out, &resolution->design[i], resolution->wanted_s);
    print_remarks(out, &resolution->premise);
}
