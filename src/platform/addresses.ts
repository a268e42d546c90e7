import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

interface Range {
  address: Address;
  prefix: number;
}

/** Bits before the IPv4 address in an IPv4-mapped IPv6 address (RFC 4291 §2.5.5.2). */
const MAPPED_PREFIX = 96;

/**
 * An address in its one canonical text (RFC 5952 for IPv6), or null. An IPv4-mapped IPv6 address is the IPv4
 * address it carries: a dual-stack socket names IPv4 clients so. Zone ids are refused, for they mean something
 * only on the host that wrote them, and so is every notation two parsers may read differently: shorthand (`10.1`),
 * hexadecimal, leading zeros, blanks.
 */
export function parseAddress(text: string): string | null {
  return readAddress(text)?.toString() ?? null;
}

/**
 * A range in its one canonical text, or null: the network's address with the host bits cleared, `/`, the length of
 * the prefix (RFC 4632 §3.1, RFC 4291 §2.3). A bare address is the range of itself alone. A range of IPv4-mapped
 * addresses is the IPv4 range it carries; one that reaches beyond them (`::ffff:10.0.0.0/80`) is refused, as it
 * would silently match no IPv4 client. `::/0` is every IPv6 address and no IPv4 one.
 */
export function parseCidr(text: string): string | null {
  const range = readRange(text);
  if (range === null) return null;
  const { address, prefix } = range;
  const masked = address.toByteArray().map((byte, at) => byte & byteMask(prefix - at * 8));
  return `${ipaddr.fromByteArray(masked).toString()}/${prefix}`;
}

/** What one client has of addresses: whoever has one IPv6 address has all of its /64. */
export function networkOf(ip: string): string {
  return (ip.includes(':') ? parseCidr(`${ip}/64`) : null) ?? ip;
}

/** Ranges that were checked, in their canonical text and each once; null stays null. */
export function canonicalRanges(ranges: readonly string[] | null | undefined): string[] | null {
  return ranges == null ? null : [...new Set(ranges.map((range) => parseCidr(range) ?? range))];
}

/** Whether the address lies in one of the ranges. What cannot be read lies in none and contains none. */
export function inAnyRange(address: string, cidrs: readonly string[]): boolean {
  const read = readAddress(address);
  return read !== null && cidrs.some((cidr) => contains(readRange(cidr), read));
}

/**
 * Whether the address is one of the open internet (RFC 6890: global unicast): not private, shared, loopback, link-local,
 * multicast, reserved or for documentation, and none that carries an IPv4 address for a translator to unpack.
 */
export function isPublicAddress(text: string): boolean {
  const address = readAddress(text);
  if (address?.range() !== 'unicast') return false;
  // Of IPv6 only this much has been given out (RFC 4291 §2.4); the library takes the rest for unicast too.
  return address.kind() === 'ipv4' || address.match(ipaddr.IPv6.parse('2000::'), 3);
}

/**
 * Whether the inner ranges are no wider than the outer ones: each lies within some single outer range. One that only
 * the union of several outer ranges contains (`10.0.0.0/8` in its two halves) is refused: rare, harmless to refuse
 * and easily written otherwise. An unreadable range is within nothing.
 */
export function rangesWithin(inner: readonly string[], outer: readonly string[]): boolean {
  const wholes = outer.map(readRange);
  return inner.every((cidr) => {
    const part = readRange(cidr);
    return (
      part !== null &&
      wholes.some((whole) => whole !== null && whole.prefix <= part.prefix && contains(whole, part.address))
    );
  });
}

function contains(range: Range | null, address: Address): boolean {
  return (
    range !== null && range.address.kind() === address.kind() && address.match(range.address, range.prefix)
  );
}

function readAddress(text: string): Address | null {
  // The library reads shorthand, octal and hexadecimal as well; node's own check knows only the strict forms.
  const family = isIP(text);
  if (family === 0 || text.includes('%')) return null;
  if (family === 4) return ipaddr.IPv4.parse(text);
  // It also takes the deprecated `::1.2.3.4` (RFC 4291 §2.5.5.1) for a mapped address, unless a digit leads.
  const address = ipaddr.IPv6.parse(text.replace(/^::(?=\d+\.)/, '0::'));
  return address.isIPv4MappedAddress() ? address.toIPv4Address() : address;
}

function readRange(text: string): Range | null {
  const [host = '', length, ...more] = text.split('/');
  const address = readAddress(host);
  if (address === null || more.length > 0) return null;
  const size = address.kind() === 'ipv4' ? 32 : 128;
  if (length === undefined) return { address, prefix: size };
  if (!/^(?:0|[1-9][0-9]{0,2})$/.test(length)) return null;
  const prefix = Number(length) - (size === 32 && host.includes(':') ? MAPPED_PREFIX : 0);
  return prefix >= 0 && prefix <= size ? { address, prefix } : null;
}

/** The mask of one byte of which the first `bits` belong to the network; fewer than 0 is none, more than 8 all. */
function byteMask(bits: number): number {
  return (0xff00 >> Math.min(Math.max(bits, 0), 8)) & 0xff;
}
