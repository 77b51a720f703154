/* Labels as a condition of a query over the table `run`. For the index alone. */
#ifndef STORE_INDEX_LABELS_CONDITION_H
#define STORE_INDEX_LABELS_CONDITION_H

#include "core/text.h"
#include "store/index/database.h"
#include "store/index/labels.h"

/* Adds " AND EXISTS (…)" for each label, with two parameters from number `first` on. */
void labels_add_condition(const struct index_labels *labels, int first, struct text *sql);

void labels_bind(const struct index_labels *labels, int first, sqlite3_stmt *statement);

#endif
