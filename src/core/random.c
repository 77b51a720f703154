#include "core/random.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

static uint64_t splitmix(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

void random_init(struct random *random, const uint64_t *key, int count)
{
    uint64_t mixed = 0;

    for (int i = 0; i < count; i++) {
        mixed ^= key[i];
        mixed = splitmix(&mixed);
    }
    for (int i = 0; i < 4; i++)
        random->state[i] = splitmix(&mixed);
}

static uint64_t rotate(uint64_t x, int by)
{
    return x << by | x >> (64 - by);
}

uint64_t random_next(struct random *random)
{
    uint64_t *s = random->state;
    uint64_t result = rotate(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return result;
}

uint64_t random_below(struct random *random, uint64_t bound)
{
    uint64_t uneven =
        -bound % bound; /* 2^64 mod bound: that many values would be drawn too often */
    uint64_t value;

    do
        value = random_next(random);
    while (value < uneven);
    return value % bound;
}

double random_unit(struct random *random)
{
    return (double)(random_next(random) >> 11) * 0x1p-53;
}

double random_exponential(struct random *random)
{
    return -log1p(-random_unit(random));
}

double random_normal(struct random *random)
{
    double radius = sqrt(2 * random_exponential(random));

    return radius * cos(2 * M_PI * random_unit(random));
}

/* Of a shape of 1 or more. */
static double gamma_above_1(struct random *random, double shape)
{
    double d = shape - 1.0 / 3, c = 1 / sqrt(9 * d);

    for (;;) {
        double x = random_normal(random), v = 1 + c * x;
        double u = 1 - random_unit(random);

        v = v * v * v;
        if (v > 0 && log(u) < x * x / 2 + d * (1 - v + log(v)))
            return d * v;
    }
}

double random_gamma(struct random *random, double shape)
{
    double less;

    if (shape >= 1)
        return gamma_above_1(random, shape);
    less = pow(1 - random_unit(random), 1 / shape);
    return gamma_above_1(random, shape + 1) * less;
}

static void fill(void *bytes, size_t size)
{
    if (getentropy(bytes, size) != 0) {
        perror("coebench: the system gives no random bytes");
        abort();
    }
}

uint64_t random_fresh(void)
{
    uint64_t value;

    fill(&value, sizeof value);
    return value;
}

void random_uuid(char text[37])
{
    unsigned char b[16];
    char *out = text;

    fill(b, sizeof b);
    b[6] = (unsigned char)(0x40 | (b[6] & 0x0f));
    b[8] = (unsigned char)(0x80 | (b[8] & 0x3f));
    for (int i = 0; i < 16; i++)
        out += sprintf(out, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", b[i]);
}
