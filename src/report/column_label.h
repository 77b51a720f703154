/* The columns of the consolidated table as people read them: "TTFT p50" for "client_ttft_s_p50". */
#ifndef REPORT_COLUMN_LABEL_H
#define REPORT_COLUMN_LABEL_H

#include <stddef.h>

/* The label of the column of that key, as column_name gives it; what measure_words makes of a key
 * that the table lacks. `size` bytes at `text`, which is returned. */
const char *column_label(const char *key, char *text, size_t size);

#endif
