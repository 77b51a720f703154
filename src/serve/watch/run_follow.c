#include "serve/watch/run_follow.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "core/memory.h"
#include "serve/runs/run_folder.h"
#include "store/index/run_row.h"
#include "store/journal.h"
#include "store/run_pid.h"

bool run_follow_open(struct run_follow *follow, int folder, const char *root, const char *path)
{
    char *whole = file_join(root, path);
    pid_t pid;

    *follow = (struct run_follow){.journal = -1, .process = -1};
    run_sums_init(&follow->sums);
    follow->folder = run_folder_open(folder, path);
    if (follow->folder >= 0) {
        follow->process = run_pid_open(whole, &pid);
        run_plan_read(follow->folder, &follow->plan);
    }
    free(whole);
    return follow->folder >= 0;
}

bool run_follow_is_over(const struct run_follow *follow)
{
    struct pollfd look = {.fd = follow->process, .events = POLLIN};

    return follow->process < 0 || poll(&look, 1, 0) != 0;
}

static void read_plan(struct run_follow *follow)
{
    run_plan_clear(&follow->plan);
    run_plan_read(follow->folder, &follow->plan);
}

/* Begins with the journal that is there now. */
static void begin_anew(struct run_follow *follow, const struct stat *facts)
{
    uint64_t length;

    if (follow->journal >= 0) {
        close(follow->journal);
        run_sums_clear(&follow->sums);
        run_sums_init(&follow->sums);
        follow->anew++;
        run_plan_clear(&follow->plan);
    }
    if (follow->plan.steps == 0)
        read_plan(follow);
    text_clear(&follow->piece);
    follow->passing = false;
    follow->at = 0;
    follow->journal = run_folder_open_file(follow->folder, journal_file_name, &length);
    follow->device = facts->st_dev;
    follow->inode = facts->st_ino;
}

void run_follow_look(struct run_follow *follow)
{
    struct stat facts;

    if (fstatat(follow->folder, journal_file_name, &facts, AT_SYMLINK_NOFOLLOW) < 0)
        return;
    if (follow->journal < 0 || facts.st_dev != follow->device || facts.st_ino != follow->inode ||
        facts.st_size < follow->at)
        begin_anew(follow, &facts);
}

size_t run_follow_read(struct run_follow *follow, char bytes[FOLLOW_PIECE])
{
    ssize_t got =
        follow->journal >= 0 ? pread(follow->journal, bytes, FOLLOW_PIECE, follow->at) : 0;
    const char *last = got > 0 ? memrchr(bytes, '\n', (size_t)got) : NULL;

    if (last)
        return (size_t)(last - bytes) + 1;
    return got == FOLLOW_PIECE ? FOLLOW_PIECE : 0;
}

static void take_line(struct run_follow *follow, const char *bytes, size_t length)
{
    struct journal_line line;

    journal_line_read(bytes, length, &line);
    run_sums_take(&follow->sums, &line);
}

static void keep_piece(struct run_follow *follow, const char *bytes, size_t length)
{
    if (follow->piece.length + length > FOLLOW_LINE_MOST) {
        follow->passing = true;
        text_clear(&follow->piece);
    }
    if (!follow->passing)
        text_add(&follow->piece, bytes, length);
}

/* The end of a line that began in an earlier piece. */
static void end_pieces(struct run_follow *follow, const char *bytes, size_t length)
{
    keep_piece(follow, bytes, length);
    if (!follow->passing)
        take_line(follow, follow->piece.bytes, follow->piece.length);
    follow->passing = false;
    text_clear(&follow->piece);
}

void run_follow_take(struct run_follow *follow, const char *bytes, size_t length)
{
    const char *at = bytes, *end = bytes + length, *newline;

    follow->sums.turn++;
    follow->at += (off_t)length;
    while ((newline = memchr(at, '\n', (size_t)(end - at)))) {
        if (follow->piece.length > 0 || follow->passing)
            end_pieces(follow, at, (size_t)(newline - at));
        else
            take_line(follow, at, (size_t)(newline - at));
        at = newline + 1;
    }
    if (at < end)
        keep_piece(follow, at, (size_t)(end - at));
}

char *run_follow_state(const struct run_follow *follow)
{
    struct run_plan plan;
    bool said = run_plan_read(follow->folder, &plan) && plan.status[0] &&
                strcmp(plan.status, run_state_running) != 0;
    char *state = memory_text(said ? plan.status : run_state_cut_off);

    run_plan_clear(&plan);
    return state;
}

void run_follow_clear(struct run_follow *follow)
{
    if (follow->folder >= 0)
        close(follow->folder);
    if (follow->journal >= 0)
        close(follow->journal);
    if (follow->process >= 0)
        close(follow->process);
    text_clear(&follow->piece);
    run_plan_clear(&follow->plan);
    run_sums_clear(&follow->sums);
    *follow = (struct run_follow){.folder = -1, .journal = -1, .process = -1};
}
