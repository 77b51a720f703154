#include "store/step_figures.h"

#include <string.h>

#include "core/file.h"
#include "core/text.h"

void step_figures_digest(const struct step *step, char digest[STEP_FIGURES + 1])
{
    struct text figures = {0};
    char whole[65];

    text_printf(&figures, "%s %lld %zu/%zu", step->row.model_name, (long long)step->timestamp_s,
                step->completed, step->started);
    for (int i = 0; i < METRIC_COUNT; i++)
        text_printf(&figures, " %a", step->metric[i].mean);
    file_sha256(figures.bytes, figures.length, whole);
    memcpy(digest, whole, STEP_FIGURES);
    digest[STEP_FIGURES] = '\0';
    text_clear(&figures);
}
