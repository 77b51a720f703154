// One rule for figures, the same as core/unit.h: three significant digits; times in ms below 1 s, in s above.
export const isKnown = (value) => value !== null && value !== undefined && Number.isFinite(value);

export function figure(value) {
  if (!isKnown(value)) return '–';
  if (value === 0) return '0';
  const rounded = Number(value.toPrecision(3));
  return rounded.toFixed(Math.min(20, Math.max(0, 2 - Math.floor(Math.log10(Math.abs(rounded))))));
}

export function seconds(value) {
  if (!isKnown(value)) return '–';
  if (Math.abs(value) < 5e-7) return '0 ms';
  return Math.abs(Number(value.toPrecision(3))) < 1 ? `${figure(value * 1000)} ms` : `${figure(value)} s`;
}

// How long something takes, for people who wait: '40 s', '3 min 20 s', '2 h 5 min'.
export function duration(value) {
  if (!isKnown(value)) return '–';
  const whole = Math.round(value), minutes = Math.floor(whole / 60), hours = Math.floor(minutes / 60);
  if (hours > 0) return `${hours} h ${minutes % 60} min`;
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}

export function digits(value) {
  return isKnown(value) ? value.toLocaleString('en') : '–';
}
