import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { destinationFault, hostOf, knownAddresses } from './destination.js';
import { resolveName, type ResolveName } from './resolve-name.js';

/** A request to a server that somebody else has chosen. */
export interface OutboundPost {
  /** Of a form that `urlFault` has nothing against. */
  url: string;
  headers: Readonly<Record<string, string>>;
  body: string;
  /** Ranges that may be sent to though they are not public. */
  listed: readonly string[];
  /** Gives up. */
  signal: AbortSignal;
}

/** There was no answer; the message says why, in words that may be shown to whoever chose the server. */
export class OutboundFault extends Error {}

/** For everything: the name, the connection, the request and the answer. */
const LIMIT_MS = 10_000;
/** So much of an answer is read, and forgotten: a server that writes more is not waited for. */
const READ_BYTES = 64 * 1024;

/**
 * Sends one request and returns the status of its answer, whatever it is: redirects are not followed.
 *
 * The name is looked up once, every address is judged, and only these are connected to: a name that leads elsewhere a
 * moment later changes nothing. No proxy is used, whatever the environment says.
 *
 * @throws OutboundFault when there was no answer.
 */
export async function post(
  { url: text, headers, body, listed, signal }: OutboundPost,
  resolve: ResolveName = resolveName,
  limitMs = LIMIT_MS,
): Promise<number> {
  const limit = AbortSignal.timeout(limitMs);
  const ending = AbortSignal.any([signal, limit]);
  try {
    const url = new URL(text);
    const host = hostOf(url);
    const addresses = knownAddresses(host) ?? (await resolve(host, ending));
    ending.throwIfAborted();
    const fault = destinationFault(url, addresses, listed);
    if (fault !== null) throw new OutboundFault(`The URL ${fault}`);
    return await exchange(url, addresses, headers, body, ending);
  } catch (error) {
    if (error instanceof OutboundFault) throw error;
    if (limit.aborted) throw new OutboundFault(`No answer within ${String(limitMs / 1_000)} s`);
    throw new OutboundFault(inWords(error));
  }
}

function exchange(
  url: URL,
  addresses: readonly string[],
  headers: OutboundPost['headers'],
  body: string,
  signal: AbortSignal,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const isHttps = url.protocol === 'https:';
    const request = (isHttps ? httpsRequest : httpRequest)(url, {
      method: 'POST',
      headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
      // Of its own: the global ones may be told of a proxy by the environment, and keep connections.
      agent: isHttps ? new HttpsAgent() : new HttpAgent(),
      lookup: pinnedTo(addresses),
      signal,
    });
    request.on('response', (response) => {
      const settle = (): void => {
        resolve(response.statusCode ?? 0);
        request.destroy();
      };
      let read = 0;
      response.on('data', (chunk: Buffer) => {
        read += chunk.length;
        if (read > READ_BYTES) settle();
      });
      response.on('end', settle).on('error', settle);
    });
    request.on('error', reject);
    // After one of the others it says nothing new; alone, as when the server switches protocols, it is the end.
    request.on('close', () => {
      reject(new Error('closed'));
    });
    request.end(body);
  });
}

/** Answers with the addresses that were judged, so that nobody is asked a second time. */
function pinnedTo(addresses: readonly string[]): LookupFunction {
  const all = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_name, { all: wantsAll }, callback) => {
    if (wantsAll === true) callback(null, all);
    else callback(null, all[0]!.address, all[0]!.family);
  };
}

/** Node's own messages name addresses and files. */
function inWords(error: unknown): string {
  const { code } = error as { code?: unknown };
  if (typeof code !== 'string' || !/^[A-Z][A-Z0-9_]{2,60}$/.test(code)) return 'The connection ended';
  return code.includes('CERT') || code.includes('TLS') || code.includes('SSL') || code.includes('SIGNED')
    ? `TLS failed: ${code}`
    : `The connection failed: ${code}`;
}
