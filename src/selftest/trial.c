#include "selftest/trial.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "job/interrupt.h"
#include "job/job.h"
#include "selftest/simulator.h"

/* The files of a trial. */
struct place {
    char *folder, *bundle, *rows, *config, *truth;
};

static struct place place_of(const struct trial *trial)
{
    char *folder = file_join(trial->folder, trial->profile->name);

    return (struct place){.folder = folder,
                          .bundle = file_join(folder, "bundle.yaml"),
                          .rows = file_join(folder, "rows.csv"),
                          .config = file_join(folder, "config.yaml"),
                          .truth = file_join(folder, "truth.jsonl")};
}

static void place_clear(struct place *place)
{
    free(place->folder);
    free(place->bundle);
    free(place->rows);
    free(place->config);
    free(place->truth);
}

static bool write_text(const char *path, const char *text, struct error *error)
{
    return file_write(path, text, strlen(text), error);
}

static void add_setting(struct text *yaml, const char *key, const char *value)
{
    text_printf(yaml, "%s: ", key);
    text_add_json(yaml, value); /* a JSON string is a YAML one */
    text_add_char(yaml, '\n');
}

static bool write_config(const struct place *place, struct error *error)
{
    struct text yaml = {0};
    bool done;

    add_setting(&yaml, "model_configs_path", place->rows);
    add_setting(&yaml, "llm_api", "sncloud");
    add_setting(&yaml, "output_files_dir", place->folder);
    add_setting(&yaml, "consolidated_results_dir", place->folder);
    add_setting(&yaml, "run_name", "run");
    text_add_string(&yaml, "timeout: 20\nprompt: {count: content}\n");
    done = write_text(place->config, yaml.bytes, error);
    text_clear(&yaml);
    return done;
}

static bool lay_out(const struct place *place, const struct profile *profile, struct error *error)
{
    if (file_exists(place->folder))
        return error_set(error, "%s is there already; keep this one elsewhere, or remove it",
                         place->folder);
    return file_make_folders(place->folder, error) &&
           write_text(place->bundle, profile->bundle, error) &&
           write_text(place->rows, profile->rows, error) && write_config(place, error);
}

/* Runs the profile's rows against the simulator at `port`. */
static bool measure(struct trial *trial, const struct place *place, int port, struct run *run,
                    struct error *error)
{
    char *address = memory_printf("http://127.0.0.1:%d/v1", port);
    char *seed = memory_printf("%" PRId64, trial->seed);
    const struct prepare_options options = {.seed = seed, .address = address, .key = simulator_key};
    struct faults faults = {0};
    bool done;

    if (!prepare(&trial->preparation, &options, place->config, &faults))
        done = error_set(error, "%s: cannot be run: %s", place->config, faults.text[0]);
    else
        done = job_run(&trial->preparation, &(struct job_options){0}, run, error);
    faults_clear(&faults);
    free(address);
    free(seed);
    return done;
}

/* Starts the simulator, runs the rows, ends it; what both say is then complete. */
static bool run_rows(struct trial *trial, const struct place *place, struct run *run,
                     struct error *error)
{
    struct simulator simulator;
    struct error at_end;
    bool done;

    if (!simulator_start(&simulator, place->bundle, place->folder, trial->seed, error))
        return false;
    done = measure(trial, place, simulator.port, run, error);
    if (!simulator_end(&simulator, &at_end) && done) {
        *error = at_end;
        done = false;
    }
    return done;
}

bool trial_run(struct trial *trial, struct error *error)
{
    struct place place = place_of(trial);
    struct run run = {0};
    bool done;

    trial->measurement.rows = &trial->preparation.rows;
    done = lay_out(&place, trial->profile, error) && run_rows(trial, &place, &run, error);
    trial->stopped = interrupt_asked;
    if (done && !trial->stopped)
        done = measurement_read(&trial->measurement, run.folder, place.bundle, place.truth, error);
    run_clear(&run);
    place_clear(&place);
    return done;
}

void trial_clear(struct trial *trial)
{
    measurement_clear(&trial->measurement);
    prepare_clear(&trial->preparation);
}
