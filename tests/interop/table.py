"""The one table: a line for each server and check."""

HEAD = ("server", "check", "target", "measured", "")


def lines(results):
    """RESULTS: pairs of a server's name and its checks."""
    rows = [HEAD]
    for name, checks in results:
        rows += [(name, check.what, check.target, check.measured, "ok" if check.held else "MISSED") for check in checks]
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEAD))]
    for row in rows:
        yield "  ".join(text.ljust(width) for text, width in zip(row, widths)).rstrip()


def show(results):
    for line in lines(results):
        print(line)
    missed = sum(not check.held for _, checks in results for check in checks)
    total = sum(len(checks) for _, checks in results)
    print(f"\n{total - missed} of {total} checks hold.")
    return missed == 0
