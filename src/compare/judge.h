/* One line of a qualification: a limit of the policy held against a row of both sides. */
#ifndef COMPARE_JUDGE_H
#define COMPARE_JUDGE_H

#include "compare/side.h"
#include "record/qualification.h"
#include "stats/comparison.h"

struct judging {
    const struct side *base, *candidate;
    const struct policy *policy;
    size_t number; /* the line's, that its drawing follows from */
};

/* Fills the line's values and, where something forbids a pass, its verdict and why. Where both
 * sides were compared its ratio is there, and `comparison` is for the verdict over all lines
 * together. */
void judge_line(const struct judging *judging, const struct policy_limit *limit,
                const struct side_row *base, const struct side_row *candidate,
                struct qualification_line *line, struct comparison *comparison);

/* Sets a verdict with its sentence; false, for the caller to return. */
bool judge_refuse(struct qualification_line *line, enum qualification_verdict verdict,
                  const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
