import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  destinationFault,
  hostOf,
  knownAddresses,
  urlFault,
} from '../../src/platform/outbound/destination.js';
import { post } from '../../src/platform/outbound/post.js';
import { Receiver } from './receiver.js';

const LISTED = ['127.0.0.0/8'];

/** What the product decides of a URL whose name, if it is one, leads to these addresses. */
function judged(text: string, resolved: string[] = [], listed: string[] = []): string | null {
  const form = urlFault(text);
  if (form !== null) return form;
  const url = new URL(text);
  return destinationFault(url, knownAddresses(hostOf(url)) ?? resolved, listed);
}

describe('where notices are sent', () => {
  it.each([
    ...[
      '127.0.0.1',
      '127.1',
      '2130706433',
      '0x7f000001',
      '0177.0.0.1',
      '017700000001',
      '0x7f.1',
      '127.0.0.1.',
    ],
    ...[
      '0',
      '0.0.0.0',
      '10.0.0.1',
      '172.16.0.1',
      '192.168.1.1',
      '169.254.169.254',
      '100.64.0.1',
      '192.0.0.1',
    ],
    ...['198.18.0.1', '192.0.2.1', '224.0.0.1', '255.255.255.255', '240.0.0.1', '①②⑦.0.0.1'],
    ...[
      '[::1]',
      '[::]',
      '[::ffff:127.0.0.1]',
      '[::ffff:7f00:1]',
      '[::127.0.0.1]',
      '[0:0:0:0:0:ffff:10.0.0.1]',
    ],
    ...[
      '[64:ff9b::7f00:1]',
      '[64:ff9b:1::1]',
      '[fe80::1]',
      '[fc00::1]',
      '[fd00::1]',
      '[fec0::1]',
      '[ff02::1]',
    ],
    ...['[2002:7f00:1::]', '[2001::1]', '[2001:db8::1]', '[100::1]', '[1000::1]'],
    ...['localhost', 'LOCALHOST', 'localhost.', 'a.localhost'],
  ])('is never %s, unless it is listed', (host) => {
    expect(judged(`https://${host}/`)).toMatch(/not public/);
    expect(judged(`http://${host}:8080/`)).toMatch(/not public/);
  });

  it.each([
    [['10.0.0.1']],
    [['93.184.216.34', '10.0.0.1']],
    [['93.184.216.34', '::1']],
    [['::ffff:169.254.169.254']],
    [['nonsense']],
  ])('is no name that leads to %j: every address counts', (addresses) => {
    expect(judged('https://innocent.example/', addresses)).toMatch(/not public/);
  });

  it('is a name that leads to public addresses, with TLS; without it only what is listed', () => {
    const addresses = ['93.184.216.34', '2606:2800:220:1:248:1893:25c8:1946'];
    expect(judged('https://fine.example:8443/path?query', addresses)).toBeNull();
    expect(judged('http://fine.example/', addresses)).toMatch(/must have https/);
    expect(judged('https://nowhere.example/', [])).toMatch(/no address/);
    expect(judged('http://10.1.2.3/', [], ['10.0.0.0/8'])).toBeNull();
    expect(judged('http://mixed.example/', ['10.1.2.3', '93.184.216.34'], ['10.0.0.0/8'])).toMatch(/https/);
    expect(judged('https://mixed.example/', ['10.1.2.3', '93.184.216.34'], ['10.0.0.0/8'])).toBeNull();
    expect(judged('http://localhost/', [], LISTED)).toMatch(/not public/);
    expect(judged('http://localhost/', [], [...LISTED, '::1'])).toBeNull();
  });

  it.each([
    '',
    'x',
    '//x',
    'ftp://x/',
    'https://',
    'https://a b/',
    'https://u@x/',
    'https://u:p@x/',
    'https://x/#',
  ])('is nothing like %j', (text) => {
    if (text === 'https://x/#') expect(urlFault(text)).toBeNull();
    else expect(urlFault(text)).not.toBeNull();
  });
});

describe('a request to a server that somebody else has chosen', () => {
  let receiver: Receiver;
  beforeAll(async () => {
    receiver = await Receiver.start();
  });
  afterAll(() => receiver.close());

  const send = (url: string, addresses: string[], limitMs?: number) => {
    const { signal } = new AbortController();
    let asked = 0;
    const resolve = async (): Promise<string[]> => {
      asked += 1;
      // Whoever asks a second time is led elsewhere.
      return asked === 1 ? addresses : ['192.0.2.1'];
    };
    return post({ url, headers: {}, body: '{}', listed: LISTED, signal }, resolve, limitMs);
  };

  it('connects to the addresses that were judged, and asks for the name once', async () => {
    expect(await send(`http://rebinding.example:${String(receiver.port)}/pinned`, ['127.0.0.1'])).toBe(204);
    expect(receiver.at('/pinned')[0]!.headers.host).toBe(`rebinding.example:${String(receiver.port)}`);
  });

  it('is not even begun when one address may not be', async () => {
    const url = `http://mixed.example:${String(receiver.port)}/mixed`;
    await expect(send(url, ['127.0.0.1', '10.0.0.1'])).rejects.toThrow(/not public/);
    expect(receiver.at('/mixed')).toEqual([]);
  });

  it('ends when time is up, and names no address in what it says', async () => {
    receiver.answering = () => undefined;
    await expect(send(`${receiver.url}/silent`, [], 50)).rejects.toThrow('No answer within 0.05 s');
    await expect(send('http://127.0.0.1:1/', [])).rejects.toThrow('The connection failed: ECONNREFUSED');
    await expect(send(`https://127.0.0.1:${String(receiver.port)}/`, [], 2_000)).rejects.toThrow(
      /^TLS failed|^The/,
    );
    receiver.answering = (_request, response) => response.socket?.destroy();
    await expect(send(`${receiver.url}/cut`, [])).rejects.toThrow(/^The connection/);
    receiver.answering = (_request, response) => {
      response.writeHead(101, { connection: 'upgrade', upgrade: 'x' }).end();
    };
    await expect(send(`${receiver.url}/upgrade`, [], 2_000)).rejects.toThrow();
  });
});
