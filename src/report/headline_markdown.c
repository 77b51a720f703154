#include "report/headline.h"

static void add_bars(const struct headline *headline, struct text *text)
{
    if (headline->bars == 0)
        return;
    text_add_string(text, "\n| ");
    text_add_markdown(text, headline->bar_title);
    text_add_string(text, " | |\n|---|---|\n");
    for (size_t i = 0; i < headline->bars; i++) {
        text_add_string(text, "| ");
        text_add_markdown(text, headline->bar[i].label);
        text_add_string(text, " | ");
        text_add_markdown(text, headline->bar[i].words);
        text_add_string(text, " |\n");
    }
}

void headline_add_markdown(const struct headline *headline, struct text *text)
{
    text_add_string(text, "## ");
    text_add_markdown(text, headline->title);
    text_add_string(text, "\n\n**");
    text_add_markdown(text, headline->sentence);
    text_add_string(text, ".**\n");
    add_bars(headline, text);
    for (size_t i = 0; i < headline->tiles; i++) {
        text_add_string(text, i == 0 ? "\n- " : "- ");
        text_add_markdown(text, headline->tile[i].title);
        text_add_string(text, ": ");
        text_add_markdown(text, headline->tile[i].text);
        text_add_char(text, '\n');
    }
}
