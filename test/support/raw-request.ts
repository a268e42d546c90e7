import { connect } from 'node:net';

/** An answer as it came off the wire. */
export interface RawAnswer {
  status: number;
  /** Names in lower case, in the order they came. */
  headers: [name: string, value: string][];
  text: string;
  requestId: string;
  header(name: string): string | undefined;
}

/** Sends exactly these lines and bytes, as no HTTP client would; `Host` and `Connection: close` are added. */
export function sendRaw(
  url: string,
  head: readonly string[],
  body: string | Buffer = '',
): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  const [requestLine = '', ...headers] = head;
  const lines = [requestLine, `Host: ${hostname}`, 'Connection: close', ...headers, '', ''];
  return new Promise((resolve, reject) => {
    const received: Buffer[] = [];
    const socket = connect(Number(port), hostname, () => {
      socket.write(Buffer.concat([Buffer.from(lines.join('\r\n'), 'latin1'), Buffer.from(body)]));
    });
    socket.on('data', (chunk) => received.push(chunk));
    socket.on('error', reject);
    socket.on('close', () => {
      resolve(read(Buffer.concat(received).toString('latin1')));
    });
  });
}

/** `GET path` with these header lines. */
export function getRaw(url: string, path: string, ...headers: string[]): Promise<RawAnswer> {
  return sendRaw(url, [`GET ${path} HTTP/1.1`, ...headers]);
}

function read(wire: string): RawAnswer {
  const end = wire.indexOf('\r\n\r\n');
  const [statusLine = '', ...lines] = wire.slice(0, end).split('\r\n');
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  const header = (name: string) => headers.find(([each]) => each === name)?.[1];
  return {
    status: Number(statusLine.split(' ')[1]),
    headers,
    text: wire.slice(end + 4),
    requestId: header('x-request-id') ?? '',
    header,
  };
}
