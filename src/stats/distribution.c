#include "stats/distribution.h"

#include <math.h>

static const double precision = 1e-15, tiny = 1e-300;

/* Lentz keeps numerator and denominator off zero. */
static double off_zero(double value)
{
    return fabs(value) < tiny ? tiny : value;
}

static double continued_fraction(double a, double b, double x)
{
    enum { TERMS_MOST = 10000 };
    double c = 1, d = 1 / off_zero(1 - (a + b) * x / (a + 1)), fraction = d;

    for (int i = 1; i < TERMS_MOST; i++) {
        double even = i * (b - i) * x / ((a + 2 * i - 1) * (a + 2 * i));
        double odd = -(a + i) * (a + b + i) * x / ((a + 2 * i) * (a + 2 * i + 1));
        double change;

        d = 1 / off_zero(1 + even * d);
        c = off_zero(1 + even / c);
        fraction *= d * c;
        d = 1 / off_zero(1 + odd * d);
        c = off_zero(1 + odd / c);
        change = d * c;
        fraction *= change;
        if (fabs(change - 1) < precision)
            break;
    }
    return fraction;
}

/* I_x(a, b). */
static double incomplete_beta(double a, double b, double x)
{
    double front;

    if (x <= 0 || x >= 1)
        return x <= 0 ? 0 : 1;
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));
    if (x < (a + 1) / (a + b + 2))
        return front * continued_fraction(a, b, x) / a;
    return 1 - front * continued_fraction(b, a, 1 - x) / b;
}

double distribution_t_above(double t, double df)
{
    double half;

    if (isinf(df) || isinf(t))
        return 0.5 * erfc(t / sqrt(2));
    if (t * t < df) /* where the other form would lose digits */
        half = 0.5 - 0.5 * incomplete_beta(0.5, df / 2, t * t / (df + t * t));
    else
        half = 0.5 * incomplete_beta(df / 2, 0.5, df / (df + t * t));
    return t >= 0 ? half : 1 - half;
}

static double t_density(double t, double df)
{
    if (isinf(df))
        return exp(-t * t / 2) / sqrt(2 * M_PI);
    return exp(lgamma((df + 1) / 2) - lgamma(df / 2) - (df + 1) / 2 * log1p(t * t / df)) /
           sqrt(df * M_PI);
}

/* Newton's steps, halved where they leave the bracket. */
double distribution_t_quantile_above(double p, double df)
{
    double low = -1, high = 1, t;

    while (distribution_t_above(low, df) < p)
        low *= 2;
    while (distribution_t_above(high, df) > p)
        high *= 2;
    t = (low + high) / 2;
    for (int i = 0; i < 200; i++) {
        double off = distribution_t_above(t, df) - p, next;

        if (off > 0)
            low = t;
        else
            high = t;
        next = t + off / t_density(t, df);
        if (!(next > low && next < high))
            next = (low + high) / 2;
        if (fabs(next - t) <= 1e-13 * fmax(1, fabs(t)))
            return next;
        t = next;
    }
    return t;
}

double distribution_f_above(double f, double over, double under)
{
    return f > 0 ? incomplete_beta(under / 2, over / 2, under / (under + over * f)) : 1;
}

double distribution_binomial_at_least(size_t k, size_t n, double p)
{
    if (k == 0)
        return 1;
    return k > n ? 0 : incomplete_beta((double)k, (double)(n - k + 1), p);
}

double distribution_binomial_share(size_t k, size_t n, double wanted)
{
    double low = 0, high = 1;

    for (int i = 0; i < 60; i++) {
        double middle = (low + high) / 2;

        if (distribution_binomial_at_least(k, n, middle) < wanted)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}

double distribution_chi_square_above(double x, double df)
{
    double spread = 2 / (9 * df);

    return distribution_t_above((cbrt(x / df) - (1 - spread)) / sqrt(spread), INFINITY);
}
