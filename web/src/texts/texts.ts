// The catalogue's machinery: types that make a missing key, a missing plural or a forgotten value a
// compile error, and the function that fills a text.

export interface Plural {
  readonly one: string;
  readonly other: string;
}

/** The shape another language must have: the same keys, plurals where there are plurals. */
export type Texts<T> = {
  readonly [K in keyof T]: T[K] extends string
    ? string
    : T[K] extends Plural
      ? Plural
      : Texts<T[K]>;
};

/** Every dotted path to a text of T. */
export type KeyOf<T, Prefix extends string = ""> = {
  [K in keyof T & string]: T[K] extends string | Plural
    ? `${Prefix}${K}`
    : KeyOf<T[K], `${Prefix}${K}.`>;
}[keyof T & string];

type At<T, Path extends string> = Path extends `${infer Head}.${infer Rest}`
  ? Head extends keyof T
    ? At<T[Head], Rest>
    : never
  : Path extends keyof T
    ? T[Path]
    : never;

type NamesIn<S> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | NamesIn<Rest> : never;
type NamesOf<V> = V extends Plural ? "n" | NamesIn<V["other"]> : NamesIn<V>;

/** The values a text needs: none, or one object with each name between braces. */
export type Values<T, K extends string> = [NamesOf<At<T, K>>] extends [never]
  ? []
  : [{ readonly [N in NamesOf<At<T, K>>]: N extends "n" ? number : string | number }];

export type Language = "fr" | "en";

export const locales: Record<Language, string> = { fr: "fr-FR", en: "en-GB" };

function isPlural(value: unknown): value is Plural {
  return typeof value === "object" && value !== null && "other" in value && "one" in value;
}

function find(catalogue: unknown, key: string): unknown {
  let node: unknown = catalogue;
  for (const part of key.split(".")) {
    if (typeof node !== "object" || node === null) return undefined;
    node = (node as Record<string, unknown>)[part];
  }
  return node;
}

/** Looks `key` up, picks the plural of `values.n` and fills the names between braces. */
export function fillText(
  catalogue: unknown,
  language: Language,
  key: string,
  values: Record<string, string | number> = {},
): string {
  const locale = locales[language];
  const found = find(catalogue, key);
  let text = typeof found === "string" ? found : key;
  if (isPlural(found)) {
    const form = new Intl.PluralRules(locale).select(Number(values.n ?? 0));
    text = form === "one" ? found.one : found.other;
  }
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === "number" ? new Intl.NumberFormat(locale).format(value) : value;
  });
}

/** Every key of a catalogue with its text, for the tests. */
export function listTexts(node: unknown, prefix = ""): Map<string, string | Plural> {
  const found = new Map<string, string | Plural>();
  for (const [name, value] of Object.entries(node as Record<string, unknown>)) {
    const key = prefix + name;
    if (typeof value === "string" || isPlural(value)) found.set(key, value);
    else for (const [k, v] of listTexts(value, `${key}.`)) found.set(k, v);
  }
  return found;
}
