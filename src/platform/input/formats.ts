import { parseCidr } from '../addresses.js';
import { isTokenPrefix } from '../secrets/secret.js';

/** What is wrong with a text that should be an address or a range of addresses; null = nothing. */
export const cidrFault = (text: string): string | null =>
  parseCidr(text) === null ? 'must be an IPv4 or IPv6 address or CIDR range' : null;

/** What is wrong with a text that tokens should begin with (contract §2); null = nothing. */
export const prefixFault = (text: string): string | null =>
  isTokenPrefix(text)
    ? null
    : 'must be 2 to 16 of a-z and 0-9, start with a letter, and be none of Tooken’s own';
