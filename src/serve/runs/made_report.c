#include "serve/runs/made_report.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/memory.h"
#include "serve/http/exchange.h"
#include "serve/own_command.h"
#include "serve/runs/run_folder.h"
#include "serve/start/arguments.h"
#include "serve/workbench.h"

const char workbench_own_folder[] = ".workbench";

/* In the folder: the exit code, and the sentence. */
static const char told_name[] = "told.txt";

enum { TOLD_MOST = 64 << 10 };

static bool ends_in(const char *name, const char *ending)
{
    size_t length = strlen(name), tail = strlen(ending);

    return length > tail && strcmp(name + length - tail, ending) == 0;
}

/* The first file of each kind. */
static void find_files(int folder, struct made_report *made)
{
    DIR *names = fdopendir(dup(folder));

    for (struct dirent *entry; names && (entry = readdir(names));) {
        if (ends_in(entry->d_name, ".html") && !made->page)
            made->page = memory_text(entry->d_name);
        if (ends_in(entry->d_name, ".xlsx") && !made->workbook)
            made->workbook = memory_text(entry->d_name);
    }
    if (names)
        closedir(names);
}

static void read_told(int folder, struct made_report *made)
{
    uint64_t length;
    int file = run_folder_open_file(folder, told_name, &length);
    char text[TOLD_MOST + 1], *sentence;
    ssize_t got = file >= 0 ? read(file, text, TOLD_MOST) : 0;

    if (file >= 0)
        close(file);
    text[got > 0 ? got : 0] = '\0';
    made->code = (int)strtol(text, &sentence, 10);
    sentence += *sentence == '\n';
    made->sentence = memory_bytes(sentence, strcspn(sentence, "\n"));
}

bool made_report_find(const struct workbench *workbench, const char *folder,
                      struct made_report *made)
{
    int open_folder;

    *made = (struct made_report){.folder = memory_printf("%s/%s", workbench_own_folder, folder)};
    open_folder = run_folder_open(workbench->folder, made->folder);
    if (open_folder < 0)
        return false;
    find_files(open_folder, made);
    read_told(open_folder, made);
    close(open_folder);
    return made->page;
}

/* The last line of what the command printed, without the page to open and the point before that. */
static char *sentence_of(const struct own_command_end *end)
{
    char *text = memory_text(end->results.bytes ? end->results.bytes : ""), *line, *sentence;
    size_t length = strlen(text);

    while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == ' '))
        text[--length] = '\0';
    line = strrchr(text, '\n');
    line = line ? line + 1 : text;
    for (char *at = line; (at = strstr(at, ". Open ")); at++)
        length = (size_t)(at - text);
    text[length] = '\0';
    length = strlen(line);
    sentence = memory_bytes(line, length > 0 && line[length - 1] == '.' ? length - 1 : length);
    free(text);
    return sentence;
}

static bool keep_told(const char *folder, const struct own_command_end *end, struct error *error)
{
    char *sentence = sentence_of(end), *path = file_join(folder, told_name);
    char *told = memory_printf("%d\n%.*s\n", end->code, TOLD_MOST / 2, sentence);
    bool kept = file_write(path, told, strlen(told), error);

    free(sentence);
    free(path);
    free(told);
    return kept;
}

static bool is_made(const struct made_asked *asked, int code)
{
    return code >= 0 && code < 32 && asked->codes & 1u << code;
}

static void add_words(const struct workbench *workbench, const struct made_asked *asked,
                      const char *folder, struct arguments *words)
{
    for (size_t i = 0; asked->words[i]; i++)
        arguments_add(words, asked->words[i]);
    arguments_add_option(words, "output", folder);
    arguments_add(words, "--");
    for (size_t i = 0; asked->paths[i]; i++) {
        char *path = file_join(workbench->root, asked->paths[i]);

        arguments_add(words, path);
        free(path);
    }
}

static bool run_command(const struct workbench *workbench, const struct made_asked *asked,
                        const char *folder, atomic_bool *stop, struct error *error)
{
    struct arguments words = {0};
    struct own_command command = {.keeps_results = true, .stop = stop};
    struct own_command_end end;
    char *why;
    bool made;

    add_words(workbench, asked, folder, &words);
    command.words = (const char *const *)words.word;
    own_command_do(&command, &end);
    why = own_command_sentence(&end);
    if (is_made(asked, end.code))
        made = keep_told(folder, &end, error);
    else
        made = error_set(error, "%s could not be made: %s", asked->what,
                         why[0] ? why : "it was ended before its time");
    free(why);
    own_command_end_clear(&end);
    arguments_clear(&words);
    return made;
}

static void remove_before(const struct workbench *workbench, const struct made_asked *asked)
{
    char *path = asked->before ? memory_printf("%s/%s/%s", workbench->root, workbench_own_folder,
                                               asked->before)
                               : NULL;

    if (path)
        file_remove_folder(path);
    free(path);
}

static bool make(const struct workbench *workbench, const struct made_asked *asked,
                 atomic_bool *stop, struct made_report *made, struct error *error)
{
    char *folder = memory_printf("%s/%s/%s", workbench->root, workbench_own_folder, asked->folder);
    bool done;

    remove_before(workbench, asked);
    done = file_make_folders(folder, error) && run_command(workbench, asked, folder, stop, error);
    free(folder);
    made_report_clear(made);
    return done && (made_report_find(workbench, asked->folder, made) ||
                    error_set(error, "%s could not be made: it has no page", asked->what));
}

bool made_report_make(struct workbench *workbench, const struct made_asked *asked,
                      atomic_bool *stop, struct made_report *made, struct error *error)
{
    bool done;

    pthread_mutex_lock(&workbench->reports);
    done = made_report_find(workbench, asked->folder, made) ||
           make(workbench, asked, stop, made, error);
    pthread_mutex_unlock(&workbench->reports);
    return done;
}

void made_report_reply(const struct workbench *workbench, struct exchange *exchange,
                       const struct made_report *made, bool page)
{
    const char *name = page ? made->page : made->workbook;
    char *path = name ? file_join(made->folder, name) : NULL;
    uint64_t length;
    int file = path ? run_folder_open_file(workbench->folder, path, &length) : -1;

    if (file < 0)
        exchange_refuse(exchange, 500, "the report is not there any more: ask again");
    else if (page)
        exchange_reply_open_file(exchange, EXCHANGE_REPORT, "text/html; charset=utf-8", file,
                                 length, NULL);
    else
        exchange_reply_open_file(
            exchange, EXCHANGE_DOWNLOAD,
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", file, length,
            name);
    free(path);
}

void made_report_clear(struct made_report *made)
{
    free(made->folder);
    free(made->page);
    free(made->workbook);
    free(made->sentence);
    *made = (struct made_report){0};
}
