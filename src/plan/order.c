#include "plan/order.h"

#include <stdlib.h>

#include "core/memory.h"
#include "core/random.h"
#include "plan/mixes.h"

const char *const order_names[] = {"as-listed", "reverse",   "shuffle",   "rotate",
                                   "williams",  "all-pairs", "residency", NULL};

bool order_is_drawn(enum order_kind kind)
{
    return kind == ORDER_SHUFFLE || kind == ORDER_ALL_PAIRS || kind == ORDER_RESIDENCY;
}

/* Keeps these draws apart from those for prompts and send times. */
enum { DRAW_ORDER = 0x6f726465 };

/* An order being made: what takes part, by its place in it. */
struct making {
    const struct order_asked *asked;
    const struct rows *rows;
    struct mixes mixes;
    struct order *order;
    size_t *row; /* of a mix, its first */
    size_t count;
    size_t pass;
};

static void visit(struct making *making, size_t place)
{
    const struct mixes *mixes = &making->mixes;
    struct order *order = making->order;
    size_t row = making->row[place], members = mixes->members[row];

    for (size_t i = 0; i < members; i++, row = mixes->next[row])
        order->visit[order->count++] = (struct visit){.row = row,
                                                      .pass = making->pass,
                                                      .mixed = making->rows->row[row].mix != NULL,
                                                      .member = i,
                                                      .members = members};
}

/* --- Passes ----------------------------------------------------------------------------------- */

static void start_draw(const struct making *making, uint64_t of, struct random *random)
{
    const uint64_t key[] = {DRAW_ORDER, making->asked->seed, making->pass, of};

    random_init(random, key, 4);
}

/* Fisher and Yates. */
static void shuffle(struct random *random, size_t *list, size_t count)
{
    for (size_t left = count; left > 1; left--) {
        size_t other = random_below(random, left), kept = list[left - 1];

        list[left - 1] = list[other];
        list[other] = kept;
    }
}

static size_t *count_up(size_t count)
{
    size_t *list = memory_new(count, sizeof *list);

    for (size_t i = 0; i < count; i++)
        list[i] = i;
    return list;
}

static void visit_forward(struct making *making)
{
    for (size_t i = 0; i < making->count; i++)
        visit(making, i);
}

static void visit_backward(struct making *making)
{
    for (size_t i = making->count; i > 0; i--)
        visit(making, i - 1);
}

static void visit_shuffled(struct making *making)
{
    size_t *place = count_up(making->count);
    struct random random;

    start_draw(making, 0, &random);
    shuffle(&random, place, making->count);
    for (size_t i = 0; i < making->count; i++)
        visit(making, place[i]);
    free(place);
}

static void visit_rotations(struct making *making)
{
    for (size_t first = 0; first < making->count; first++) {
        for (size_t i = 0; i < making->count; i++)
            visit(making, (first + i) % making->count);
    }
}

/* 0, 1, n−1, 2, n−2 …: the differences of neighbours are all different. */
static size_t williams_base(size_t i, size_t count)
{
    if (i == 0)
        return 0;
    return i % 2 == 1 ? (i + 1) / 2 : count - i / 2;
}

static void visit_williams(struct making *making)
{
    size_t count = making->count;

    for (size_t add = 0; add < count; add++) {
        for (size_t i = 0; i < count; i++)
            visit(making, (williams_base(i, count) + add) % count);
    }
    for (size_t add = 0; add < count && count % 2 == 1 && count > 1; add++) {
        for (size_t i = count; i > 0; i--)
            visit(making, (williams_base(i - 1, count) + add) % count);
    }
}

/* Where the ways of each place lead, in drawn order: `degree` of them for each place. */
static size_t *draw_ways(const struct making *making, size_t degree)
{
    size_t count = making->count;
    size_t *way = memory_new(count * degree, sizeof *way);
    struct random random;

    for (size_t from = 0; from < count; from++) {
        size_t *own = &way[from * degree];

        for (size_t to = 0, filled = 0; to < count; to++) {
            if (to != from || making->asked->self_pairs)
                own[filled++] = to;
        }
        start_draw(making, from + 1, &random);
        shuffle(&random, own, degree);
    }
    return way;
}

/* Hierholzer: continue while a way is left; where none is, the place is the circuit's next from its
 * end. As each place is left as often as it is entered, the trail ends where it began. */
static void visit_all_pairs(struct making *making)
{
    size_t count = making->count;
    size_t degree = making->asked->self_pairs ? count : count - 1, ways = count * degree;
    size_t *way = draw_ways(making, degree), *used = memory_new(count, sizeof *used);
    size_t *trail = memory_new(ways + 1, sizeof *trail),
           *circuit = memory_new(ways + 1, sizeof *way);
    size_t length = 1, found = 0;

    /* Every pass begins at the same place, and so where the one before ended. */
    trail[0] = making->asked->seed % count;
    while (length > 0) {
        size_t at = trail[length - 1];

        if (used[at] < degree)
            trail[length++] = way[at * degree + used[at]++];
        else
            circuit[found++] = trail[--length];
    }
    for (size_t i = found - (making->pass > 1); i > 0; i--)
        visit(making, circuit[i - 1]);
    free(circuit);
    free(trail);
    free(used);
    free(way);
}

/* A row of its own for each pass. */
static void visit_distances(struct making *making)
{
    size_t count = making->count, home = (making->asked->seed + making->pass - 1) % count;
    size_t *other = memory_new(count, sizeof *other);
    struct random random;

    visit(making, home);
    for (size_t distance = 0; distance < count; distance++) {
        for (size_t i = 0, filled = 0; i < count; i++) {
            if (i != home)
                other[filled++] = i;
        }
        start_draw(making, distance + 1, &random);
        shuffle(&random, other, count - 1);
        for (size_t i = 0; i < distance; i++)
            visit(making, other[i]);
        visit(making, home);
    }
    free(other);
}

static void (*const kinds[])(struct making *making) = {
    [ORDER_AS_LISTED] = visit_forward,   [ORDER_REVERSE] = visit_backward,
    [ORDER_SHUFFLE] = visit_shuffled,    [ORDER_ROTATE] = visit_rotations,
    [ORDER_WILLIAMS] = visit_williams,   [ORDER_ALL_PAIRS] = visit_all_pairs,
    [ORDER_RESIDENCY] = visit_distances,
};

/* How many visits a pass over so many rows has, at most. */
static double visits_of_pass(const struct order_asked *asked, double rows)
{
    switch (asked->kind) {
    case ORDER_ROTATE:
        return rows * rows;
    case ORDER_WILLIAMS:
        return 2 * rows * rows;
    case ORDER_ALL_PAIRS:
        return rows * (asked->self_pairs ? rows : rows - 1) + 1;
    case ORDER_RESIDENCY:
        return 1 + rows * (rows + 1) / 2;
    default:
        return rows;
    }
}

/* --- The whole -------------------------------------------------------------------------------- */

static void begin(struct making *making)
{
    const struct rows *rows = making->rows;
    struct order *order = making->order;

    mixes_find(rows, &making->mixes);
    making->row = memory_new(rows->count, sizeof *making->row);
    for (size_t i = 0; i < rows->count; i++) {
        order->members += rows->row[i].mix != NULL;
        order->warmups += rows->row[i].warmup;
        if (!rows->row[i].warmup && making->mixes.members[i] > 0)
            making->row[making->count++] = i;
    }
    order->mixes = making->count - (rows->count - order->warmups - order->members);
    order->rows = rows->count - order->warmups - order->members;
}

/* The most members that a mix has. */
static size_t members_most(const struct making *making)
{
    size_t most = 1;

    for (size_t i = 0; i < making->count; i++) {
        size_t members = making->mixes.members[making->row[i]];

        most = members > most ? members : most;
    }
    return most;
}

/* A pass visits everything at least once; what it visits more often may be the largest mix. */
static double steps_at_most(const struct making *making)
{
    double visits = visits_of_pass(making->asked, (double)making->count);
    double once = (double)(making->order->rows + making->order->members);
    double again = visits - (double)making->count;

    return (once + again * (double)members_most(making)) * (double)making->asked->passes;
}

static void visit_warmups(struct making *making)
{
    struct order *order = making->order;

    for (size_t i = 0; i < making->rows->count; i++) {
        if (making->rows->row[i].warmup)
            order->visit[order->count++] = (struct visit){.row = i, .members = 1};
    }
}

static void end(struct making *making)
{
    free(making->row);
    mixes_clear(&making->mixes);
}

bool order_make(const struct rows *rows, const struct order_asked *asked, struct order *order,
                struct error *error)
{
    struct order made = {0};
    struct making making = {.asked = asked, .rows = rows, .order = &made};
    double most;

    begin(&making);
    most = steps_at_most(&making);
    if (most > ORDER_VISITS_MOST) {
        end(&making);
        return error_set(
            error,
            "%lld x %s of %zu rows is up to %.0f steps, and a run has at most %d; take "
            "fewer rows or passes",
            (long long)asked->passes, order_names[asked->kind], rows->count, most,
            ORDER_VISITS_MOST);
    }
    made.visit = memory_new(made.warmups + (size_t)most, sizeof *made.visit);
    visit_warmups(&making);
    for (making.pass = 1; making.count > 0 && making.pass <= (size_t)asked->passes; making.pass++)
        kinds[asked->kind](&making);
    end(&making);
    *order = made;
    return true;
}

size_t order_visit_end(const struct order *order, size_t index)
{
    const struct visit *visit = &order->visit[index];

    return visit->members > 1 ? index - visit->member + visit->members : index + 1;
}

size_t order_pass_ended(const struct order *order, size_t next)
{
    size_t pass = next > 0 && next <= order->count ? order->visit[next - 1].pass : 0;

    return next < order->count && order->visit[next].pass == pass ? 0 : pass;
}

void order_clear(struct order *order)
{
    free(order->visit);
    *order = (struct order){0};
}

/* --- Pairs ------------------------------------------------------------------------------------ */

struct pair {
    size_t from, to;
};

static int by_pair(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;

    if (x->from != y->from)
        return (x->from > y->from) - (x->from < y->from);
    return (x->to > y->to) - (x->to < y->to);
}

static bool same_pair(const struct pair *a, const struct pair *b)
{
    return a->from == b->from && a->to == b->to;
}

/* The pairs of different rows, sorted; how many. */
static size_t collect_pairs(const struct order *order, struct pair *pair, size_t *self)
{
    size_t count = 0;

    for (size_t i = order->warmups + 1; i < order->count; i++) {
        struct pair one = {order->visit[i - 1].row, order->visit[i].row};

        if (order->visit[i - 1].mixed || order->visit[i].mixed)
            continue;
        if (one.from == one.to)
            ++*self;
        else
            pair[count++] = one;
    }
    if (count > 0)
        qsort(pair, count, sizeof *pair, by_pair);
    return count;
}

struct order_pairs order_count_pairs(const struct order *order)
{
    struct order_pairs pairs = {.possible = order->rows > 0 ? order->rows * (order->rows - 1) : 0};
    struct pair *pair = memory_new(order->count, sizeof *pair);
    size_t count = collect_pairs(order, pair, &pairs.self);

    pairs.least = count;
    for (size_t first = 0, next; first < count; first = next) {
        next = first;
        while (next < count && same_pair(&pair[first], &pair[next]))
            next++;
        pairs.visited++;
        pairs.least = next - first < pairs.least ? next - first : pairs.least;
        pairs.most = next - first > pairs.most ? next - first : pairs.most;
    }
    if (pairs.visited < pairs.possible)
        pairs.least = 0;
    free(pair);
    return pairs;
}
