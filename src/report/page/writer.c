#include "report/page/writer.h"

#include <math.h>

#include "core/text.h"

/* Every text of the page goes through here. A byte that is no UTF-8 becomes U+FFFD, as in our JSON.
 */
static void put_text(FILE *out, const char *text)
{
    fputc('"', out);
    for (const char *c = text; *c;) {
        size_t length = text_utf8_length(c);

        if (length == 0)
            fputs("\\ufffd", out);
        else if ((unsigned char)*c < 0x20 || *c == '<' || *c == '>' || *c == '&' || *c == 0x7f)
            fprintf(out, "\\u%04x", (unsigned)*c);
        else if (*c == '"' || *c == '\\')
            fprintf(out, "\\%c", *c);
        else
            fwrite(c, 1, length, out);
        c += length > 0 ? length : 1;
    }
    fputc('"', out);
}

static void begin(struct writer *writer, const char *key)
{
    if (writer->comma)
        fputc(',', writer->out);
    writer->comma = true;
    if (key) {
        put_text(writer->out, key);
        fputc(':', writer->out);
    }
}

void writer_open(struct writer *writer, const char *key, char bracket)
{
    begin(writer, key);
    fputc(bracket, writer->out);
    writer->comma = false;
}

void writer_close(struct writer *writer, char bracket)
{
    fputc(bracket, writer->out);
    writer->comma = true;
}

void writer_add_text(struct writer *writer, const char *key, const char *text)
{
    begin(writer, key);
    put_text(writer->out, text);
}

void writer_add_number(struct writer *writer, const char *key, double number)
{
    begin(writer, key);
    if (isfinite(number))
        fprintf(writer->out, "%.6g", number);
    else
        fputs("null", writer->out);
}

void writer_add_truth(struct writer *writer, const char *key, bool truth)
{
    begin(writer, key);
    fputs(truth ? "true" : "false", writer->out);
}

void writer_add_null(struct writer *writer, const char *key)
{
    begin(writer, key);
    fputs("null", writer->out);
}
