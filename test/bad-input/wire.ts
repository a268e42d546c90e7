import { connect, type Socket } from 'node:net';

/** An answer as it came off the wire. */
export interface WireAnswer {
  status: number;
  headers: Map<string, string>;
  text: string;
}

const PATIENCE_MS = 10_000;

/**
 * Sends exactly these bytes, and reads until the server closes.
 *
 * @param after what to do with the connection once they are sent.
 */
export function converse(
  url: string,
  bytes: string | Buffer,
  after: (socket: Socket) => void = () => undefined,
): Promise<WireAnswer[]> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const received: Buffer[] = [];
    const socket = connect(Number(port), hostname, () => {
      socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes, () => {
        after(socket);
      });
    });
    socket.on('data', (chunk) => received.push(chunk));
    socket.setTimeout(PATIENCE_MS, () => {
      socket.destroy();
      reject(new Error('the server keeps the connection open'));
    });
    // The server may close while we still send.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      resolve(answersIn(Buffer.concat(received).toString('latin1')));
    });
  });
}

/** Head lines and body as bytes. */
export function message(head: readonly string[], body: string | Buffer = ''): Buffer {
  return Buffer.concat([Buffer.from([...head, '', ''].join('\r\n'), 'latin1'), Buffer.from(body)]);
}

/** One answer after the other; each of ours announces its length. */
function answersIn(wire: string): WireAnswer[] {
  const end = wire.indexOf('\r\n\r\n');
  if (end === -1) return [];
  const [statusLine = '', ...lines] = wire.slice(0, end).split('\r\n');
  const headers = new Map(
    lines.map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const length = Number(headers.get('content-length') ?? 0);
  const body = wire.slice(end + 4, end + 4 + length);
  const answer = { status: Number(statusLine.split(' ')[1]), headers, text: body };
  return [answer, ...answersIn(wire.slice(end + 4 + length))];
}
