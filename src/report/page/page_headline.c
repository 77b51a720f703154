#include "report/page/page_headline.h"

#include "report/headline.h"

static void add_bars(struct writer *writer, const struct headline *headline)
{
    writer_open(writer, "bars", '[');
    for (size_t i = 0; i < headline->bars; i++) {
        const struct headline_bar *bar = &headline->bar[i];

        writer_open(writer, NULL, '{');
        writer_add_text(writer, "label", bar->label);
        writer_add_text(writer, "model", bar->model ? bar->model : "");
        writer_add_number(writer, "value", bar->value);
        writer_add_number(writer, "low", bar->low);
        writer_add_number(writer, "high", bar->high);
        writer_add_text(writer, "words", bar->words);
        writer_close(writer, '}');
    }
    writer_close(writer, ']');
}

static void add_tiles(struct writer *writer, const struct headline *headline)
{
    writer_open(writer, "tiles", '[');
    for (size_t i = 0; i < headline->tiles; i++) {
        const struct headline_tile *tile = &headline->tile[i];

        writer_open(writer, NULL, '{');
        writer_add_text(writer, "title", tile->title);
        writer_add_text(writer, "section", headline_section_ids[tile->section]);
        writer_add_text(writer, "tone", headline_tone_words[tile->tone]);
        writer_add_text(writer, "text", tile->text);
        writer_close(writer, '}');
    }
    writer_close(writer, ']');
}

/* A text that may be missing where there is nothing to draw. */
static void add_optional(struct writer *writer, const char *key, const char *text)
{
    writer_add_text(writer, key, text ? text : "");
}

void page_headline_add(struct writer *writer, const struct report *report)
{
    struct headline headline;

    headline_make(report, &headline);
    writer_open(writer, "headline", '{');
    writer_add_text(writer, "kind", headline_kind_words[headline.kind]);
    writer_add_text(writer, "tone", headline_tone_words[headline.tone]);
    writer_add_text(writer, "sentence", headline.sentence);
    add_optional(writer, "title", headline.title);
    add_optional(writer, "measured", headline.measured);
    add_optional(writer, "endpoint", headline.endpoint);
    add_optional(writer, "release", headline.release);
    add_optional(writer, "date", headline.date);
    add_optional(writer, "bar_title", headline.bar_title);
    add_optional(writer, "bar_axis", headline.bar_axis);
    add_optional(writer, "bar_note", headline.bar_note);
    add_optional(writer, "look", headline.look);
    add_bars(writer, &headline);
    add_tiles(writer, &headline);
    writer_close(writer, '}');
    headline_clear(&headline);
}
