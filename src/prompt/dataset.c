#include "prompt/dataset.h"

#include <cjson/cJSON.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/file.h"
#include "core/given.h"
#include "core/memory.h"
#include "core/python_words.h"
#include "core/word.h"
#include "prompt/conversation.h"
#include "prompt/image.h"

enum { FAULTS_MOST = 20, FILE_MOST = 1 << 30, MEMBERS_MOST = 64 };

/* A file under reading. */
struct reading {
    const char *path;
    struct dataset *dataset;
    struct faults *faults;
    size_t bad; /* lines */
    int line;
};

static bool fault(struct reading *reading, const char *sentence)
{
    if (reading->bad++ < FAULTS_MOST)
        faults_add(reading->faults, reading->path, reading->line, "%s", sentence);
    return false;
}

/* --- Pictures --------------------------------------------------------------------------------- */

/* The path beside the data set, or as it is given. */
static char *find_file(const struct reading *reading, const char *given)
{
    char *folder = file_folder(reading->path);
    char *beside = given[0] == '/' ? memory_text(given) : file_join(folder, given);

    free(folder);
    if (file_exists(beside))
        return beside;
    free(beside);
    return memory_text(given);
}

/* Whether one of so many bytes more still fits in memory beside the others. */
static bool has_room(struct dataset *dataset, size_t bytes)
{
    size_t most = dataset->images_most ? dataset->images_most : DATASET_IMAGES_MOST;

    if (bytes > most - dataset->images_bytes)
        return false;
    dataset->images_bytes += bytes;
    return true;
}

/* Without a type where it cannot be sent. */
static struct dataset_image read_image(struct reading *reading, const char *path,
                                       const struct stat *about)
{
    struct dataset_image image = {
        .path = memory_text(path), .device = about->st_dev, .inode = about->st_ino};
    struct text bytes = {0};
    struct error error;

    if (!file_read_regular(path, IMAGE_MOST, &bytes, &error)) {
        fault(reading, error.text);
    } else if (!has_room(reading->dataset, bytes.length)) {
        error_set(&error,
                  "image_path: with %s the pictures are larger than the %zu MiB that they may be "
                  "together; make them smaller, or the data set shorter",
                  path,
                  (reading->dataset->images_most ? reading->dataset->images_most
                                                 : (size_t)DATASET_IMAGES_MOST) >>
                      20);
        fault(reading, error.text);
    } else if (!(image.type = image_type_of(&bytes))) {
        error_set(&error, "image_path: %s is neither PNG nor JPEG; convert it", path);
        fault(reading, error.text);
    } else {
        text_add_base64(&image.base64, bytes.bytes, bytes.length);
    }
    text_clear(&bytes);
    return image;
}

/* A file is the same under each of its names, and so is one that is not there under the same. */
static bool is_image(const struct dataset_image *image, const char *path, const struct stat *about)
{
    return about->st_ino ? image->inode == about->st_ino && image->device == about->st_dev
                         : strcmp(image->path, path) == 0;
}

/* The number of the picture, read where it is a new one; so a bad one is read once too. */
static bool take_image(struct reading *reading, const char *given, size_t *number)
{
    struct dataset *dataset = reading->dataset;
    char *path = find_file(reading, given);
    struct stat about = {0};
    struct error error;
    size_t i = 0;

    if (stat(given_path(path), &about) != 0)
        about = (struct stat){0};
    while (i < dataset->images && !is_image(&dataset->image[i], path, &about))
        i++;
    if (i == dataset->images) {
        dataset->image = memory_grow(dataset->image, i, sizeof *dataset->image);
        dataset->image[dataset->images++] = read_image(reading, path, &about);
    } else if (!dataset->image[i].type) {
        error_set(&error, "image_path: %s cannot be sent, as for an earlier line", path);
        fault(reading, error.text);
    }
    free(path);
    *number = i + 1;
    return dataset->image[i].type != NULL;
}

/* --- Lines ------------------------------------------------------------------------------------ */

static bool is_utf8(const char *text)
{
    while (*text && text_utf8_length(text))
        text += text_utf8_length(text);
    return !*text;
}

/* cJSON ends a text at an escaped zero; what stands behind it would not be sent. */
static bool has_zero(const char *line)
{
    while ((line = strchr(line, '\\'))) {
        if (strncmp(line, "\\u0000", 6) == 0)
            return true;
        line += line[1] ? 2 : 1;
    }
    return false;
}

static const char *member_at(const void *object, size_t i)
{
    return cJSON_GetArrayItem(object, (int)i)->string;
}

/* Looks at a few members: a large file may well be one object. */
static bool fault_missing(struct reading *reading, const cJSON *object)
{
    size_t members = (size_t)cJSON_GetArraySize(object);
    const char *near =
        word_nearest("prompt", object, members < MEMBERS_MOST ? members : MEMBERS_MOST, member_at);
    struct error error;

    if (!near)
        return fault(reading, "prompt: is missing; write {\"prompt\": \"…\"}");
    error_set(&error, "prompt: is missing; did you mean it by '%.60s'?", near);
    return fault(reading, error.text);
}

static void add_line(struct dataset *dataset, const struct dataset_line *line)
{
    dataset->line = memory_grow(dataset->line, dataset->count, sizeof *dataset->line);
    dataset->line[dataset->count++] = *line;
}

/* Its texts become the line's. */
static bool take_conversation(struct reading *reading, const cJSON *object)
{
    struct dataset *dataset = reading->dataset;
    struct conversation read;
    struct error error;
    bool done = conversation_read(object, &read, &error);

    if (!done) {
        fault(reading, error.text);
    } else if (read.turns == 0) {
        dataset->silent++;
    } else {
        struct dataset_line line = {.prompt = memory_text(read.user[0]),
                                    .later = memory_new(read.turns, sizeof *line.later),
                                    .later_count = read.turns - 1,
                                    .system = read.system ? memory_text(read.system) : NULL};

        for (size_t i = 1; i < read.turns; i++)
            line.later[i - 1] = memory_text(read.user[i]);
        dataset->has_system |= line.system != NULL;
        add_line(dataset, &line);
    }
    conversation_clear(&read);
    return done;
}

static bool take_object(struct reading *reading, const cJSON *object)
{
    const cJSON *prompt = cJSON_GetObjectItemCaseSensitive(object, "prompt");
    const cJSON *path = cJSON_GetObjectItemCaseSensitive(object, "image_path");
    struct dataset_line line = {0};

    if (conversation_is_one(object))
        return take_conversation(reading, object);
    if (!cJSON_IsObject(object))
        return fault(reading, "is not a JSON object; write {\"prompt\": \"…\"}, one a line");
    if (!prompt)
        return fault_missing(reading, object);
    if (!cJSON_IsString(prompt) || !prompt->valuestring[0])
        return fault(reading, "prompt: is not a text, or is empty; write what is to be sent");
    if (path && !cJSON_IsNull(path) && !cJSON_IsString(path))
        return fault(reading, "image_path: is not a text; write the path of a PNG or JPEG");
    if (cJSON_IsString(path) && path->valuestring[0] &&
        !take_image(reading, path->valuestring, &line.image))
        return false;
    line.prompt = memory_text(prompt->valuestring);
    add_line(reading->dataset, &line);
    return true;
}

static bool read_line(struct reading *reading, const char *line, size_t length)
{
    struct text copy = {0};
    cJSON *object;
    bool done;

    if (strlen(line) != length || !is_utf8(line))
        return fault(reading, "is not UTF-8 text; save the file with that encoding");
    if (has_zero(line))
        return fault(reading, "holds \\u0000, which is not allowed in a prompt; take it out");
    /* true: nothing may stand behind it */
    object =
        cJSON_ParseWithOpts(python_words_hide(line, length, &copy) ? copy.bytes : line, NULL, true);
    done = take_object(reading, object);
    text_clear(&copy);
    cJSON_Delete(object);
    return done;
}

static void take_line(struct reading *reading, const char *bytes, size_t length)
{
    char *line = memory_bytes(bytes, length);

    reading->line++;
    if (strspn(line, " \t\r") < length)
        read_line(reading, line, length);
    free(line);
}

static void take_lines(struct reading *reading, const char *at, const char *end)
{
    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));

        stop = stop ? stop : end;
        take_line(reading, at, (size_t)(stop - at));
        at = stop + 1;
    }
}

/* Where the object that begins at `at` ends: behind its closing brace; `end` where it has none. */
static const char *end_of_object(const char *at, const char *end)
{
    bool quoted = false;
    int depth = 0;

    for (; at < end; at++) {
        if (*at == '\\' && quoted && at + 1 < end)
            at++;
        else if (*at == '"')
            quoted = !quoted;
        else if (!quoted && (*at == '{' || *at == '['))
            depth++;
        else if (!quoted && (*at == '}' || *at == ']') && --depth == 0)
            return at + 1;
    }
    return end;
}

static int lines_between(const char *from, const char *to)
{
    int lines = 0;

    while ((from = memchr(from, '\n', (size_t)(to - from)))) {
        lines++;
        from++;
    }
    return lines;
}

/* One array of objects, each read by itself, so that no tree is as large as the file; lines are
 * counted from `counted` on. */
static void take_array(struct reading *reading, const char *counted, const char *at,
                       const char *end)
{
    reading->line = 1;
    for (at++; at < end;) {
        const char *stop;
        char *object;

        at += strspn(at, " \t\r\n,");
        if (at >= end || *at == ']')
            break;
        stop = end_of_object(at, end);
        reading->line += lines_between(counted, at);
        counted = at;
        object = memory_bytes(at, (size_t)(stop - at));
        read_line(reading, object, (size_t)(stop - at));
        free(object);
        at = stop > at ? stop : at + 1;
    }
}

static void take_file(struct reading *reading, const struct text *text)
{
    const char *at = text->bytes ? text->bytes : "", *end = at + text->length, *first;

    if (text->length >= 3 && memcmp(at, "\xef\xbb\xbf", 3) == 0)
        at += 3;
    first = at + strspn(at, " \t\r\n");
    if (*first == '[')
        take_array(reading, at, first, end);
    else
        take_lines(reading, at, end);
}

bool dataset_read(const char *path, struct dataset *dataset, struct faults *faults)
{
    struct reading reading = {.path = path, .dataset = dataset, .faults = faults};
    size_t before = faults->count;
    struct text text = {0};
    struct error error;

    if (!file_read(path, FILE_MOST, &text, &error))
        faults_add(faults, NULL, 0, "%s", error.text);
    else
        take_file(&reading, &text);
    text_clear(&text);
    if (reading.bad > FAULTS_MOST)
        faults_add(faults, path, 0, "%zu more lines like these", reading.bad - FAULTS_MOST);
    if (faults->count == before && dataset->count == 0)
        faults_add(faults, path, 0, "holds no prompt; write {\"prompt\": \"…\"}, one a line");
    return faults->count == before;
}

size_t dataset_turns(const struct dataset *dataset, size_t line, size_t most)
{
    size_t turns = 1 + dataset->line[line].later_count;

    return turns < most ? turns : most;
}

size_t dataset_turns_most(const struct dataset *dataset)
{
    size_t most = 0;

    for (size_t i = 0; i < dataset->count; i++) {
        size_t turns = dataset_turns(dataset, i, SIZE_MAX);

        most = turns > most ? turns : most;
    }
    return most;
}

double dataset_turns_mean(const struct dataset *dataset, size_t most)
{
    double sum = 0;

    for (size_t i = 0; i < dataset->count; i++)
        sum += (double)dataset_turns(dataset, i, most);
    return dataset->count > 0 ? sum / (double)dataset->count : 0;
}

double dataset_turns_held(const struct dataset *dataset, size_t most)
{
    double sum = 0;

    for (size_t i = 0; i < dataset->count; i++) {
        double turns = (double)dataset_turns(dataset, i, most);

        sum += turns * (turns - 1) / 2;
    }
    return dataset->count > 0 ? sum / (double)dataset->count : 0;
}

const struct dataset_image *dataset_image_of(const struct dataset *dataset, size_t line)
{
    size_t number = dataset->line[line].image;

    return number > 0 ? &dataset->image[number - 1] : NULL;
}

void dataset_clear(struct dataset *dataset)
{
    for (size_t i = 0; i < dataset->count; i++) {
        for (size_t t = 0; t < dataset->line[i].later_count; t++)
            free(dataset->line[i].later[t]);
        free(dataset->line[i].later);
        free(dataset->line[i].system);
        free(dataset->line[i].prompt);
    }
    for (size_t i = 0; i < dataset->images; i++) {
        free(dataset->image[i].path);
        text_clear(&dataset->image[i].base64);
    }
    free(dataset->line);
    free(dataset->image);
    *dataset = (struct dataset){0};
}
