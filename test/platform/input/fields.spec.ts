import { describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, Module, Post, Query } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
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
import { instant } from '../../../src/platform/input/instant.js';
import { validateBody } from '../../../src/platform/input/validate.js';

describe('lengths of text', () => {
  class Name {
    @Text({ min: 2, max: 4 })
    name!: string;
  }
  const isAccepted = (name: string) => {
    try {
      return validateBody(Name, { name }).name === name;
    } catch (error) {
      expect(error).toBeInstanceOf(Problem);
      return false;
    }
  };

  it('count code points', () => {
    expect(['ab', 'abcd', '😀😀', '😀😀😀😀', 'e\u0301'].every(isAccepted)).toBe(true);
    expect(['', 'a', 'abcde', '😀', '😀😀😀😀😀'].some(isAccepted)).toBe(false);
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', 'ü', '😀', '漢'), maxLength: 6 }), (name) => {
        const points = Array.from(name).length;
        expect(isAccepted(name)).toBe(points >= 2 && points <= 4);
      }),
    );
  });

  it('leave no room for control characters, NUL or half characters', () => {
    for (const bad of ['\0', '\n', '\u001b', '\u007f', '\u0085', '\ud800', '\udc00']) {
      expect(isAccepted(`a${bad}b`)).toBe(false);
    }
  });
});

describe('instants', () => {
  it.each([
    ['1970-01-01T00:00:00Z', 0],
    ['2027-01-31T12:00:00.5+02:00', Date.UTC(2027, 0, 31, 10, 0, 0, 500)],
    ['2024-02-29t23:59:59.123456789z', Date.UTC(2024, 1, 29, 23, 59, 59, 123)],
    ['1969-12-31T23:30:00-00:30', 0],
    ['9999-12-31T23:59:59.999Z', Date.UTC(9999, 11, 31, 23, 59, 59, 999)],
    ['2027-01-01T00:00:00-23:59', Date.UTC(2027, 0, 1, 23, 59)],
  ])('%s is a moment', (text, expected) => {
    expect(instant(text)).toBe(expected);
  });

  it.each([
    ...['', '2027-01-31', '2027-01-31T12:00:00', '2027-01-31 12:00:00Z', '2027-1-31T12:00:00Z', '1769947200'],
    ...['2027-02-29T00:00:00Z', '2027-04-31T00:00:00Z', '2027-00-01T00:00:00Z', '2027-01-00T00:00:00Z'],
    ...['2027-13-01T00:00:00Z', '2027-01-01T24:00:00Z', '2027-01-01T00:60:00Z', '2027-01-01T00:00:60Z'],
    ...[
      '2027-01-01T00:00:00+24:00',
      '2027-01-01T00:00:00+0100',
      '2027-01-01T00:00:00.Z',
      '2100-02-29T00:00:00Z',
    ],
    ...[
      '1970-01-01T00:00:00+00:01',
      '9999-12-31T23:59:59-00:01',
      '0070-01-01T00:00:00Z',
      '+02027-01-01T00:00:00Z',
    ],
    ...[
      '２027-01-01T00:00:00Z',
      '2027-01-01T00:00:00Z\n',
      ' 2027-01-01T00:00:00Z',
      '-000001-01-01T00:00:00Z',
    ],
  ])('%j is none', (text) => {
    expect(instant(text)).toBeNaN();
  });

  it('read back every moment that JavaScript writes', () => {
    const years = { min: new Date(0), max: new Date(Date.UTC(9999, 11, 31)), noInvalidDate: true };
    fc.assert(
      fc.property(fc.date(years), (date) => {
        expect(instant(date.toISOString())).toBe(date.getTime());
      }),
    );
  });
});

class Window {
  @Int({ min: 1, max: 9, description: 'How many.', example: 3 })
  limit!: number;
}

class Everything {
  @Text({ max: 5, format: { pattern: /^[a-z]+$/, message: 'must be lower case' } })
  name!: string;

  @Checked('scope', () => null, { each: true })
  @ListOf(Text({ max: 7 }), { min: 1, max: 3, unique: true })
  scopes!: string[];

  @Checked('cidr', () => null)
  @Text({ min: 0, max: 7 })
  @Optional()
  address?: string;

  @Instant()
  @Nullable()
  expires_at?: string | null;

  @OneOf(['live', 'test'], { default: 'live' })
  environment!: 'live' | 'test';

  @Nullable()
  @Nested(() => Window)
  window?: Window | null;

  @ListOfNested(() => Window, { max: 2 })
  windows!: Window[];

  @JsonObject()
  metadata!: object;

  @Flag()
  enabled!: boolean;
}

class Filters {
  @Int({ min: 1, max: 100, default: 25 })
  limit!: number;

  @Optional()
  @ListOf(OneOf(['a', 'b']), { max: 2 })
  status?: string[];
}

@Controller('things')
class Things {
  @Post()
  make(@Body() body: Everything): unknown {
    return body;
  }

  @Get()
  list(@Query() query: Filters): unknown {
    return query;
  }
}

@Module({ controllers: [Things] })
class ThingsModule {}

describe('the OpenAPI document', () => {
  it('says of every field what is checked', async () => {
    const app = await NestFactory.create<NestFastifyApplication>(ThingsModule, new FastifyAdapter(), {
      logger: false,
    });
    const document = SwaggerModule.createDocument(
      app,
      new DocumentBuilder().setOpenAPIVersion('3.1.0').build(),
    );
    await app.close();

    expect(document.components?.schemas?.Window).toEqual({
      type: 'object',
      required: ['limit'],
      properties: {
        limit: { type: 'integer', minimum: 1, maximum: 9, description: 'How many.', example: 3 },
      },
    });
    expect(document.components?.schemas?.Everything).toEqual({
      type: 'object',
      required: ['name', 'scopes', 'windows', 'metadata', 'enabled'],
      properties: {
        name: { type: 'string', minLength: 1, maxLength: 5, pattern: '^[a-z]+$' },
        scopes: {
          type: 'array',
          items: { type: 'string', minLength: 1, maxLength: 7, format: 'scope' },
          minItems: 1,
          maxItems: 3,
          uniqueItems: true,
        },
        address: { type: 'string', maxLength: 7, format: 'cidr' },
        expires_at: { type: ['string', 'null'], format: 'date-time' },
        environment: { type: 'string', enum: ['live', 'test'], default: 'live' },
        window: { anyOf: [{ $ref: '#/components/schemas/Window' }, { type: 'null' }] },
        windows: { type: 'array', items: { $ref: '#/components/schemas/Window' }, maxItems: 2 },
        metadata: { type: 'object', additionalProperties: true },
        enabled: { type: 'boolean' },
      },
    });
    const status = { type: 'string', enum: ['a', 'b'] };
    expect(document.paths['/things']?.get?.parameters).toEqual([
      {
        name: 'limit',
        in: 'query',
        required: false,
        schema: { type: 'integer', minimum: 1, maximum: 100, default: 25 },
      },
      { name: 'status', in: 'query', required: false, schema: { type: 'array', items: status, maxItems: 2 } },
    ]);
  });
});
