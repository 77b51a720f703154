#include "telemetry/exposition.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

/* A line that is being read: `at` moves on, and the line's last byte is followed by a NUL. */
struct line {
    char *at;
};

static void skip_blanks(struct line *line)
{
    line->at += strspn(line->at, " \t\r");
}

static bool take(struct line *line, char byte)
{
    if (*line->at != byte)
        return false;
    line->at++;
    return true;
}

static bool begins_name(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_' ||
           byte == ':';
}

static bool continues_name(char byte)
{
    return begins_name(byte) || (byte >= '0' && byte <= '9');
}

/* A name without quotes: where it ends, which is not yet cut. */
static char *name_end(char *name)
{
    if (!begins_name(*name))
        return NULL;
    while (continues_name(*name))
        name++;
    return name;
}

/* What a backslash and the byte behind it mean; others stay as they are. */
static size_t unescape(const char *from, char *to)
{
    switch (from[1]) {
    case 'n':
        *to = '\n';
        return 2;
    case '"':
    case '\\':
        *to = from[1];
        return 2;
    default:
        *to = '\\';
        return 1;
    }
}

/* A text in quotes, unescaped in place; NULL where the quotes do not close. */
static char *take_quoted(struct line *line)
{
    char *text, *to;

    if (!take(line, '"'))
        return NULL;
    text = to = line->at;
    for (; *line->at && *line->at != '"'; to++) {
        if (*line->at == '\\')
            line->at += unescape(line->at, to);
        else
            *to = *line->at++;
    }
    if (!take(line, '"'))
        return NULL;
    *to = '\0';
    return text;
}

/* One of what stands in braces: a label, or the sample's own name in quotes. */
static bool take_label(struct line *line, struct exposition_sample *sample)
{
    char *name, *end, *value;

    if (*line->at == '"') {
        name = end = take_quoted(line);
    } else {
        name = line->at;
        end = line->at = name_end(name);
    }
    if (!end)
        return false;
    skip_blanks(line);
    if (!take(line, '=')) {
        bool is_name = name == end && !sample->name;

        sample->name = is_name ? name : sample->name;
        return is_name;
    }
    skip_blanks(line);
    value = take_quoted(line);
    if (!value || sample->labels == EXPOSITION_LABELS_MOST)
        return false;
    if (name != end)
        *end = '\0';
    sample->label[sample->labels++] = (struct exposition_label){name, value};
    return true;
}

static bool take_labels(struct line *line, struct exposition_sample *sample)
{
    for (;;) {
        skip_blanks(line);
        if (take(line, '}'))
            return true;
        if (!take_label(line, sample))
            return false;
        skip_blanks(line);
        if (!take(line, ',') && *line->at != '}')
            return false;
    }
}

/* As Go writes numbers, NaN and ±Inf among them; C's reader knows all of that. */
static bool take_value(struct line *line, double *value)
{
    char *end;

    skip_blanks(line);
    if (*line->at == '\0')
        return false;
    *value = strtod(line->at, &end);
    if (end == line->at || (*end && !strchr(" \t\r", *end)))
        return false;
    line->at = end;
    return true;
}

/* Behind the value: nothing, a timestamp, an exemplar. */
static bool ends_well(struct line *line)
{
    double timestamp;

    skip_blanks(line);
    if (*line->at && *line->at != '#' && !take_value(line, &timestamp))
        return false;
    skip_blanks(line);
    return *line->at == '\0' || *line->at == '#';
}

static bool read_sample(char *text, struct exposition_sample *sample)
{
    struct line line = {text};
    char *name = line.at, *end = name_end(name);

    sample->name = NULL;
    sample->labels = 0;
    if (end) {
        bool braces = *end == '{';

        sample->name = name;
        if (!braces && !strchr(" \t", *end))
            return false;
        line.at = end + (*end != '\0');
        *end = '\0';
        if (!braces) {
            skip_blanks(&line);
            braces = take(&line, '{');
        }
        if (braces && !take_labels(&line, sample))
            return false;
    } else if (!take(&line, '{') || !take_labels(&line, sample) || !sample->name) {
        return false;
    }
    return take_value(&line, &sample->value) && ends_well(&line);
}

static void read_line(char *text, struct exposition_sample *sample,
                      void (*on_sample)(void *context, const struct exposition_sample *sample),
                      void *context, struct exposition_counts *counts)
{
    text += strspn(text, " \t\r");
    if (*text == '#') {
        counts->ended |= strncmp(text, "# EOF", 5) == 0;
    } else if (*text && read_sample(text, sample)) {
        counts->samples++;
        on_sample(context, sample);
    } else if (*text) {
        counts->malformed++;
    }
}

void exposition_read(char *text, size_t length,
                     void (*on_sample)(void *context, const struct exposition_sample *sample),
                     void *context, struct exposition_counts *counts)
{
    struct exposition_sample sample;
    char *last = NULL;

    while (length > 0) {
        char *end = memchr(text, '\n', length);

        if (!end) { /* nothing is behind it: a copy has room for its NUL */
            last = memory_new(length + 1, 1);
            memcpy(last, text, length);
            text = last;
            end = text + length;
            length++;
        }
        *end = '\0';
        read_line(text, &sample, on_sample, context, counts);
        length -= (size_t)(end + 1 - text);
        text = end + 1;
    }
    free(last);
}

const char *exposition_label(const struct exposition_sample *sample, const char *name)
{
    for (size_t i = 0; i < sample->labels; i++) {
        if (strcmp(sample->label[i].name, name) == 0)
            return sample->label[i].value;
    }
    return NULL;
}

void exposition_add_value(struct text *text, const char *value)
{
    text_add_char(text, '"');
    for (; *value; value++) {
        if (*value == '\n') {
            text_add_string(text, "\\n");
            continue;
        }
        if (*value == '\\' || *value == '"')
            text_add_char(text, '\\');
        text_add_char(text, *value);
    }
    text_add_char(text, '"');
}
