import { BlockList, isIP, isIPv4 } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { inAnyRange, parseAddress, parseCidr, rangesWithin } from '../../src/platform/addresses.js';

const v4 = fc.ipV4();
const v6 = fc
  .array(fc.oneof(fc.constant(0), fc.nat(0xffff)), { minLength: 8, maxLength: 8 })
  .map((parts) => parts.map((part) => part.toString(16)).join(':'))
  .filter((text) => !text.startsWith('0:0:0:0:0:ffff:'));
const address = fc.oneof(v4, v6);
const range = fc.oneof(
  fc.tuple(v4, fc.nat(32)).map(([host, prefix]) => `${host}/${String(prefix)}`),
  fc.tuple(v6, fc.nat(128)).map(([host, prefix]) => `${host}/${String(prefix)}`),
);
/** An address that shares its first bits with the range, so that near misses and hits both occur. */
const near = fc
  .tuple(range, fc.nat(127))
  .map(([cidr, bit]) => [cidr, flip(cidr.split('/')[0] ?? '', bit)] as const);

describe('parseAddress', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['0.0.0.0', '0.0.0.0'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8::0:1', '2001:db8::1'],
    ['2001:0db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['1::3:4:5:6:7:8', '1:0:3:4:5:6:7:8'],
    ['::2:3:4:5:6:7:8', '0:2:3:4:5:6:7:8'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['::', '::'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
    ['::ffff:1.2.3.4', '1.2.3.4'],
    ['::FFFF:102:304', '1.2.3.4'],
    ['0:0:0:0:0:ffff:1.2.3.4', '1.2.3.4'],
    ['::1.2.3.4', '::102:304'],
  ])('writes %s as %s', (text, canonical) => {
    expect(parseAddress(text)).toBe(canonical);
  });

  it.each([
    ...['', ' ', '10.1', '10', '167772161', '0x0a000001', '0xa.0.0.1', '010.0.0.1', '10.0.0.01', '1.2.3.4.5'],
    ...[
      '256.0.0.1',
      '1.2.3.-4',
      '1.2.3.4 ',
      ' 1.2.3.4',
      '1.2.3.4\n',
      '1.2.3.4\0',
      '1.2.3.4/32',
      '1.2.3.4:80',
    ],
    ...['fe80::1%eth0', 'fe80::1%1', '1.2.3.4%eth0', '[::1]', '::1::', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9'],
    ...[':::', '12345::', '::g', '::ffff:01.2.3.4', '::ffff:1.2.3', '::ffff:0x1.2.3.4', '0::2:3:4:5:6:7:8'],
    ...['localhost', '１.2.3.4', '1。2。3。4', '\u0661.2.3.4'],
  ])('refuses %j', (text) => {
    expect(parseAddress(text)).toBeNull();
  });

  it('writes IPv6 as a browser does, and reads its own text', () => {
    fc.assert(
      fc.property(fc.oneof(v6, fc.ipV6()), (text) => {
        const canonical = parseAddress(text);
        expect(parseAddress(canonical ?? '')).toBe(canonical);
        const url = new URL(`http://[${text}]/`).hostname.slice(1, -1);
        expect(canonical).toBe(url.startsWith('::ffff:') ? parseAddress(url) : url);
      }),
    );
  });

  it('throws for no text at all, and accepts none that node does not', () => {
    const noise = fc.string({
      unit: fc.constantFrom(...Array.from('0123456789abf:::...x/%- ')),
      maxLength: 20,
    });
    fc.assert(
      fc.property(fc.oneof(noise, fc.string({ unit: 'binary' })), (text) => {
        const canonical = parseAddress(text);
        if (canonical !== null) expect([isIP(text), isIP(canonical)]).not.toContain(0);
        parseCidr(text);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('parseCidr', () => {
  it.each([
    ['203.0.113.0/24', '203.0.113.0/24'],
    ['203.0.113.77/24', '203.0.113.0/24'],
    ['255.255.255.255/17', '255.255.128.0/17'],
    ['203.0.113.7', '203.0.113.7/32'],
    ['1.2.3.4/0', '0.0.0.0/0'],
    ['2001:DB8::1', '2001:db8::1/128'],
    ['2001:db8:ffff::1/33', '2001:db8:8000::/33'],
    ['2001:db8::1/0', '::/0'],
    ['::ffff:1.2.3.4', '1.2.3.4/32'],
    ['::ffff:1.2.3.4/120', '1.2.3.0/24'],
    ['::ffff:0:0/96', '0.0.0.0/0'],
  ])('writes %s as %s', (text, canonical) => {
    expect(parseCidr(text)).toBe(canonical);
  });

  it.each([
    ...['', '/', '/24', '10.1/16', '10/8', '0x0a.0.0.0/8', '010.0.0.0/8', '1.2.3.4/', '1.2.3.4/33', '::/129'],
    ...['1.2.3.4/-1', '1.2.3.4/+8', '1.2.3.4/08', '1.2.3.4/8.0', '1.2.3.4/ 8', '1.2.3.4/8 ', '1.2.3.4/8/8'],
    ...['1.2.3.4/255.255.255.0', '1.2.3.4/1e1', '1.2.3.4/0x8', '::1/64%1', 'fe80::1%eth0/64', '::/1000'],
    ...['::ffff:1.2.3.4/95', '::ffff:1.2.3.4/24', '::ffff:1.2.3.4/129', 'example.com/24', '*', '1.2.3.*'],
  ])('refuses %j', (text) => {
    expect(parseCidr(text)).toBeNull();
  });

  it('has one text for one range: its own text again, and the same from every host within', () => {
    fc.assert(
      fc.property(range, (text) => {
        const canonical = parseCidr(text) ?? '';
        expect(parseCidr(canonical)).toBe(canonical);
        expect(canonical.split('/')[1]).toBe(text.split('/')[1]);
        expect(inAnyRange(text.split('/')[0] ?? '', [canonical])).toBe(true);
      }),
    );
  });
});

describe('inAnyRange', () => {
  it("agrees with node's own block list about every address and range", () => {
    fc.assert(
      fc.property(fc.oneof(near, fc.tuple(range, address)), ([cidr, client]) => {
        const canonical = parseCidr(cidr) ?? '';
        expect(inAnyRange(client, [cidr])).toBe(oracle([cidr], client));
        expect(inAnyRange(client, [canonical])).toBe(oracle([cidr], client));
      }),
      { numRuns: 2_000 },
    );
  });

  it('is true when one of many ranges holds the address, and false without ranges', () => {
    expect(inAnyRange('10.1.2.3', ['192.0.2.0/24', '2001:db8::/32', '10.0.0.0/8'])).toBe(true);
    expect(inAnyRange('10.1.2.3', [])).toBe(false);
  });

  it('takes a mapped client for the IPv4 client it is, on either side', () => {
    expect(inAnyRange('::ffff:10.1.2.3', ['10.0.0.0/8'])).toBe(true);
    expect(inAnyRange('10.1.2.3', ['::ffff:10.0.0.0/104'])).toBe(true);
    expect(inAnyRange('::10.1.2.3', ['10.0.0.0/8'])).toBe(false);
  });

  it('keeps the families apart, even where a range is everything', () => {
    expect(inAnyRange('10.1.2.3', ['::/0'])).toBe(false);
    expect(inAnyRange('::ffff:10.1.2.3', ['::/0'])).toBe(false);
    expect(inAnyRange('2001:db8::1', ['0.0.0.0/0'])).toBe(false);
  });

  it('lets nothing in that it cannot read', () => {
    expect(inAnyRange('10.1', ['0.0.0.0/0'])).toBe(false);
    expect(inAnyRange('', ['0.0.0.0/0', '::/0'])).toBe(false);
    expect(inAnyRange('10.1.2.3', ['10.1', '0.0.0.0/00', '', 'nonsense'])).toBe(false);
  });
});

describe('rangesWithin', () => {
  it.each([
    [['10.1.0.0/16'], ['10.0.0.0/8'], true],
    [['10.0.0.0/8'], ['10.0.0.0/8'], true],
    [['10.0.0.0/8'], ['10.1.0.0/16'], false],
    [['10.1.0.0/16', '192.0.2.7'], ['192.0.2.0/24', '10.0.0.0/8'], true],
    [['10.1.0.0/16', '192.0.3.7'], ['192.0.2.0/24', '10.0.0.0/8'], false],
    [['10.0.0.0/8'], ['10.0.0.0/9', '10.128.0.0/9'], false],
    [['::/0'], ['0.0.0.0/0'], false],
    [['10.0.0.0/8'], ['::/0'], false],
    [['::ffff:10.0.0.0/104'], ['10.0.0.0/8'], true],
    [['10.0.0.0/8'], [], false],
    [[], [], true],
    [['nonsense'], ['0.0.0.0/0'], false],
    [['10.0.0.1'], ['nonsense'], false],
  ])('says of %j within %j: %s', (inner, outer, answer) => {
    expect(rangesWithin(inner, outer)).toBe(answer);
  });

  it('is reflexive, and admits no address the outer ranges do not', () => {
    const ranges = fc.array(range, { maxLength: 3 });
    fc.assert(
      fc.property(ranges, ranges, near, fc.nat(32), (some, more, [cidr, client], shorter) => {
        const wide = cidr.replace(/\d+$/, (prefix) => String(Math.max(0, Number(prefix) - shorter)));
        const outer = [...more, wide];
        expect(rangesWithin([...some, cidr], [...some, cidr])).toBe(true);
        expect(rangesWithin([cidr], outer)).toBe(true);
        if (rangesWithin([cidr, ...some], outer) && inAnyRange(client, [cidr, ...some])) {
          expect(inAnyRange(client, outer)).toBe(true);
        }
      }),
    );
  });
});

/** Node's own range matcher, which shares no code with ours; it lets `::/0` hold IPv4 as well, we do not. */
function oracle(cidrs: readonly string[], client: string): boolean {
  const list = new BlockList();
  for (const cidr of cidrs.filter((one) => one.includes(':') === client.includes(':'))) {
    const [host = '', prefix] = cidr.split('/');
    list.addSubnet(host, Number(prefix), isIPv4(host) ? 'ipv4' : 'ipv6');
  }
  return list.check(client, isIPv4(client) ? 'ipv4' : 'ipv6');
}

/** The same address but for one bit. */
function flip(text: string, bit: number): string {
  const [separator, radix, width] = isIPv4(text) ? (['.', 10, 8] as const) : ([':', 16, 16] as const);
  const parts = text.split(separator).map((part) => parseInt(part, radix));
  const at = Math.floor(bit / width) % parts.length;
  return parts
    .map((part, index) => (index === at ? part ^ (1 << (bit % width)) : part).toString(radix))
    .join(separator);
}
