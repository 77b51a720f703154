"""Every derived number once more, by other means than the program's: from the individual responses,
with Python's statistics module and the rules as formats.md words them."""

import statistics

QUANTILES = (5, 25, 50, 75, 90, 95, 99)


def quantile(values, percent):
    """Type 7, by Python's own inclusive method."""
    if len(values) == 1:
        return values[0]
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


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


def batches(responses):
    """formats.md, section 8: {size: requests} and the representative size."""
    done = [r for r in responses if r["error_code"] is None]
    counts = {}
    if done and all(r["batch_size_used"] is not None for r in done):
        for r in done:
            counts[int(r["batch_size_used"])] = counts.get(int(r["batch_size_used"]), 0) + 1
    else:
        groups = []
        for r in sorted(done, key=lambda r: (r["end_timestamp_utc"], r["request_index"])):
            if r["server_ttft_s"] is None:
                continue
            if not groups or groups[-1][0] != r["server_ttft_s"]:
                groups.append([r["server_ttft_s"], 0])
            groups[-1][1] += 1
        for _, size in groups:
            power = 1 << (size - 1).bit_length()
            counts[power] = counts.get(power, 0) + size
    large = [size for size, n in counts.items() if 2 * n > len(done)]
    return dict(sorted(counts.items())), (large[0] if large else None)
