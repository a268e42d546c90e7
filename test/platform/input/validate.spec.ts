import { describe, expect, it } from '@jest/globals';
import { PartialType, PickType } from '@nestjs/swagger';
import { IsEmail, IsOptional, validateSync } from 'class-validator';
import fc from 'fast-check';
import { Problem } from '../../../src/platform/errors/problem.js';
import {
  Checked,
  Flag,
  Instant,
  Int,
  JsonObject,
  ListOf,
  ListOfNested,
  Nested,
  Nullable,
  OneOf,
  Optional,
  Text,
} from '../../../src/platform/input/fields.js';
import type { Dto } from '../../../src/platform/input/rule.js';
import { validateBody } from '../../../src/platform/input/validate.js';

class RateLimit {
  @Int({ min: 1, max: 1000 })
  limit!: number;

  @Int({ min: 1, max: 86_400, default: 60 })
  window_seconds!: number;
}

class Item {
  @Text({ max: 20, characters: 'any' })
  token!: string;
}

const isScope = (text: string) => (text.includes(':') ? null : 'must be of the form resource:action');

class Issue {
  @Text({ max: 10 })
  name!: string;

  @ListOf(Text({ max: 20 }), { min: 1, max: 4, unique: true })
  @Checked('scope', isScope, { each: true })
  scopes!: string[];

  @OneOf(['live', 'test'], { default: 'live' })
  environment!: 'live' | 'test';

  @Nullable()
  @Instant()
  @Checked('either', (_text, body) =>
    body.expires_in === undefined ? null : 'must not be given with expires_in',
  )
  expires_at?: string | null;

  @Optional()
  @Int({ min: 1, max: 100 })
  expires_in?: number;

  @Nested(() => RateLimit)
  @Nullable()
  rate_limit?: RateLimit | null;

  @Optional()
  @JsonObject({ maxBytes: 20 })
  metadata?: Record<string, unknown>;

  @Optional()
  @Flag()
  enabled?: boolean;

  @Optional()
  @ListOfNested(() => Item, { min: 1, max: 5 })
  items?: Item[];

  @Optional()
  @Text({ min: 0, max: 20, characters: 'lines' })
  description?: string;
}

const least = { name: 'Acme', scopes: ['a:read'] };

function faultsOf(body: unknown, dto: Dto = Issue): Record<string, string> {
  try {
    validateBody(dto, body);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    expect(error.status).toBe(400);
    const faults = (error.details ?? []).map(({ field, message }) => [field, message] as const);
    expect(new Set(faults.map(([field]) => field)).size).toBe(faults.length);
    return Object.fromEntries(faults);
  }
  return {};
}

describe('an accepted body', () => {
  it('arrives as an instance of its class, nested ones too, with defaults filled in', () => {
    const body = validateBody(Issue, { ...least, rate_limit: { limit: 5 }, items: [{ token: 'x' }] });
    expect(body).toBeInstanceOf(Issue);
    expect(body.rate_limit).toBeInstanceOf(RateLimit);
    expect(body.items?.[0]).toBeInstanceOf(Item);
    expect(body).toEqual({
      ...least,
      environment: 'live',
      rate_limit: { limit: 5, window_seconds: 60 },
      items: [{ token: 'x' }],
    });
  });

  it('may leave out what is optional and null what is nullable, and the two stay apart', () => {
    expect(faultsOf({ ...least, expires_at: null, rate_limit: null })).toEqual({});
    expect(validateBody(Issue, { ...least, expires_at: null }).expires_at).toBeNull();
    expect('expires_at' in validateBody(Issue, least)).toBe(false);
    expect(faultsOf({ ...least, enabled: null, name: null, environment: null })).toEqual({
      enabled: 'must not be null',
      name: 'must not be null',
      environment: 'must not be null',
    });
  });
});

describe('a refused body', () => {
  it('has every fault of every field listed at once, each with its path', () => {
    const body = {
      name: '',
      scopes: ['a:read', 7, 'b', 'a:read'],
      environment: 'prod',
      expires_at: 'tomorrow',
      expires_in: 1.5,
      rate_limit: { limit: '5', window: 1 },
      metadata: [],
      enabled: 'true',
      items: [{ token: 'x' }, {}, null, { token: 'x', tokn: 1 }],
      description: 'a\u0007',
      extra: 1,
    };
    expect(faultsOf(body)).toEqual({
      name: 'must be a string of 1 to 10 characters',
      'scopes[1]': 'must be a string of 1 to 20 characters',
      'scopes[2]': 'must be of the form resource:action',
      'scopes[3]': 'repeats an earlier item',
      environment: 'must be one of live, test',
      expires_at: expect.stringContaining('must be an RFC 3339 date-time'),
      expires_in: 'must be a whole number from 1 to 100',
      'rate_limit.limit': 'must be a whole number from 1 to 1000',
      'rate_limit.window': 'is not a known field',
      metadata: 'must be a JSON object of at most 20 bytes',
      enabled: 'must be true or false',
      'items[1].token': 'is required',
      'items[2]': 'must be an object',
      'items[3].tokn': 'is not a known field',
      description: 'must not contain control characters other than tabs and line breaks',
      extra: 'is not a known field',
    });
  });

  it.each([[undefined], [null], [[]], ['{}'], [7], [true], [new Date(0)], [Buffer.from('{}')]])(
    'is anything but an object: %p',
    (body) => {
      expect(faultsOf(body)).toEqual({ '': 'must be an object' });
    },
  );

  it('is one with a field that every object has by inheritance', () => {
    const names = Object.getOwnPropertyNames(Object.prototype);
    for (const name of names) {
      const body = JSON.parse(`{"name":"Acme","scopes":["a:read"],"${name}":{"prototype":{}}}`) as unknown;
      expect(faultsOf(body)).toEqual({ [name]: 'is not a known field' });
      expect({}).not.toHaveProperty('prototype');
    }
  });

  it('never has its values quoted', () => {
    const secret = 'tkn_live_secret';
    const keys = [
      'name',
      'environment',
      'expires_at',
      'expires_in',
      'rate_limit',
      'metadata',
      'enabled',
      'items',
    ];
    for (const wrong of [secret, [secret], { [secret.repeat(3)]: secret }, secret.repeat(9)]) {
      const body = Object.fromEntries(
        [...keys, 'scopes', 'description', 'unknown'].map((key) => [key, wrong]),
      );
      expect(JSON.stringify(faultsOf(body))).not.toContain(secret);
    }
  });

  it('is refused for one field given beside another when the feature says so', () => {
    const moment = '2030-01-01T00:00:00Z';
    expect(faultsOf({ ...least, expires_at: moment, expires_in: 5 })).toEqual({
      expires_at: 'must not be given with expires_in',
    });
  });
});

describe('the shortcut past class-validator', () => {
  const anything = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.constantFrom(null, '', 'a:read', 'live', 5, true, {}, [], ['a:read'], { limit: 5 }, [{ token: 'x' }]),
    fc.constantFrom('2030-01-01T00:00:00Z', ['a:b', 'c:d'], { a: 1 }, ['a:b', 'a:b'], [{ token: '' }]),
  );
  const keys = [
    'expires_at',
    'expires_in',
    'rate_limit',
    'metadata',
    'enabled',
    'items',
    'environment',
  ] as const;
  const bodies = fc
    .tuple(
      fc.record({ name: fc.oneof({ weight: 4, arbitrary: fc.constant('Acme') }, anything) }),
      fc.record({ scopes: fc.oneof({ weight: 4, arbitrary: fc.constant(['a:read']) }, anything) }),
      fc.dictionary(fc.constantFrom(...keys), anything, { maxKeys: 3 }),
    )
    .map((parts): object => Object.assign({}, ...parts) as object);

  it('accepts and refuses exactly what class-validator does', () => {
    const verdicts = { accepted: 0, refused: 0 };
    fc.assert(
      fc.property(bodies, (body) => {
        const isAccepted = validateSync(Object.assign(new Issue(), body)).length === 0;
        expect(Object.keys(faultsOf(body)).length === 0).toBe(isAccepted);
        verdicts[isAccepted ? 'accepted' : 'refused']++;
      }),
      { numRuns: 3000 },
    );
    expect(Math.min(verdicts.accepted, verdicts.refused)).toBeGreaterThan(100);
  });

  it('is not taken by a class with decorators of class-validator itself', () => {
    class Invite {
      @IsEmail()
      email!: string;

      @Text({ max: 5 })
      name!: string;
    }
    expect(validateBody(Invite, { email: 'a@example.org', name: 'x' })).toBeInstanceOf(Invite);
    expect(faultsOf({ email: 'a', name: 'x' }, Invite)).toEqual({ email: 'email must be an email' });
    expect(faultsOf({ email: 'a', name: '' }, Invite)).toEqual({
      email: 'email must be an email',
      name: 'must be a string of 1 to 5 characters',
    });
  });
});

describe('a class made of another', () => {
  class Rename extends PartialType(PickType(Issue, ['name', 'environment', 'rate_limit']), {
    skipNullProperties: false,
  }) {}

  it('keeps the checks, and takes what is absent for unchanged, not for the default', () => {
    expect(validateBody(Rename, {})).toEqual({});
    expect(validateBody(Rename, { rate_limit: null })).toEqual({ rate_limit: null });
    expect(faultsOf({ name: null, environment: 'x', scopes: [] }, Rename)).toEqual({
      name: 'must not be null',
      environment: 'must be one of live, test',
      scopes: 'is not a known field',
    });
  });

  it('is refused at first use if its decorators do not mean what they say', () => {
    class TakesNull extends PartialType(PickType(Issue, ['name'])) {}
    class HasNoType {
      @Optional()
      name?: string;
    }
    class Mixed {
      @IsOptional()
      @Text({ max: 5 })
      name?: string;
    }
    for (const dto of [TakesNull, HasNoType, Mixed]) expect(() => validateBody(dto, {})).toThrow(/name/);
  });
});
