/* Holds a candidate's runs against a baseline's, line by line of a policy. Whatever cannot be
 * compared is a line of its own, and never a pass. */
#ifndef COMPARE_QUALIFY_H
#define COMPARE_QUALIFY_H

#include "compare/side.h"
#include "record/qualification.h"

/* Fills `qualification`, whose lines point into sides and policy; clear it before them. */
void qualify(const struct side *base, const struct side *candidate, const struct policy *policy,
             struct qualification *qualification);

void qualification_clear(struct qualification *qualification);

#endif
