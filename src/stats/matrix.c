#include "stats/matrix.h"

#include "core/memory.h"

size_t matrix_number(const struct study *study, const struct row *row)
{
    size_t number = 0;

    while (number < study->rows && row_compare(study->row[number].to, row) != 0)
        number++;
    return number;
}

const struct study_group **matrix_make(const struct study *study)
{
    const struct study_group **cell = memory_new(study->rows * study->rows, sizeof *cell);

    for (size_t i = 0; i < study->transitions; i++) {
        const struct study_group *one = &study->transition[i];
        size_t from = one->from ? matrix_number(study, one->from) : study->rows;

        if (from < study->rows)
            cell[from * study->rows + matrix_number(study, one->to)] = one;
    }
    return cell;
}
