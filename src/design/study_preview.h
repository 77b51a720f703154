/* What a plan amounts to as a switching study, before anything is sent: in which order rows are
 * visited, how often each pair, and how small a switch would be seen. */
#ifndef DESIGN_STUDY_PREVIEW_H
#define DESIGN_STUDY_PREVIEW_H

#include "job/prepare.h"
#include "record/preview.h"

/* Fills `preview`, whose words outlive it; clear it. */
void study_preview_of(const struct preparation *preparation, struct preview *preview);

void study_preview_clear(struct preview *preview);

#endif
