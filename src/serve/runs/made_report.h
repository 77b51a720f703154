/* Reports that the program makes as a child of ours, in folders of the workbench's own: page and
 * workbook, what it concluded, and the sentence that it ends with, which is that of the page too.
 * They stay until they are made again, or the workbench's folder is deleted. Any thread may call
 * these. */
#ifndef SERVE_RUNS_MADE_REPORT_H
#define SERVE_RUNS_MADE_REPORT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"

struct exchange;
struct workbench;

/* The folder of the workbench's own below the root: all in it may be deleted. */
extern const char workbench_own_folder[];

/* What is to be made: "coebench `words` --output FOLDER -- `paths`". */
struct made_asked {
    const char *folder;       /* below the workbench's own: "comparisons/0123…" */
    const char *before;       /* goes first: what was made of an earlier state; NULL: nothing */
    const char *const *words; /* the command and its options; end with NULL */
    const char *const *paths; /* of the runs, below the root; end with NULL */
    unsigned codes;           /* exit codes that made something, each as a bit */
    const char *what;         /* "the report" */
};

struct made_report {
    char *folder;          /* below the root; owned */
    char *page, *workbook; /* their names in it; NULL: there is none; owned */
    char *sentence;        /* without a point at its end; "" where it is not known; owned */
    int code;              /* the exit code */
};

/* Finds what was made in `folder`, below the workbench's own. False where there is no page. Clear
 * `made` either way. */
bool made_report_find(const struct workbench *workbench, const char *folder,
                      struct made_report *made);

/* Finds it, and makes it where it is not there; one is made at a time. `*stop` ends that. False
 * with a sentence. Clear `made` either way. */
bool made_report_make(struct workbench *workbench, const struct made_asked *asked,
                      atomic_bool *stop, struct made_report *made, struct error *error);

/* Replies with its page, or with its workbook. */
void made_report_reply(const struct workbench *workbench, struct exchange *exchange,
                       const struct made_report *made, bool page);

void made_report_clear(struct made_report *made);

#endif
