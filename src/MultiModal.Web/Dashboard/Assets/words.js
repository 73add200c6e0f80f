/** Numbers, times and states in words. */

/** @type {Record<string, [string, string]>} */
const STATUS = {
  new: ['New', ''],
  quiet: ['About to run', 'info'],
  held: ['Held', 'warn'],
  running: ['Running', 'info busy'],
  succeeded: ['Succeeded', 'good'],
  partiallySucceeded: ['Partial', 'warn'],
  failed: ['Failed', 'bad'],
  cancelled: ['Cancelled', ''],
  empty: ['Empty', ''],
  waiting: ['Waiting', ''],
  skipped: ['Skipped', ''],
  unsupported: ['Unsupported', ''],
  duplicate: ['Duplicate', 'good'],
};

/** @param {string} status */
export const statusWord = status => STATUS[status]?.[0] ?? status;

/** @param {string} status */
export const statusTone = status => STATUS[status]?.[1] ?? '';

/** @type {Record<string, string>} */
const STEPS = {
  'optimize-image': 'Shrink images',
  'analyze-image': 'Look at images',
  'prepare-audio': 'Prepare recordings',
  'transcribe-audio': 'Transcribe',
  'read-text': 'Read documents',
  synthesize: 'Write the summary',
};

/** @param {string} step */
export const stepWord = step => STEPS[step] ?? step;

/** @param {number | null | undefined} usd */
export function money(usd) {
  if (usd === null || usd === undefined) return 'not known';
  if (usd === 0) return '$0';
  const digits = Math.abs(usd) >= 1 ? 2 : Math.abs(usd) >= 0.001 ? 4 : 6;
  return `$${usd.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })}`;
}

/** @param {number} ms */
export function duration(ms) {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const minutes = Math.floor(ms / 60_000);
  return minutes < 60 ? `${minutes} min ${Math.floor((ms % 60_000) / 1000)} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A place in a recording, such as 1:02:03. @param {number} seconds */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  return hours ? `${hours}:${String(minutes).padStart(2, '0')}:${String(rest).padStart(2, '0')}` : `${minutes}:${String(rest).padStart(2, '0')}`;
}

/** @param {number} bytes */
export function size(bytes) {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let unit = 0;
  while (bytes >= 1000 && unit < units.length - 1) {
    bytes /= 1000;
    unit++;
  }
  return `${unit === 0 || bytes >= 100 ? Math.round(bytes) : bytes.toFixed(1)} ${units[unit]}`;
}

/** @param {string | null | undefined} time */
export function when(time) {
  if (!time) return '';
  const seconds = (Date.now() - new Date(time).getTime()) / 1000;
  if (seconds < 45) return 'just now';
  if (seconds < 3600) return `${Math.max(1, Math.round(seconds / 60))} min ago`;
  if (seconds < 86_400) return `${Math.round(seconds / 3600)} h ago`;
  return new Date(time).toLocaleDateString(undefined, { year: 'numeric', month: 'short', day: 'numeric' });
}

/** @param {number} value */
export const count = value => value.toLocaleString('en');

/** @param {number} amount @param {string} one @param {string} [many] */
export const plural = (amount, one, many = `${one}s`) => `${count(amount)} ${amount === 1 ? one : many}`;

/** A share as a percentage that is never 0 for something and never 100 for less than all. @param {number} part @param {number} whole */
export function percent(part, whole) {
  const exact = whole ? (part / whole) * 100 : 0;
  return `${exact > 0 && exact < 1 ? '<1' : exact > 99 && exact < 100 ? '>99' : Math.round(exact)} %`;
}
