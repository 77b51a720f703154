/* Anything at all, as a CSV of rows. What is taken must keep the ranges that the columns state, and
 * a file must say what its bytes say. */
#include "input.h"
#include "plan/rows.h"

static const char path[] = "rows.csv";

static void check_row(const struct row *row)
{
    static const double tokens_most = 16777216;
    /* a data set may tell of these instead, or a trace of these and more */
    const double least = row->dataset || row->trace ? 0 : 1;

    require(row->model_name && *row->model_name && input_is_utf8(row->model_name));
    require(row->input_tokens >= least && row->input_tokens <= tokens_most);
    require(row->output_tokens >= (row->trace ? 0 : 1) && row->output_tokens <= tokens_most);
    require(row->num_requests >= (row->duration_s > 0 ? 0 : least) &&
            row->num_requests <= 1000000000 && row->mix_requests <= 1000000000);
    require(row->duration_s >= 0 && row->duration_s <= 31536000);
    require(row->warmup_requests >= 0 && row->warmup_requests <= 1000000000);
    require(row->cooldown_requests >= 0 && row->cooldown_requests <= 1000000000);
    require(row->dataset || row->trace || row_counted_most(row) > 0);
    require(row->concurrent_requests >= 0 && row->concurrent_requests <= 1000000);
    require(row->qps >= 0 && row->qps <= 1e6);
    require(((row->concurrent_requests > 0) != (row->qps > 0)) != (row->trace != NULL));
    require(row->share >= 0 && row->share <= 1 && (row->share == 0 || row->mix));
    require(row->stddev_input_tokens >= 0 && row->stddev_input_tokens <= tokens_most);
    require(row->stddev_output_tokens >= 0 && row->stddev_output_tokens <= tokens_most);
    require((row->qps_distribution == ROW_GAMMA) == (row->burstiness > 0));
    require(row->burstiness == 0 || (row->burstiness >= 0.01 && row->burstiness <= 1000));
    require(row->qps_end >= 0 && row->qps_end <= 1e6 && row->qps_ramp <= ROW_RAMP_EXPONENTIAL);
    require(row->max_in_flight >= 0 && row->max_in_flight <= 1000000);
    require(!row->trace || (*row->trace && row->trace_speed > 0 && row->trace_speed <= 1e9));
    require(row->trace_from_s >= 0 && row->trace_for_s >= 0 && row->trace_for_s <= 1e9);
    require(row->qps > 0 || row->trace ||
            !(row->qps_end > 0 || row->burstiness > 0 || row->max_in_flight > 0));
    require(row->qps_distribution <= ROW_TRACE && row->multimodal_img_size <= ROW_LARGE);
    require(row->prefix_tokens >= 0 &&
            (row->dataset || row->prefix_tokens < row->input_tokens || row->prefix_tokens == 0));
    require(row->turns >= 0 && row->turns <= 1000 && row->turn_input_tokens <= tokens_most);
    require(row->turns > 1 ? row->dataset || row->turn_input_tokens >= 1
                           : row->turn_input_tokens == 0);
    require(row->think_time_s >= 0 && row->think_time_s <= 31536000);
    require(!row->dataset || *row->dataset);
    require(row->line >= 2);
}

static void check_rows(const struct rows *rows)
{
    require(rows->count > 0);
    require(rows_first_of_model(rows, 0));
    for (size_t i = 0; i < rows->count; i++) {
        check_row(&rows->row[i]);
        require(i == 0 || rows->row[i].line > rows->row[i - 1].line);
    }
}

static void require_same(const struct faults *a, const struct faults *b)
{
    require(a->count == b->count);
    for (size_t i = 0; i < a->count; i++)
        require(strcmp(a->text[i], b->text[i]) == 0);
}

struct reading {
    bool taken;
    struct rows rows;
    struct faults faults, warnings;
};

static void clear(struct reading *reading)
{
    rows_clear(&reading->rows);
    faults_clear(&reading->faults);
    faults_clear(&reading->warnings);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct reading whole = {0}, file = {0};
    char *copy = input_copy(bytes, length);

    input_enter();
    input_put(path, bytes, length);
    whole.taken = rows_parse(copy, length, path, &whole.rows, &whole.faults, &whole.warnings);
    file.taken = rows_read(path, &file.rows, &file.faults, &file.warnings);
    require_faults(whole.taken, &whole.faults);
    require_faults(file.taken, &file.faults);
    require_same(&whole.faults, &file.faults);
    require_same(&whole.warnings, &file.warnings);
    require(whole.rows.count == file.rows.count);
    if (whole.taken)
        check_rows(&whole.rows);
    for (size_t i = 0; whole.taken && i < whole.rows.count; i++)
        require(row_compare(&whole.rows.row[i], &file.rows.row[i]) == 0);
    clear(&whole);
    clear(&file);
    free(copy);
    return 0;
}
