import { isIP } from 'node:net';
import { inAnyRange, isPublicAddress } from '../addresses.js';

/** The longest URL that requests are sent to. */
export const MAX_URL_LENGTH = 2048;

/** Where `localhost` leads (RFC 6761 §6.3), whatever a name server says. */
const LOOPBACK = ['127.0.0.1', '::1'];

/** What is wrong with the form of a URL to send requests to, or null. Pure: nothing is asked of its name. */
export function urlFault(text: string): string | null {
  if (/\s/.test(text) || !URL.canParse(text)) return 'must be a URL';
  const { protocol, username, password, hash } = new URL(text);
  if (protocol !== 'https:' && protocol !== 'http:') return 'must be a URL with https';
  if (username !== '' || password !== '') return 'must not hold a user name or password';
  return hash === '' ? null : 'must not have a fragment';
}

/**
 * The host of a URL as names and addresses are written elsewhere: without brackets, without the dot of the root. All
 * other notations of addresses (decimal, octal, hexadecimal, shortened) the URL parser has read already.
 */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$|\.$/g, '');
}

/** The addresses that a host has without anybody being asked; null for a name. */
export function knownAddresses(host: string): readonly string[] | null {
  if (isIP(host) !== 0) return [host];
  return /^(?:.+\.)?localhost$/i.test(host) ? LOOPBACK : null;
}

/**
 * What speaks against sending to these addresses, in words that name none of them; null if nothing does. Every one must
 * be public or listed: of a name that leads to several any could be connected to. Pure.
 *
 * @param listed ranges that may be sent to though they are not public, and without TLS.
 */
export function destinationFault(
  url: URL,
  addresses: readonly string[],
  listed: readonly string[],
): string | null {
  if (addresses.length === 0) return 'leads to no address';
  const isListed = (address: string): boolean => inAnyRange(address, listed);
  if (!addresses.every((address) => isListed(address) || isPublicAddress(address))) {
    return 'leads to an address that is not public, and TOOKEN_WEBHOOK_ALLOW_PRIVATE does not list it';
  }
  if (url.protocol === 'https:' || addresses.every(isListed)) return null;
  return 'must have https: plain http is for addresses that TOOKEN_WEBHOOK_ALLOW_PRIVATE lists';
}
