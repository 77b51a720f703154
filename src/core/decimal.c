#include "core/decimal.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

__extension__ typedef unsigned __int128 wide;

/* Powers of ten that a double holds exactly. */
static const double ten_to[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* As many digits as 64 bits always hold, and such a power of ten. */
enum { DIGITS_MOST = 19, POWER_EXACT = 22 };

/* --- Reading ---------------------------------------------------------------------------------- */

/* A number as it is written: its digits, and the power of ten that they are multiplied by. */
struct spelled {
    const char *end;
    uint64_t digits;
    size_t count; /* from the first that is not 0; past DIGITS_MOST `digits` is not all */
    long power;
    bool negative;
};

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

/* Takes a run of digits; returns what stands behind it. */
static const char *take_digits(const char *at, struct spelled *number)
{
    for (; is_digit(*at); at++) {
        number->digits = number->digits * 10 + (uint64_t)(*at - '0');
        number->count += number->count > 0 || *at != '0';
    }
    return at;
}

/* Takes what stands behind an 'e', where that is an exponent. Past `most` it is infinite or 0
 * whatever the digits are. */
static void take_exponent(const char *at, struct spelled *number)
{
    static const long most = 100000000;
    bool negative = *at == '-';
    const char *first = at + (*at == '+' || negative), *digit = first;
    long power = 0;

    for (; is_digit(*digit); digit++)
        power = power < most ? power * 10 + (*digit - '0') : power;
    if (digit == first)
        return;
    number->power += negative ? -power : power;
    number->end = digit;
}

static bool spell(const char *text, struct spelled *number)
{
    const char *at = text + (*text == '-'), *first = at;

    *number = (struct spelled){.negative = *text == '-'};
    at = *at == '0' ? at + 1 : take_digits(at, number);
    if (at == first)
        return false;
    if (*at == '.' && is_digit(at[1])) {
        first = at + 1;
        at = take_digits(first, number);
        number->power = first - at;
    }
    number->end = at;
    if (*at == 'e' || *at == 'E')
        take_exponent(at + 1, number);
    return true;
}

static int bits_of(uint64_t number)
{
    return number ? 64 - __builtin_clzll(number) : 0;
}

/* The digits, not 0, divided by a power of ten, rounded to the closest double, to the even one in
 * the middle between two: long division leaves three bits more than a double has, or more, and
 * whether there is a rest. The result is no subnormal, since no divisor is that large. */
static double divide(uint64_t digits, long power)
{
    enum { QUOTIENT_BITS = DBL_MANT_DIG + 4 };
    uint64_t divisor = 1, quotient, half;
    int up, down;
    bool rest;

    while (power-- > 0)
        divisor *= 10;
    up = QUOTIENT_BITS + bits_of(divisor) - bits_of(digits);
    up = up > 0 ? up : 0;
    quotient = (uint64_t)(((wide)digits << up) / divisor);
    down = bits_of(quotient) - DBL_MANT_DIG;
    half = UINT64_C(1) << (down - 1);
    rest = (wide)digits << up != (wide)quotient * divisor || (quotient & (half - 1)) != 0;
    if ((quotient & half) && (rest || (quotient & (half << 1))))
        quotient += half;
    return ldexp((double)(quotient >> down), down - up);
}

/* Both operands are exact, so that one operation rounds once (Clinger, How to read floating point
 * numbers accurately, 1990). */
static bool is_exact(const struct spelled *number)
{
    return number->digits <= UINT64_C(1) << DBL_MANT_DIG && number->power >= -POWER_EXACT &&
           number->power <= POWER_EXACT;
}

static double scale(const struct spelled *number)
{
    double whole = (double)number->digits;

    return number->power < 0 ? whole / ten_to[-number->power] : whole * ten_to[number->power];
}

/* The library is given the number alone: what stands behind it may be part of one for it. */
static double read_slowly(const char *text, const char *end)
{
    struct text copy = {0};
    double value;

    text_add(&copy, text, (size_t)(end - text));
    value = strtod(copy.bytes, NULL);
    text_clear(&copy);
    return value;
}

static double value_of(const char *text, const struct spelled *number)
{
    bool small = number->count <= DIGITS_MOST;
    double size = 0;

    if (small && number->digits > 0 && is_exact(number))
        size = scale(number);
    else if (small && number->digits > 0 && number->power < 0 && number->power >= -DIGITS_MOST)
        size = divide(number->digits, -number->power);
    else if (number->count > 0)
        return read_slowly(text, number->end);
    return number->negative ? -size : size;
}

const char *decimal_read(const char *text, double *value)
{
    struct spelled number;

    if (!spell(text, &number))
        return NULL;
    if (value)
        *value = value_of(text, &number);
    return number.end;
}

/* --- Writing ---------------------------------------------------------------------------------- */

enum { NINE = 9, EXPONENT_LEAST = -13 };

/* Nine digits of a positive number, of which the first counts 10 to the power of `exponent`. */
struct nine {
    uint32_t digits;
    int exponent;
};

/* Of a positive number, the power of ten of its first digit, from EXPONENT_LEAST to NINE - 1. */
static int exponent_of(double value)
{
    int exponent = NINE - 1;

    while (exponent > 0 && value < ten_to[exponent])
        exponent--;
    while (exponent <= 0 && exponent > EXPONENT_LEAST && value * ten_to[-exponent] < 1)
        exponent--;
    return exponent;
}

/* False where it is too small or large for the table, or so close to the middle between two that
 * the product's own rounding, less than 2e-7 of the last digit, could decide. */
static bool round_to_nine(double value, struct nine *nine)
{
    static const double sure = 1e-6;
    int exponent = exponent_of(value);
    double product = value * ten_to[NINE - 1 - exponent];
    double whole = floor(product), rest = product - whole;

    whole += rest > 0.5;
    if (!(whole >= ten_to[NINE - 1] && whole < ten_to[NINE]) || fabs(rest - 0.5) <= sure)
        return false;
    *nine = (struct nine){(uint32_t)whole, exponent};
    return true;
}

/* How many of the digits are left without the zeros at their end. */
static int spell_nine(uint32_t number, char digits[NINE])
{
    int count = NINE;

    for (int i = NINE - 1; i >= 0; i--, number /= 10)
        digits[i] = (char)('0' + number % 10);
    while (count > 1 && digits[count - 1] == '0')
        count--;
    return count;
}

static void add_nine(struct text *text, const struct nine *nine)
{
    static const char zeros[] = "0.000";
    bool small = nine->exponent < -4;
    int before = small ? 1 : nine->exponent + 1, count;
    char digits[NINE];

    count = spell_nine(nine->digits, digits);
    if (before > 0)
        text_add(text, digits, (size_t)before);
    else
        text_add(text, zeros, (size_t)(2 - before));
    before = before > 0 ? before : 0;
    if (before > 0 && count > before)
        text_add_char(text, '.');
    if (count > before)
        text_add(text, digits + before, (size_t)(count - before));
    if (small)
        text_printf(text, "e-%02d", -nine->exponent);
}

void decimal_add_nine(struct text *text, double value)
{
    struct nine nine;

    if (!signbit(value) && value < ten_to[NINE] && value == (double)(uint32_t)value) {
        text_add_size(text, (size_t)value);
    } else if (round_to_nine(fabs(value), &nine)) {
        if (value < 0)
            text_add_char(text, '-');
        add_nine(text, &nine);
    } else {
        text_printf(text, "%.9g", value);
    }
}
