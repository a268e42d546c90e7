import { COMMON_WORDS, RUNS } from './common-passwords.js';

export const MIN_PASSWORD = 12;
export const MAX_PASSWORD = 128;

const LETTER_OF: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '8': 'b',
  '@': 'a',
  $: 's',
  '!': 'i',
};

/**
 * What is wrong with a password somebody wants, or null. Pure. Length counts code points. There are no rules of
 * composition (NIST SP 800-63B §3.1.1.2): only what is guessed first is refused.
 */
export function passwordFault(password: string): string | null {
  const { length } = Array.from(password);
  if (length < MIN_PASSWORD || length > MAX_PASSWORD) {
    return `must have ${String(MIN_PASSWORD)} to ${String(MAX_PASSWORD)} characters`;
  }
  return isCommon(password) ? 'is one of those that are guessed first; choose another' : null;
}

/** One thing typed over and over, a run along the keyboard, or a common word with something around it. */
export function isCommon(password: string): boolean {
  const text = password.normalize('NFKC').toLowerCase();
  if (/^(.{1,6}?)\1+.?$/su.test(text)) return true;
  const typed = text.replace(/[\s\-_.,;:/|\\]+/g, '');
  if (typed.length < 6 || RUNS.some((run) => run.includes(typed))) return true;
  return isMadeOfWords(typed);
}

/** Common words and nothing else but what stands before and after them, digits standing for letters included. */
function isMadeOfWords(typed: string): boolean {
  const core = typed.replace(/^[^\p{L}@$]+|[^\p{L}]+$/gu, '');
  const spellings = [core, Array.from(core, (character) => LETTER_OF[character] ?? character).join('')];
  return spellings.some((spelling) => {
    const words = spelling.split(/[^\p{L}]+/u).filter((word) => word !== '');
    return words.length > 0 && words.every(isWords);
  });
}

/** At most three common words in a row, or runs of the keyboard. */
function isWords(text: string, left = 3): boolean {
  if (COMMON_WORDS.has(text) || (text.length >= 3 && RUNS.some((run) => run.includes(text)))) return true;
  if (left === 1) return false;
  for (let end = 4; end <= text.length - 3; end++) {
    if (COMMON_WORDS.has(text.slice(0, end)) && isWords(text.slice(end), left - 1)) return true;
  }
  return false;
}
