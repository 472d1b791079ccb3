/** A result as the laboratory printed it: every digit, without the noise of binary fractions. */
export function formatNumber(value: number, locale: string): string {
  return new Intl.NumberFormat(locale, { maximumSignificantDigits: 12 }).format(value);
}

export function formatRange(low: number | null, high: number | null, locale: string): string {
  if (low !== null && high !== null) {
    return `${formatNumber(low, locale)} – ${formatNumber(high, locale)}`;
  }
  if (low !== null) return `≥ ${formatNumber(low, locale)}`;
  if (high !== null) return `≤ ${formatNumber(high, locale)}`;
  return "";
}
