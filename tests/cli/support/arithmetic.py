"""Every derived number once more, by other means than the program's: from the individual responses,
with Python's statistics module and the rules as formats.md words them."""

import math
import statistics

QUANTILES = (5, 25, 50, 75, 90, 95, 99)


def quantile(values, percent):
    """Type 7, by Python's own inclusive method."""
    if len(values) == 1:
        return values[0]
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


GAP = "client_mean_inter_token_latency_s"


def bounded(responses, statistic):
    """A statistic of mean gaps, each of which lies between bounds: what it lies between, and the
    middle of that where it is known to 5 %."""
    low, high = (statistic([r[GAP + end] for r in responses if r[GAP + end] is not None]) for end in ("_low", "_high"))
    return low, high, (low + high) / 2 if high <= 1.05 * low else None


def t_quantile(share, df):
    """Student's t: its density summed up by Simpson's rule, and the place where `share` is reached."""
    scale = math.exp(math.lgamma((df + 1) / 2) - math.lgamma(df / 2)) / math.sqrt(df * math.pi)

    def above_middle(t, parts=2000):
        weights = [1, *([4, 2] * (parts // 2))[:-1], 1]
        values = (scale * (1 + (t * i / parts) ** 2 / df) ** (-(df + 1) / 2) for i in range(parts + 1))
        return t / parts / 3 * sum(w * v for w, v in zip(weights, values))

    low, high = 0, 1000
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if above_middle(middle) < share - 0.5 else (low, middle)
    return low


def switching_time(responses):
    """formats.md, section 9."""
    done = [r for r in responses if r["error_code"] is None]
    if not responses or responses[0]["error_code"] is not None or len(done) < 3:
        return None
    server = all(r["server_ttft_s"] is not None for r in done)
    first, *rest = [r["server_ttft_s" if server else "client_ttft_s"] for r in done]
    excess = first - statistics.fmean(rest)
    deviation = statistics.stdev(rest)
    if excess <= 3 * deviation or (deviation == 0 and excess < 1e-6):
        return None
    return excess


def first_token_s(response):
    return response["sent_monotonic_ns"] / 1e9 + response["client_ttft_from_sent_s"]


def ran_together(one, other):
    return (one["server_ttft_s"] == other["server_ttft_s"]
            and abs(first_token_s(one) - first_token_s(other)) <= one["server_ttft_s"] / 2
            and one["sent_monotonic_ns"] < other["done_monotonic_ns"]
            and other["sent_monotonic_ns"] < one["done_monotonic_ns"])


def batches(responses):
    """formats.md, section 8: {size: requests} and the representative size."""
    done = [r for r in responses if r["error_code"] is None]
    counts = {}
    if done and all(r["batch_size_used"] is not None for r in done):
        for r in done:
            counts[int(r["batch_size_used"])] = counts.get(int(r["batch_size_used"]), 0) + 1
    else:
        groups = []
        for r in sorted((r for r in done if r["server_ttft_s"] is not None), key=first_token_s):
            fitting = [group for group in groups if all(ran_together(r, other) for other in group)]
            if not fitting:
                fitting = [[]]
                groups.extend(fitting)
            fitting[0].append(r)
        for group in groups:
            power = 1 << (len(group) - 1).bit_length()
            counts[power] = counts.get(power, 0) + len(group)
    large = [size for size, n in counts.items() if 2 * n > len(done)]
    return dict(sorted(counts.items())), (large[0] if large else None)


def beta_share(x, a, b):
    """The share of the beta distribution below x: its density, which has no poles for a, b ≥ ½ once x = sin² t,
    by Simpson's rule."""
    steps, end = 4000, math.asin(math.sqrt(x))
    density = [2 * math.sin(t) ** (2 * a - 1) * math.cos(t) ** (2 * b - 1)
               for t in (end * i / steps for i in range(steps + 1))]
    area = (density[0] + density[-1] + 4 * sum(density[1:-1:2]) + 2 * sum(density[2:-1:2])) * end / steps / 3
    return area * math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b))


def f_above(f, df1, df2):
    """How likely F is above f."""
    return beta_share(df2 / (df2 + df1 * f), df2 / 2, df1 / 2)


def groups_differ_p(groups):
    """How likely values as unlike between groups are, where all have one mean: the F test of a one-way
    analysis of variance; None where there is nothing to hold them against."""
    count = sum(map(len, groups))
    mean = sum(map(sum, groups)) / count
    between = sum(len(g) * (statistics.fmean(g) - mean) ** 2 for g in groups)
    within = sum((x - statistics.fmean(g)) ** 2 for g in groups for x in g)
    df1, df2 = len(groups) - 1, count - len(groups)
    if df1 < 1 or df2 < 1 or within == 0:
        return None
    return f_above((between / df1) / (within / df2), df1, df2)
