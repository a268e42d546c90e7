import { describe, expect, it } from '@jest/globals';
import { makeLogger, NestLogger } from '../../src/platform/logger.js';
import { unissued } from '../support/secret-format.js';

const SECRETS = [unissued(), unissued('tkn', 'test'), unissued('a1'), unissued('abcdefghijklmnop')];

/** A logger, and what it wrote. */
function capture(level: Parameters<typeof makeLogger>[0] = 'trace') {
  const lines: string[] = [];
  const logger = makeLogger(level, { write: (line) => lines.push(line) });
  return { logger, nest: new NestLogger(logger), lines, text: () => lines.join('') };
}

describe('the log', () => {
  it('is one JSON object a line, with time and level', () => {
    const { logger, lines } = capture();
    logger.warn({ requestId: 'req_1' }, 'two\nlines');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^[^\n]*\n$/);
    expect(JSON.parse(lines[0]!)).toEqual({
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      requestId: 'req_1',
      msg: 'two\nlines',
    });
  });

  it('writes nothing below its level', () => {
    const { logger, nest, lines } = capture('warn');
    logger.info('quiet');
    nest.log('quiet', 'Nest');
    expect(lines).toEqual([]);
  });

  /** Secrets of every shape in this text, in every part of a line, leave nothing but their prefix. */
  function expectHidden(text: (secret: string) => string): void {
    for (const secret of SECRETS) {
      const { logger, text: written } = capture();
      logger.error(text(secret));
      logger.error({ deep: { down: [text(secret)] }, [text(secret)]: 1 }, 'x');
      logger.error({ err: new Error(text(secret), { cause: new Error(text(secret)) }) }, 'x');
      expect(written().includes(secret.slice(-36, -6))).toBe(false);
    }
  }

  it.each([
    ['alone', (secret: string) => secret],
    ['in a header', (secret: string) => `Authorization: Bearer ${secret}`],
    ['in a URL', (secret: string) => `GET /v1/me?api_key=${secret}&x=1`],
    ['in JSON within JSON', (secret: string) => JSON.stringify({ token: secret })],
    ['in quotes, brackets and commas', (secret: string) => `["${secret}", '${secret}', (${secret})]`],
    ['at the end of a sentence', (secret: string) => `The secret is ${secret}.`],
  ])('shows no secret %s', (_where, text) => {
    expectHidden(text);
  });

  // JSON's and URLs' escapes leave no boundary of a word before a secret.
  it.each([
    ['between line breaks', (secret: string) => `secret:\n${secret}\n`],
    ['after a tab', (secret: string) => `secret:\t${secret}`],
    ['in an encoded URL', (secret: string) => `/v1/me%3Fapi_key%3D${secret}%26x`],
    ['after an underscore', (secret: string) => `value_${secret}`],
    ['before more letters', (secret: string) => `${secret}${secret}x_y`],
  ])('shows no secret %s', (_where, text) => {
    expectHidden(text);
  });

  it('redacts what stands where credentials stand, whatever its form', () => {
    const { logger, text } = capture();
    const basic = 'Basic c2VjcmV0IG9mIGFueSBmb3Jt';
    logger.info({ authorization: basic, password: 'hunter2', secret: 's3' });
    logger.info({ headers: { authorization: basic }, user: { password: 'hunter2' }, a: { secret: 's3' } });
    logger.info({ req: { headers: { authorization: basic } } });
    expect(text()).not.toMatch(/c2VjcmV0|hunter2|s3/);
  });

  it('leaves handles, hints and hashes as they are', () => {
    const plain =
      'key_01k2qj6m4xf3v9n0e7w8r5t2ya tok_live_…XbQ1 tok_live_ 0123456789abcdef0123456789abcdef0123';
    const { logger, lines } = capture();
    logger.info(plain);
    expect((JSON.parse(lines[0]!) as { msg: string }).msg).toBe(plain);
  });

  it('takes Nest’s messages: text, facts and context', () => {
    const { nest, lines } = capture();
    nest.error({ requestId: 'req_1', err: new Error('inside') }, 'internal', 'ProblemFilter');
    nest.warn('careful', 'Router');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      {
        level: 'error',
        requestId: 'req_1',
        err: { message: 'inside' },
        msg: 'internal',
        context: 'ProblemFilter',
      },
      { level: 'warn', msg: 'careful', context: 'Router' },
    ]);
  });

  // An Error's message and stack are none of its own enumerable members.
  it('keeps message and stack of an Error that Nest hands over bare', () => {
    const { nest, text } = capture();
    nest.error(new Error('bare'), 'ExceptionsHandler');
    expect(text()).toContain('bare');
    expect(text()).toContain('logger.spec');
  });
});
