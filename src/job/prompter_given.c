/* Prompts of a data set: sent as they are (prompter.h). */
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "job/prompter.h"
#include "job/prompter_parts.h"

const char prompter_between[] = "\n\n";

size_t prompter_line_number(const struct prompter *prompter, size_t k)
{
    return prompter_settings(prompter)->prompt.repeat
               ? 0
               : (prompter->first + k) % prompter->dataset->count;
}

const struct dataset_line *prompter_line(const struct prompter *prompter, size_t k)
{
    return &prompter->dataset->line[prompter_line_number(prompter, k)];
}

/* As the text stands in a body, made once for all that send it. */
static void share(struct prompter *prompter, size_t line, struct composed *composed)
{
    const struct dataset *dataset = prompter->dataset;

    if (!prompter->given)
        prompter->given = memory_new(dataset->count, sizeof *prompter->given);
    if (prompter->given[line].length == 0)
        dialect_add_text(&prompter->given[line], dataset->line[line].prompt);
    composed->shared = prompter->given[line].bytes;
    composed->shared_length = prompter->given[line].length;
}

/* A body of the line's own, with what the system says in it; behind the row's system message, where
 * it has one. Made once, by the thread that composes. */
static const struct body *body_of(struct prompter *prompter, size_t line)
{
    struct ask ask = prompter_ask(prompter, prompter->row->output_tokens);
    const char *system = prompter->dataset->line[line].system;
    char *both = ask.prefix ? memory_printf("%s%s%s", ask.prefix, prompter_between, system)
                            : memory_text(system);
    struct body *body;

    if (!prompter->of_line)
        prompter->of_line = memory_new(prompter->dataset->count, sizeof *prompter->of_line);
    body = &prompter->of_line[line];
    ask.prefix = both;
    if (body->head.length == 0)
        prompter->preparation->target.dialect->write_body(&ask, body);
    free(both);
    return body;
}

void prompter_compose_given(struct prompter *prompter, struct composed *composed)
{
    size_t line = prompter_line_number(prompter, composed->index);
    const struct dataset_image *image = dataset_image_of(prompter->dataset, line);

    composed->asked.name = prompter->text[0].name;
    if (prompter_may_share(prompter))
        share(prompter, line, composed);
    else
        dialect_add_text(&composed->prompt, prompter->dataset->line[line].prompt);
    if (prompter->dataset->line[line].system)
        composed->body = body_of(prompter, line);
    if (image) {
        composed->body = &prompter->body_with[strcmp(image->type, prompter_image_types[1]) == 0];
        composed->image = &image->base64;
    }
}

void prompter_clear_given(struct prompter *prompter)
{
    for (size_t i = 0; prompter->given && i < prompter->dataset->count; i++)
        text_clear(&prompter->given[i]);
    for (size_t i = 0; prompter->of_line && i < prompter->dataset->count; i++)
        body_clear(&prompter->of_line[i]);
    free(prompter->given);
    free(prompter->of_line);
}
