// What a page knows of a run under way from its events (serve/watch/run_events.h says what each has).
export class Watched {
  constructor() {
    this.begin({ steps: 0, requests: 0, name: '' });
    this.state = 'running';
  }

  // Whatever was known before is void.
  begin(run) {
    this.run = run;
    this.rows = new Map();
    this.failures = {};
    this.points = new Map();
    this.every = 1;
    this.completed = this.failed = 0;
  }

  takeFigures(data) {
    this.completed = data.completed;
    this.failed = data.failed;
    for (const row of data.rows)
      this.rows.set(row.step, { ...this.rows.get(row.step), ...row });
    this.failures = data.failures || this.failures;
    if (!data.points) return;
    if (data.every_s !== this.every)
      this.points.clear();
    this.every = data.every_s;
    for (const [at, ...point] of data.points)
      this.points.set(at, point);
  }

  take(word, data) {
    if (word === 'run') this.begin(data);
    if (word === 'begins') this.rows.set(data.step, { ...data, how: null, at: performance.now() });
    if (word === 'figures') this.takeFigures(data);
    if (word === 'ends') this.rows.set(data.step, { ...this.rows.get(data.step), how: data.how });
    if (word === 'end') this.state = data.state;
  }

  get ended() {
    return [...this.rows.values()].filter((row) => row.how).length;
  }

  // The share that is done, by requests, else by steps; null: nobody knows.
  get share() {
    if (this.run.requests > 0) return Math.min(1, (this.completed + this.failed) / this.run.requests);
    return this.run.steps > 0 ? this.ended / this.run.steps : null;
  }

  // By time: tokens per second, but for the last point, which is not full yet; the mean TTFT, and the longest.
  get series() {
    const last = Math.max(-1, ...this.points.keys());
    const tokens = [], mean = [], most = [];

    for (let at = 0; at <= last; at++) {
      const point = this.points.get(at) || [0, 0, 0, null, null], x = at * this.every;

      if (at < last || last === 0)
        tokens.push({ x, y: point[2] / this.every });
      if (point[3] === null) continue;
      mean.push({ x, y: point[3] });
      most.push({ x, y: point[4] });
    }
    return { tokens, mean, most };
  }
}
