// Dates as the hospital wrote them. A time is the wall clock of the place of care: an offset at its
// end is not applied, so what the screen shows is what the source says.

const pattern = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?/;

export const dayMs = 86_400_000;

/** Milliseconds on a clock without time zones, or null when the text is no date. */
export function toMs(iso: string | null | undefined): number | null {
  const found = iso ? pattern.exec(iso) : null;
  if (!found) return null;
  const [year, month, day, hour, minute, second] = found.slice(1).map((part) => Number(part ?? 0));
  const ms = Date.UTC(year ?? 0, (month ?? 1) - 1, day ?? 1, hour, minute, second);
  const back = new Date(ms);
  // Date.UTC reads the years 0 to 99 as 1900 to 1999: such a year is refused, not moved.
  const same =
    back.getUTCFullYear() === year && back.getUTCMonth() + 1 === month && back.getUTCDate() === day;
  return same && (hour ?? 0) < 24 && (minute ?? 0) < 60 ? ms : null;
}

export function hasTime(iso: string): boolean {
  return /[T ]\d{2}:\d{2}/.test(iso);
}

export function toIsoDate(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

const typed = /^\s*(\d{1,2})[./ -](\d{1,2})[./ -](\d{4})\s*$|^\s*(\d{2})(\d{2})(\d{4})\s*$/;

/** YYYY-MM-DD of a date typed day first (2/3/2025, 02032025) or as ISO writes it; else null. */
export function readTypedDate(text: string): string | null {
  const found = typed.exec(text);
  const [day, month, year] = found ? (found[1] ? found.slice(1, 4) : found.slice(4, 7)) : [];
  const iso = found ? `${year}-${month?.padStart(2, "0")}-${day?.padStart(2, "0")}` : text.trim();
  return /^\d{4}-\d{2}-\d{2}$/.test(iso) && toMs(iso) !== null ? iso : null;
}

/** The reverse: 02/03/2025. */
export function dateAsTyped(iso: string): string {
  return iso.split("-").reverse().join("/");
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = locale + JSON.stringify(options);
  let format = formats.get(key);
  if (!format) {
    format = new Intl.DateTimeFormat(locale, { ...options, timeZone: "UTC" });
    formats.set(key, format);
  }
  return format;
}

// English dates spell the month: 04/02 would be read two ways.
function dateOptions(locale: string): Intl.DateTimeFormatOptions {
  return locale.startsWith("fr")
    ? { day: "2-digit", month: "2-digit", year: "numeric" }
    : { day: "numeric", month: "short", year: "numeric" };
}

export function formatMs(
  ms: number,
  locale: string,
  options: Intl.DateTimeFormatOptions = dateOptions(locale),
): string {
  return formatOf(locale, options).format(new Date(ms));
}

/** The date in the reader's way; a text that is no date is shown as it came. */
export function formatDate(iso: string | null, locale: string): string {
  if (iso === null) return "";
  const ms = toMs(iso);
  return ms === null ? iso : formatMs(ms, locale);
}

/** The date and, where the source gave one, the time. */
export function formatTime(iso: string | null, locale: string): string {
  if (iso === null) return "";
  const ms = toMs(iso);
  if (ms === null) return iso;
  if (!hasTime(iso)) return formatMs(ms, locale);
  return formatMs(ms, locale, { ...dateOptions(locale), hour: "2-digit", minute: "2-digit" });
}

/** Whole nights between two dates, or null when one is missing or they are out of order. */
export function nightCount(start: string, end: string | null): number | null {
  const first = toMs(start.slice(0, 10));
  const last = end === null ? null : toMs(end.slice(0, 10));
  if (first === null || last === null || last < first) return null;
  return Math.round((last - first) / dayMs);
}
