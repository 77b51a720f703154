/* Anything at all, as a data set; picture.png and note.txt stand beside it. */
#include "input.h"
#include "prompt/dataset.h"

static const char path[] = "prompts.jsonl";

static void enter(void)
{
    static const char png[] = "\x89PNG\r\n\x1a\n and so on";

    if (*input_folder())
        return;
    input_enter();
    input_write("picture.png", png, sizeof png - 1);
    input_write("note.txt", "no picture", 10);
}

static void check_line(const struct dataset *dataset, size_t line)
{
    const char *prompt = dataset->line[line].prompt;
    const struct dataset_image *image;

    require(prompt && *prompt && input_is_utf8(prompt));
    require(dataset->line[line].image <= dataset->images);
    require(dataset_turns(dataset, line, 1000) == dataset->line[line].later_count + 1);
    for (size_t i = 0; i < dataset->line[line].later_count; i++)
        require(*dataset->line[line].later[i] && input_is_utf8(dataset->line[line].later[i]));
    require(!dataset->line[line].system || dataset->has_system);
    image = dataset_image_of(dataset, line);
    require(!image || (image->path && image->type && image->base64.length > 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct dataset dataset = {0};
    struct faults faults = {0};
    bool taken;

    enter();
    input_put(path, bytes, length);
    taken = dataset_read(path, &dataset, &faults);
    require_faults(taken, &faults);
    require(!taken || dataset.count > 0);
    for (size_t i = 0; i < dataset.count; i++)
        check_line(&dataset, i);
    dataset_clear(&dataset);
    faults_clear(&faults);
    return 0;
}
