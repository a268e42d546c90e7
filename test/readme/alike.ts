/** A value of its own at each run, and what stands for it; the first group is kept in front. */
const PECULIAR: readonly [form: RegExp, name: string][] = [
  [/\b([a-z][a-z0-9]{1,15}_(?:live|test)_)[0-9A-Za-z]{36}\b/g, 'value'],
  [/\b([a-z][a-z0-9]{1,15}_(?:live|test)_…)[0-9A-Za-z]{4}\b/g, 'end'],
  [/\b((?:ws|key|token|evt|usr|req)_)[0-7][0-9a-hjkmnp-tv-z]{25}\b/g, 'id'],
];

/** What differs from run to run and from machine to machine, and whose equality means nothing. */
const PASSING: readonly [form: RegExp, instead: string][] = [
  [/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, '<time>'],
  [/\bcurl\/[^\s"]+/g, 'curl/<version>'],
  // Null until the event has its place, which takes a moment.
  [/"index": (?:null|\d+)/g, '"index": <place>'],
];

/**
 * Makes outputs of two runs alike. Secrets, hints and handles become numbers in the order of their first
 * appearance, so that what is the same in one run must be the same in the other.
 */
export class Likeness {
  private readonly seen = new Map<string, number>();

  /** @param language of `json`, white space means nothing, but the order of the keys does. */
  of(language: string, text: string): string {
    let alike = language === 'json' ? respaced(text) : text.trim();
    for (const [form, name] of PECULIAR) {
      alike = alike.replace(form, (whole, kept: string) => `${kept}<${name} ${String(this.number(whole))}>`);
    }
    for (const [form, instead] of PASSING) alike = alike.replace(form, instead);
    return alike;
  }

  private number(value: string): number {
    const number = this.seen.get(value) ?? this.seen.size + 1;
    this.seen.set(value, number);
    return number;
  }
}

function respaced(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return `not JSON: ${json}`;
  }
}
