/* What a report opens with: one sentence, one picture, and tiles of findings that lead to its
 * sections. It is made here for the terminal, the page, the workbook and Markdown alike, from the
 * figures that the tables show, so that none of them contradicts another. Plain data once made. */
#ifndef REPORT_HEADLINE_H
#define REPORT_HEADLINE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/text.h"
#include "report/report.h"

/* What kind of report it is. */
enum headline_kind {
    HEADLINE_STUDY,   /* rows were visited several times or probed, and a switch was measurable */
    HEADLINE_BATCH,   /* any other run with completed requests */
    HEADLINE_COMPARE, /* a candidate held against a baseline */
    HEADLINE_FAILED,  /* no request completed */
    HEADLINE_KINDS
};
extern const char *const headline_kind_words[HEADLINE_KINDS]; /* "study", "batch", … */

/* The sections that tiles lead to. Pages use the ids as anchors ("#residency"), workbooks as keys
 * to their sheets. */
enum headline_section {
    HEADLINE_VERDICT,   /* the lines of a qualification */
    HEADLINE_SWITCHING, /* costs by row and transition */
    HEADLINE_RESIDENCY, /* what stays in memory */
    HEADLINE_LOADING,   /* how fast weights load */
    HEADLINE_SEARCH,    /* the highest load that keeps slo */
    HEADLINE_MIX,       /* what switching costs a mix of calls */
    HEADLINE_LATENCY,   /* figures of rows */
    HEADLINE_HEALTH,    /* whether the client kept up */
    HEADLINE_FAILURES,  /* what failed, and why */
    HEADLINE_STEPS,     /* which steps ran */
    HEADLINE_SETTINGS,  /* what was asked, of whom */
    HEADLINE_SECTIONS
};
extern const char *const headline_section_ids[HEADLINE_SECTIONS];

/* Of more, nobody reads the picture: the tables have the rest. */
enum { HEADLINE_BARS_MOST = 24, HEADLINE_MODELS_MOST = 8 /* that have a tile each */ };

/* How a finding is to be taken: with a colour and never by colour alone. */
enum headline_tone { HEADLINE_GOOD, HEADLINE_NEUTRAL, HEADLINE_NOTE, HEADLINE_BAD, HEADLINE_TONES };
extern const char *const headline_tone_words[HEADLINE_TONES]; /* "good", "neutral", "note", "bad" */

/* One bar of the picture. */
struct headline_bar {
    char *label;       /* model, with the row's lengths and load where models have several;
                        * of compare the measure and its row; owned */
    const char *model; /* its model's full name, for its colour; the report's own; NULL: none */
    double value, low, high; /* in `bar_unit`; NAN: not known. A bar without a value has words */
    char *words; /* the value with its interval, or why there is none: "413 ms (409 to 417)"; owned
                  */
};

struct headline_tile {
    const char *title; /* "Residency" */
    enum headline_section section;
    enum headline_tone tone;
    char *text; /* one sentence, without a point at its end; owned */
};

struct headline {
    enum headline_kind kind;
    enum headline_tone tone; /* of the sentence */
    char *sentence;          /* without a point at its end; owned */
    /* What was measured: "Switching study of 5 models · host:port/v1 · release 1.4 · 2026-11-28".
     * All owned; a part that is not known is "". Of compare, the release is the candidate's. */
    char *title;
    char *measured; /* "Switching study of 5 models" */
    char *endpoint; /* its address without the scheme; of several runs "2 endpoints" */
    char *release;  /* "release 1.4": the label `release`, else the labels in their order */
    char *date;     /* of the start, UTC; of several days "2026-11-27 to 2026-11-28" */
    /* The picture; 0 bars where there is nothing to draw. */
    const char *bar_title;    /* "What a switch to each model costs" */
    const char *bar_axis;     /* the axis's title, without the unit: "Switching cost" */
    const char *bar_unit;     /* of values: "s" (shown by unit.h), "%" */
    const char *bar_note;     /* what the interval is: "bars: mean; lines: 95 % interval" */
    struct headline_bar *bar; /* at most HEADLINE_BARS_MOST; owned */
    size_t bars, bars_left_out;
    struct headline_tile *tile; /* in the order to be shown; owned */
    size_t tiles;
    char *look; /* what to look at first, an imperative without a point at its end; owned */
};

/* Which kind of report that is. */
enum headline_kind headline_kind_of(const struct report *report);

/* Makes it from a report; `report->detail` is not used, so that it may be NULL. With a
 * qualification it is that one's, else the runs'. Texts are owned, models' names are the report's.
 * Clear `headline`. */
void headline_make(const struct report *report, struct headline *headline);

/* The same of a qualification alone; endpoint and labels are not known then. */
void headline_of_qualification(const struct qualification *qualification,
                               struct headline *headline);

/* Adds it as Markdown: the title as a heading, the sentence in bold, a table of the bars and a list
 * of the tiles. What would be markup in names is escaped. */
void headline_add_markdown(const struct headline *headline, struct text *text);

void headline_clear(struct headline *headline);

#endif
