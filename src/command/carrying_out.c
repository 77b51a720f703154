#include "command/carrying_out.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command/notices.h"
#include "command/sending_to.h"
#include "core/file.h"
#include "job/interrupt.h"
#include "job/typed_run.h"
#include "job/verdict.h"
#include "plan/environment.h"
#include "report/reports.h"
#include "report/terminal/closing.h"
#include "store/journal.h"
#include "store/manifest_content.h"

/* --- What is printed at the end --------------------------------------------------------------- */

/* An address that the command line gave is not kept for the next. */
static void print_resumption(FILE *out, const struct preparation *preparation,
                             const struct carrying_out *how, const struct run *run)
{
    char *address = endpoint_repeat(&preparation->endpoint);

    fprintf(out, "coebench %s --resume %s%s", how->command ? how->command : "run", run->folder,
            address);
    free(address);
}

/* One table, where everything is, and the sentence that all of it comes to. */
static void print_report(const struct preparation *preparation, const struct carrying_out *how,
                         const struct run *run, const struct runs *runs, const char *base)
{
    closing_tables(stdout, &runs->report);
    if (base) {
        printf("\nresults:  %s\n", run->folder);
        reports_name(stdout, base);
    }
    if (base && interrupt_asked) {
        printf("resume by: ");
        print_resumption(stdout, preparation, how, run);
        putchar('\n');
    }
    closing_of(stdout, &runs->report, base);
}

/* Everything a person is shown is made from the run directory, as it would be a year later. */
static bool report(const struct preparation *preparation, const struct carrying_out *how,
                   const struct run *run, int *code, struct error *error)
{
    char *folders[] = {run->folder, NULL}, *base = NULL;
    struct runs runs = {0};
    bool done = runs_read(folders, &runs, error) &&
                (how->no_reports ||
                 run_reports_write(run, &runs, &how->reporting, &base, &runs.notes, error));

    notices_warn(&runs.notes);
    if (done && !how->job.quiet)
        print_report(preparation, how, run, &runs, base);
    if (done) {
        notices_of_losses(&runs);
        *code = how->verdict ? how->verdict(runs.results) : verdict_of(runs.results);
    }
    free(base);
    runs_clear(&runs);
    return done;
}

/* What is wrong, and where to find what a run that cannot continue has measured by then. */
static void tell_fault(const struct preparation *preparation, const struct carrying_out *how,
                       const struct run *run, const struct error *error)
{
    char *journal =
        run->folder && !how->no_reports ? file_join(run->folder, journal_file_name) : NULL;
    struct stat about;

    fprintf(stderr, "coebench: %s", error->text);
    if (journal && stat(journal, &about) == 0 && about.st_size > 0) {
        fprintf(stderr, "; what was measured so far is in %s; '", journal);
        print_resumption(stderr, preparation, how, run);
        fputs("' resumes it", stderr);
    }
    fputc('\n', stderr);
    free(journal);
}

/* --- The run ---------------------------------------------------------------------------------- */

/* To where its config sends it. What was measured is on this machine, whatever comes of that. */
static void send(const struct preparation *preparation, const struct carrying_out *how,
                 const struct run *run)
{
    const struct mlflow_place *place = &preparation->settings.mlflow;
    const struct sending sending = {.url = place->uri ? place->uri : "",
                                    .experiment = place->experiment,
                                    .run_name = place->run_name,
                                    .stop = &interrupt_asked};

    if (place->asked)
        sending_at_end("mlflow", &sending, run->folder, how->job.quiet);
}

/* A run with a broken file was not whole, though it had ended: that step is left. */
int carry_out(const struct preparation *preparation, const struct carrying_out *asked,
              struct run *run)
{
    struct error error;
    struct faults differences = {0};
    bool never_ready = false, nothing_left = false, done;
    struct carrying_out how = *asked;
    int code = EXIT_BAD_INPUT;

    how.job.never_ready = &never_ready;
    how.job.nothing_left = &nothing_left;
    how.job.differences = &differences;
    interrupt_catch();
    done = job_run(preparation, &how.job, run, &error);
    how.reporting.was_whole = how.reporting.was_whole && nothing_left;
    if (!done || !report(preparation, &how, run, &code, &error)) {
        notices_refuse(&differences);
        tell_fault(preparation, &how, run, &error);
    } else if (!how.no_reports)
        send(preparation, &how, run);
    faults_clear(&differences);
    if (never_ready)
        code = EXIT_INCOMPLETE;
    return interrupt_asked ? interrupt_exit_code() : code;
}

void carry_out_announce(const struct preparation *preparation, const struct job_options *job)
{
    if (job->quiet)
        return;
    fprintf(stderr, "endpoint: %s, from %s\n", preparation->endpoint.shown,
            preparation->endpoint.address_source);
    notices_warn(&preparation->warnings);
}

static bool look_further(struct preparation *preparation, struct carrying_out *how)
{
    return !how->on_prepared || how->on_prepared(how->context, preparation, &how->job);
}

int carry_out_config(const struct prepare_options *options, const struct carrying_out *asked,
                     const char *config)
{
    struct carrying_out how = *asked;
    struct preparation preparation = {0};
    struct run run = {0};
    int code = EXIT_BAD_INPUT;

    if (notices_prepare(&preparation, options, config) && look_further(&preparation, &how)) {
        carry_out_announce(&preparation, &how.job);
        code = carry_out(&preparation, &how, &run);
    }
    run_clear(&run);
    prepare_clear(&preparation);
    return code;
}

/* --- Resuming --------------------------------------------------------------------------------- */

/* Paths of a config are looked for from the working directory. */
static void tell_folder(const struct manifest_content *before)
{
    const char *then = manifest_find(before, "working_directory");
    char *now = getcwd(NULL, 0);

    if (then && now && strcmp(then, now) != 0)
        fprintf(stderr, "note: the run was started in %s, and this is %s\n", then, now);
    free(now);
}

/* Rows that were typed stand in the run's own folder, wherever that has been moved to. */
static int resume_from(const struct prepare_options *options, const struct carrying_out *how,
                       const char *config)
{
    struct prepare_options with_rows = *options;
    char *typed = config ? NULL : typed_run_config(how->job.resume, options->resumes);
    char *rows = typed ? file_join(how->job.resume, run_inputs_rows) : NULL;
    int code;

    if (rows && !with_rows.rows)
        with_rows.rows = rows;
    if (!config)
        config = typed ? typed : manifest_find(options->resumes, "config.path");
    code = carry_out_config(&with_rows, how, config);
    free(rows);
    free(typed);
    return code;
}

/* The run itself tells what was asked; what is asked besides must be the same. */
int carry_out_resumption(const struct prepare_options *options, const struct carrying_out *asked,
                         const char *config)
{
    struct prepare_options prepared = *options;
    struct carrying_out how = *asked;
    struct manifest_content before = {0};
    struct error error;
    int code = EXIT_BAD_INPUT;

    if (prepared.name) {
        fputs("coebench: a resumed run keeps its name; leave out --name\n", stderr);
    } else if (!manifest_read(how.job.resume, &before, &error)) {
        fprintf(stderr, "coebench: %s; no run there can be resumed\n", error.text);
    } else {
        prepared.resumes = &before;
        prepared.config_is_named = config != NULL;
        how.reporting = run_reports_of(how.job.resume, &before);
        tell_folder(&before);
        code = resume_from(&prepared, &how, config);
    }
    free(how.reporting.own);
    manifest_content_clear(&before);
    return code;
}
