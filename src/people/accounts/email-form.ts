/** RFC 5321 §4.5.3.1.3, without the angle brackets. */
export const MAX_EMAIL = 254;

/** What is wrong with the form of an e-mail address, or null; whether it exists only a letter to it would tell. */
export function emailFault(text: string): string | null {
  return /^[^\s@]+@[^\s@]+$/u.test(text) ? null : 'must be an e-mail address';
}
