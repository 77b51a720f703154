/* What a row asks for, as one line of text: its identity wherever rows of many runs are kept. */
#ifndef RECORD_ROW_KEY_H
#define RECORD_ROW_KEY_H

#include "core/text.h"
#include "record/row.h"

/* Adds the row's key: "gpt-oss-120b 2000/128 n=20 qps=5 exponential" – the model, input and output
 * tokens, then each thing that is asked for besides. Two rows have the same key where row_compare
 * finds them the same, and no others do. In names a blank, a control character and '%' are %XX. */
void row_key_add(const struct row *row, struct text *text);

/* The same as a text of its own; free it. */
char *row_key(const struct row *row);

#endif
