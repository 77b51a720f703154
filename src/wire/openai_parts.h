/* What OpenAI's chat completions and its older completions have in common: parameters, choices,
 * usage and end marks. Inside this room. */
#ifndef WIRE_OPENAI_PARTS_H
#define WIRE_OPENAI_PARTS_H

#include "wire/delta.h"
#include "wire/dialect.h"
#include "wire/json_scan.h"

/* What a choice says, its content added to `text` unless that is NULL (wire/delta.h). */
typedef struct delta_kinds openai_read_choice(const struct cJSON *choice, struct text *text);

/* Adds what stands behind a body's prompt: "max_tokens":…} with the user's sampling parameters. */
void openai_write_parameters(const struct ask *ask, struct text *tail);

/* As the dialect's read_event, read_page and add_content, its first choice read by `read`. A page
 * has `member` in its choice. */
void openai_read_event(const char *payload, size_t length, openai_read_choice *read,
                       struct event *event);
bool openai_read_page(const char *body, size_t length, const char *member, openai_read_choice *read,
                      struct event *event, struct text *response);
void openai_add_content(const char *payload, size_t length, openai_read_choice *read,
                        struct text *response);

/* As the dialect's identifies. */
bool openai_identifies(const char *payload, size_t length);

/* Reports beside `usage` (wire/usage.h). */
extern const struct scan_rare openai_rare_in_chunk;

/* Takes a choice's finish reason; false where the word names none, or one that read_event has to
 * look at. */
bool openai_fast_parse_finish(const struct scan_value *reason, struct event *event);

#endif
