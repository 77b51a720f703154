#include "traffic/portion.h"

#include <stdint.h>

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

struct portion portion_of_row(const struct row *row, size_t rank, size_t ranks)
{
    size_t together =
        (size_t)(row->concurrent_requests > 0 ? row->concurrent_requests : row->max_in_flight);

    return (struct portion){.rank = rank, .ranks = together > 0 ? least(ranks, together) : ranks};
}

bool portion_has(const struct portion *portion, size_t index)
{
    return portion->ranks <= 1 ? portion->rank == 0 : index % portion->ranks == portion->rank;
}

size_t portion_next(const struct portion *portion, size_t index)
{
    size_t ranks = portion->ranks > 0 ? portion->ranks : 1;

    if (portion->rank >= ranks)
        return SIZE_MAX;
    return index + (portion->rank + ranks - index % ranks) % ranks;
}

size_t portion_count(const struct portion *portion, size_t whole)
{
    size_t ranks = portion->ranks > 0 ? portion->ranks : 1;

    return portion->rank < ranks ? whole / ranks + (portion->rank < whole % ranks) : 0;
}

size_t portion_index(const struct portion *portion, size_t nth)
{
    return portion->ranks > 1 ? nth * portion->ranks + portion->rank : nth;
}
