/* The CSV of rows (formats.md, section 2). */
#include "plan/rows.h"

#include "support.h"

#define KIT                                                                                        \
    "model_name,input_tokens,output_tokens,num_requests,concurrent_requests,qps,"                  \
    "qps_distribution,multimodal_img_size\n"
#define FIVE "model_name,input_tokens,output_tokens,num_requests,concurrent_requests\n"

#define LONG                                                                                       \
    "model_name,input_tokens,output_tokens,num_requests,concurrent_requests,qps,duration_s,"       \
    "warmup_requests,cooldown_requests\n"

struct parsed {
    struct rows rows;
    struct faults faults, warnings;
};

static struct parsed parse(const char *name, const char *bytes, size_t length)
{
    struct parsed parsed = {0};
    bool done = rows_parse(bytes, length, "a.csv", &parsed.rows, &parsed.faults, &parsed.warnings);

    expect_true(name, done == (parsed.faults.count == 0));
    return parsed;
}

static void clear(struct parsed *parsed)
{
    rows_clear(&parsed->rows);
    faults_clear(&parsed->faults);
    faults_clear(&parsed->warnings);
}

/* Each row as "line model in>out xN load image;". */
static char *print(const struct rows *rows)
{
    struct text text = {0};

    for (size_t i = 0; i < rows->count; i++) {
        const struct row *row = &rows->row[i];

        text_printf(&text, "%d %s %lld>%lld x%lld ", row->line, row->model_name,
                    (long long)row->input_tokens, (long long)row->output_tokens,
                    (long long)row->num_requests);
        if (row->concurrent_requests)
            text_printf(&text, "c%lld", (long long)row->concurrent_requests);
        if (row->qps != 0)
            text_printf(&text, "q%g %s", row->qps, row_distribution_names[row->qps_distribution]);
        if (row->duration_s > 0)
            text_printf(&text, " %gs", row->duration_s);
        if (row->warmup_requests + row->cooldown_requests > 0)
            text_printf(&text, " %lld+%lld", (long long)row->warmup_requests,
                        (long long)row->cooldown_requests);
        if (row->multimodal_img_size)
            text_printf(&text, " %s", row_image_names[row->multimodal_img_size]);
        text_add_char(&text, ';');
    }
    return text_take(&text);
}

/* `warning` NULL: none. */
static const struct {
    const char *name, *csv, *rows, *warning;
} good[] = {
    {"the kit's own line", KIT "Meta-Llama-3.3-70B-Instruct,128,128,1,1,,,\n",
     "2 Meta-Llama-3.3-70B-Instruct 128>128 x1 c1;", NULL},
    {"open loop", KIT "m,1,2,3,,0.5,exponential,\nm,1,2,3,,2,,\n",
     "2 m 1>2 x3 q0.5 exponential;3 m 1>2 x3 q2 constant;", NULL},
    {"names in any letter case", KIT "m,1,2,3,,1,Uniform,LARGE\n", "2 m 1>2 x3 q1 uniform large;",
     NULL},
    {"names with blanks or dashes for underscores",
     "model-name, Input  Tokens ,output _ tokens,NUM-REQUESTS,concurrent requests\nm,1,2,3,4\n",
     "2 m 1>2 x3 c4;", NULL},
    {"images", KIT "m,1,2,3,1,,,small\nm,1,2,3,1,,,Medium\nm,1,2,3,1,,,na\nm,1,2,3,1,,,N/A\n",
     "2 m 1>2 x3 c1 small;3 m 1>2 x3 c1 medium;4 m 1>2 x3 c1;5 m 1>2 x3 c1;", NULL},
    {"words for an empty cell",
     KIT "m,1,2,3,1,NA,N/A,n/a\nm,1,2,3,1,NaN,nan,null\nm,1,2,3,None,1,None,NULL\n",
     "2 m 1>2 x3 c1;3 m 1>2 x3 c1;4 m 1>2 x3 q1 constant;", NULL},
    {"numbers of spreadsheets and pandas", KIT "m,16.0,1e3,3.0,4.0,0.0,,\n", "2 m 16>1000 x3 c4;",
     NULL},
    {"0 counts as not set", KIT "m,1,2,3,0,1.5,,\nm,1,2,3,2,0,,\n",
     "2 m 1>2 x3 q1.5 constant;3 m 1>2 x3 c2;", NULL},
    {"byte-order mark, CRLF, blank lines",
     "\xef\xbb\xbfmodel_name,input_tokens,output_tokens,num_requests,concurrent_requests\r\n\r\n"
     "m,1,2,3,4\r\n\r\n",
     "3 m 1>2 x3 c4;", NULL},
    {"trailing commas", KIT "m,1,2,3,4,,,,,,\n,,,,,,,,,,\n", "2 m 1>2 x3 c4;", NULL},
    {"trailing commas in the header too",
     "model_name,input_tokens,output_tokens,num_requests,qps,,\nm,1,2,3,4,,\n",
     "2 m 1>2 x3 q4 constant;", NULL},
    {"short lines", KIT "m,1,2,3,4\n", "2 m 1>2 x3 c4;", NULL},
    {"columns in another order",
     "qps,num_requests,output_tokens,input_tokens,model_name\n4,3,2,1,m\n",
     "2 m 1>2 x3 q4 constant;", NULL},
    {"quoted names with commas and newlines",
     FIVE "\"m, \"\"x\"\"\",1,2,3,4\n\"a\nb\",1,2,3,4\nc,1,2,3,4\n",
     "2 m, \"x\" 1>2 x3 c4;3 a\nb 1>2 x3 c4;5 c 1>2 x3 c4;", NULL},
    {"an unquoted quote", FIVE "'m',1,2,3,4\n", "2 'm' 1>2 x3 c4;", NULL},
    {"both loads", KIT "m,1,2,3,4,5,,\n", "2 m 1>2 x3 c4;",
     "a.csv:2: both concurrent_requests and qps are set; concurrent_requests is used"},
    {"unknown column, near",
     "model_name,input_tokens,output_tokens,num_requests,concurent_requests,qps\nm,1,2,3,9,1\n",
     "2 m 1>2 x3 q1 constant;",
     "a.csv:1: column 'concurent_requests' is unknown and ignored; did you mean "
     "'concurrent_requests'?"},
    {"a distribution of nothing", KIT "m,1,2,3,4,,uniform,\n", "2 m 1>2 x3 c4;",
     "a.csv:2: qps_distribution is not used without qps"},
    {"the default of it", KIT "m,1,2,3,4,,constant,\n", "2 m 1>2 x3 c4;", NULL},
    {"unknown column, like none",
     "model_name,input_tokens,output_tokens,num_requests,qps,xyzzyxyzzy\nm,1,2,3,1,9\n",
     "2 m 1>2 x3 q1 constant;", "a.csv:1: column 'xyzzyxyzzy' is unknown and ignored"},
    {"a duration in place of requests", LONG "m,1,2,,4,,30,2,3\nm,1,2,,,5,0.5,,\n",
     "2 m 1>2 x0 c4 30s 2+3;3 m 1>2 x0 q5 constant 0.5s;", NULL},
    {"a duration and a ceiling", LONG "m,1,2,7,4,,30,,3\n", "2 m 1>2 x7 c4 30s 0+3;", NULL},
    {"durations that are not set", LONG "m,1,2,7,4,,0,0,0\nm,1,2,7,4,,,NA,\n",
     "2 m 1>2 x7 c4;3 m 1>2 x7 c4;", NULL},
    {"no column of requests", "model_name,input_tokens,output_tokens,qps,duration_s\nm,1,2,4,9\n",
     "2 m 1>2 x0 q4 constant 9s;", NULL},
    {"columns to come, empty",
     "model_name,input_tokens,output_tokens,num_requests,qps,stddev_input_tokens,warmup\nm,1,2,3,1,"
     ",false\n",
     "2 m 1>2 x3 q1 constant;", NULL},
};

static void test_rows_are_read_as_people_write_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        struct parsed parsed = parse(good[i].name, good[i].csv, strlen(good[i].csv));
        char *printed;

        expect_faults(good[i].name, &parsed.faults, NULL);
        expect_faults(good[i].name, &parsed.warnings, good[i].warning);
        printed = print(&parsed.rows);
        expect_text(good[i].name, printed, good[i].rows);
        free(printed);
        clear(&parsed);
    }
}

static const struct {
    const char *name, *csv, *fault;
} bad[] = {
    {"empty file", "", "a.csv: holds no rows"},
    {"header alone", KIT, "a.csv: holds no rows; write a line for each row below the header"},
    {"neither load", KIT "m,1,2,3,,,,\n",
     "a.csv:2: neither concurrent_requests nor qps is set; give one of them"},
    {"neither load, as 0", KIT "\nm,1,2,3,0,0.0,,\n",
     "a.csv:3: neither concurrent_requests nor qps"},
    {"no column for either", "model_name,input_tokens,output_tokens,num_requests\nm,1,2,3\n",
     "a.csv:2: neither concurrent_requests nor qps"},
    {"missing column", "model_name,input_tokens,num_requests,qps\nm,1,2,3\n",
     "a.csv:1: column 'output_tokens' is missing from the header"},
    {"column twice", "model_name,input_tokens,output_tokens,num_requests,qps,qps\nm,1,2,3,4,5\n",
     "a.csv:1: column 'qps' appears twice; keep one"},
    {"no name", FIVE ",1,2,3,4\n", "a.csv:2: model_name: is empty; it needs the model's name"},
    {"0 tokens", FIVE "m,0,2,3,4\n",
     "a.csv:2: input_tokens: '0' is not a whole number from 1 to 16777216"},
    {"negative", FIVE "m,1,-2,3,4\n", "a.csv:2: output_tokens: '-2' is not a whole number from 1"},
    {"a fraction", FIVE "m,1.5,2,3,4\n", "a.csv:2: input_tokens: '1.5' is not a whole number"},
    {"1e99", FIVE "m,1,2,1e99,4\n",
     "a.csv:2: num_requests: '1e99' is not a whole number from 1 to 1000000000"},
    {"empty where needed", FIVE "m,1,,3,4\n", "a.csv:2: output_tokens: is empty; it needs a whole"},
    {"NA where needed", FIVE "m,1,NA,3,4\n", "a.csv:2: output_tokens: is empty; it needs a whole"},
    {"a word", FIVE "m,many,2,3,4\n", "a.csv:2: input_tokens: 'many' is not a whole number"},
    {"negative concurrency", FIVE "m,1,2,3,-4\n", "a.csv:2: concurrent_requests: '-4' is not"},
    {"half a request at once", FIVE "m,1,2,3,0.5\n", "a.csv:2: concurrent_requests: '0.5' is not"},
    {"negative qps", KIT "m,1,2,3,,-1,,\n",
     "a.csv:2: qps: '-1' is not a number of requests per second above 0"},
    {"qps of 1e99", KIT "m,1,2,3,,1e99,,\n", "a.csv:2: qps: '1e99' is not a number"},
    {"infinite qps", KIT "m,1,2,3,,inf,,\n", "a.csv:2: qps: 'inf' is not a number"},
    {"unknown distribution", KIT "m,1,2,3,,1,poisson,\n",
     "a.csv:2: qps_distribution: 'poisson' is not one of constant, uniform, exponential"},
    {"unknown image", KIT "m,1,2,3,1,,,huge\n",
     "a.csv:2: multimodal_img_size: 'huge' is not one of small, medium, large, or empty"},
    {"unquoted comma", FIVE "m, v2,1,2,3,4\n",
     "a.csv:2: has 6 cells where the header has 5; quote a cell that holds a comma"},
    {"unclosed quote", FIVE "m,1,2,3,4\n\"m,1,2,3,4\nm,1,2,3,4\n",
     "a.csv:3: a quote that is never closed"},
    {"a fault behind a name of two lines", FIVE "\"a\nb\",1,2,3,4\nm,1,2,0,4\n",
     "a.csv:4: num_requests: '0'"},
    {"neither a warm-up nor none",
     "model_name,input_tokens,output_tokens,num_requests,qps,warmup\nm,1,2,3,1,maybe\n",
     "a.csv:2: warmup: 'maybe' is not true or false"},
    {"neither requests nor a duration", LONG "m,1,2,,4,,,2,3\n",
     "a.csv:2: num_requests: is empty; it needs a whole number from 1 to 1000000000"},
    {"a duration below 0", LONG "m,1,2,3,4,,-1,,\n",
     "a.csv:2: duration_s: '-1' is not a number of seconds above 0, up to 31536000"},
    {"a duration of years", LONG "m,1,2,3,4,,1e8,,\n", "a.csv:2: duration_s: '1e8' is not"},
    {"half a warm-up request", LONG "m,1,2,3,4,,,0.5,\n",
     "a.csv:2: warmup_requests: '0.5' is not a whole number"},
    {"a cool-down below 0", LONG "m,1,2,3,4,,,,-1\n", "a.csv:2: cooldown_requests: '-1' is not"},
    {"a spread below 0",
     "model_name,input_tokens,output_tokens,num_requests,qps,stddev_input_tokens\nm,1,2,3,1,-5\n",
     "a.csv:2: stddev_input_tokens: '-5' is not a number of tokens, 0 or more"},
};

static void test_each_fault_is_one_sentence_with_its_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        size_t length = strlen(bad[i].csv);
        struct parsed parsed = parse(bad[i].name, bad[i].csv, length);
        bool cells = strcmp(bad[i].name, "unquoted comma") == 0;

        /* A cell too many moves the others, so it brings faults of its own behind the first. */
        if (cells)
            expect_part(bad[i].name, parsed.faults.text[0], bad[i].fault);
        else
            expect_faults(bad[i].name, &parsed.faults, bad[i].fault);
        clear(&parsed);
    }
}

static void test_a_binary_file_is_one_fault(void **state)
{
    static const char png[] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\xf4";
    struct parsed parsed = parse("PNG", png, sizeof png - 1);

    (void)state;
    expect_faults("PNG", &parsed.faults, "a.csv:3: a zero byte: this is not a text file;");
    clear(&parsed);
}

static void test_all_bad_rows_are_reported_at_once(void **state)
{
    static const char csv[] = KIT "m,0,0,3,1,,,\nm,1,2,3,1,,,\nm,1,2,3,,,,\n,1,2,3,1,,,tiny\n";
    struct parsed parsed = parse("many", csv, sizeof csv - 1);

    (void)state;
    assert_int_equal(parsed.faults.count, 5);
    expect_part("first", parsed.faults.text[0], "a.csv:2: input_tokens");
    expect_part("second", parsed.faults.text[1], "a.csv:2: output_tokens");
    expect_part("third", parsed.faults.text[2], "a.csv:4: neither");
    expect_part("fourth", parsed.faults.text[3], "a.csv:5: model_name");
    expect_part("fifth", parsed.faults.text[4], "a.csv:5: multimodal_img_size");
    clear(&parsed);
}

static void test_a_file_is_read_or_told(void **state)
{
    struct parsed parsed = {0};

    (void)state;
    assert_false(rows_read("rows.csv", &parsed.rows, &parsed.faults, &parsed.warnings));
    expect_faults("missing", &parsed.faults, "'rows.csv' cannot be opened: No such file");
    clear(&parsed);
    support_write("rows.csv", KIT "m,1,2,3,4,,,\n");
    assert_true(rows_read("rows.csv", &parsed.rows, &parsed.faults, &parsed.warnings));
    assert_int_equal(parsed.rows.count, 1);
    clear(&parsed);
    support_write("rows.csv", "");
    assert_false(rows_read("rows.csv", &parsed.rows, &parsed.faults, &parsed.warnings));
    expect_faults("empty", &parsed.faults, "rows.csv: holds no rows");
    clear(&parsed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_are_read_as_people_write_them),
        cmocka_unit_test(test_each_fault_is_one_sentence_with_its_line),
        cmocka_unit_test(test_a_binary_file_is_one_fault),
        cmocka_unit_test(test_all_bad_rows_are_reported_at_once),
        in_folder(test_a_file_is_read_or_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
