import {
  goodJson,
  itemsOf,
  leastBody,
  leastFields,
  mayBeNull,
  objectJson,
  refOf,
  resolved,
  typeOf,
  type Operation,
  type Parameter,
  type Schema,
} from './operations.js';

/** One way to get a value wrong. */
export interface Mutation {
  name: string;
  /** The wrong value as JSON, or as a part of a query string. */
  text: string;
  /** The faults it must be refused with: paths that begin at the value. */
  fields: string[];
  /** Nothing else can be judged beside it. */
  isHopeless?: true;
}

/** A request with something wrong. */
export interface BadRequest {
  name: string;
  query: string;
  /** Undefined: none is sent. */
  body: string | undefined;
  fields: string[];
}

/** What no value of a format may look like. */
const WRONG_IN_FORM: Record<string, string[]> = {
  'date-time': [
    'now',
    '2030-01-01',
    '2030-01-01T00:00:00',
    '2030-02-29T00:00:00Z',
    '2030-06-30T23:59:60Z',
    '2030-01-01T24:00:00Z',
    '2030-01-01T00:00:00+24:00',
    '1969-12-31T23:59:59Z',
    '9999-12-31T23:59:59-00:01',
    '10000-01-01T00:00:00Z',
    '2030-01-01T00:00:00Z ',
    '२०३०-01-01T00:00:00Z',
  ],
  scope: ['a', '*', 'a:*:b', 'a:b*', 'A:b', 'a:b ', 'a:', 'é:b', 'a:b:c:d:e', 'tokens:everything'],
  cidr: [
    '10.0.0.0/33',
    '10.0.0.0/8/8',
    '10.0.0.0/08',
    '10.1',
    '010.0.0.1',
    '0x0a.0.0.1',
    '::1%lo',
    '[::1]',
    '*',
  ],
  email: ['ada', 'ada@', '@example.com', 'a da@example.com', 'ada@exam ple', 'a@b@c', 'ada@example.com\n'],
  password: ['password1234', '123456789012', 'aaaaaaaaaaaa', 'Passw0rd!!!!', 'qwertyuiop12'],
  ip: ['10.0.0.0/8', '10.1', '010.0.0.1', '::1%lo', '[::1]', '10.0.0.1:80', 'localhost'],
  uri: [
    'hooks.acme.example',
    'ftp://hooks.acme.example',
    'file:///etc/passwd',
    'https://',
    'https://user@hooks.acme.example',
    'https://:secret@hooks.acme.example',
    'https://hooks.acme.example/#here',
    'https://hooks.acme.example/a b',
    ' https://hooks.acme.example',
  ],
  'token-prefix': ['tok', 'key', 'token', '1a', 'Ab', 'a_b', 'a-b', 'aé'],
  'imported-value': [
    ' begins-with-a-blank',
    'ends-with-a-blank ',
    'tab\twithin',
    'beyond-ASCII-é',
    'key_01k2qj6m4xf3v9n0e7w8r5t2ya',
  ],
  'audit-action': ['token', 'token.', '.issue', '*', 'token.*.*', 'TOKEN.issue', 'token issue'],
};

const BODY_LIMIT = 64 * 1024;
const PAST = '"2020-01-01T00:00:00Z"';

function wrongInForm({ format }: Schema): string[] {
  if (format === undefined) return [];
  const wrong = WRONG_IN_FORM[format];
  if (wrong === undefined) throw new Error(`test/bad-input does not know what is wrong in a ${format}`);
  return wrong;
}

/** Texts that the schema of a string refuses for what they are. */
function wrongTexts(schema: Schema): string[] {
  const { minLength = 0, maxLength = Infinity } = schema;
  if (schema.enum !== undefined) {
    return ['', 'nothing-of-these', String(schema.enum[0]).toUpperCase(), `${String(schema.enum[0])} `];
  }
  const lengths = [
    ...(minLength > 0 ? ['x'.repeat(minLength - 1)] : []),
    ...(maxLength < BODY_LIMIT / 8 ? ['x'.repeat(maxLength + 1), '💩'.repeat(maxLength + 1)] : []),
  ];
  return [...lengths, ...wrongInForm(schema)];
}

const wrong = (name: string, text: string, ...fields: string[]): Mutation => ({
  name,
  text,
  fields: fields.length === 0 ? [''] : fields,
});

/** Every way to get a value of this schema wrong in JSON. */
export function wrongJson(schema: Schema): Mutation[] {
  return [
    ...(mayBeNull(schema) ? [] : [wrong('null', 'null')]),
    ...(refOf(schema) === undefined
      ? wrongByType(schema)
      : wrongObject(resolved(schema), leastFields(resolved(schema)))),
  ];
}

function wrongByType(schema: Schema): Mutation[] {
  switch (typeOf(schema)) {
    case 'string':
      return [
        ...others('{}', '[]', '1', 'true', `[${goodJson(schema)}]`),
        ...wrongTexts(schema).map((text) => wrong(JSON.stringify(text).slice(0, 40), JSON.stringify(text))),
        wrong('NUL', String.raw`"a\u0000"`),
        wrong('half a pair', String.raw`"a\ud800"`),
        wrong('half a pair, reversed', String.raw`"\udc00\ud800"`),
      ];
    case 'integer': {
      const { minimum = -Infinity, maximum = Infinity } = schema;
      return [
        ...others('{}', '[]', '"1"', 'true', '1.5', '1e400', '-1e400', '9007199254740993', '9'.repeat(400)),
        ...[minimum - 1, maximum + 1].map((value) => wrong(String(value), String(value))),
        ...(minimum > 0 ? [wrong('-0', '-0')] : []),
      ];
    }
    case 'boolean':
      return others('{}', '[]', '"true"', '0', '1');
    case 'array':
      return wrongList(schema);
    case 'object':
      return [
        ...others('[]', '[{}]', '"{}"', '1', 'true'),
        wrong('more than 4 KiB', `{"a":"${'é'.repeat(2045)}"}`),
        wrong('a key twice', '{"a":1,"b":[{"c":1,"\\u0063":2}]}', 'b[0].c'),
        wrong('__proto__', '{"a":{"__proto__":{}}}', 'a.__proto__'),
        wrong('a constructor’s prototype', '{"constructor":{"prototype":{}}}', 'constructor.prototype'),
        wrong('NUL within', String.raw`{"a":["\u0000"]}`, 'a[0]'),
        wrong('half a pair in a key', String.raw`{"\ud800":1}`, String.raw`["\ud800"]`),
        wrong('a number beyond reading', '{"a":1e400,"b":123456789012345678901}', 'a', 'b'),
        { ...wrong('too deep', `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`, 'a.a.a.a'), isHopeless: true },
      ];
    default:
      throw new Error(`test/bad-input does not know the type of ${JSON.stringify(schema)}`);
  }
}

/** Values of another type. */
function others(...texts: string[]): Mutation[] {
  return texts.map((text) => wrong(text.slice(0, 40), text));
}

function wrongList(schema: Schema): Mutation[] {
  const { minItems = 0, maxItems = Infinity, uniqueItems } = schema;
  const items = itemsOf(schema);
  const item = goodJson(items);
  return [
    ...others('{}', '{"0":"a","length":1}', '"a"', '1', 'true'),
    ...(minItems > 0 ? others('[]') : []),
    wrong('too many', `[${Array.from({ length: maxItems + 1 }, () => item).join(',')}]`),
    ...(uniqueItems === true ? [wrong('an item twice', `[${item},${item}]`, '[1]')] : []),
    ...wrongJson(items).map(({ name, text, fields, ...rest }) => ({
      ...rest,
      name: `item ${name}`,
      text: `[${item},${text}]`,
      fields: fields.map((field) => within('[1]', field)),
    })),
  ];
}

/** Every way to get an object with fields of its own wrong; `good` is the least that it takes. */
function wrongObject(schema: Schema, good: Map<string, string>): Mutation[] {
  const { properties = {}, required = [], additionalProperties } = schema;
  if (additionalProperties !== false) throw new Error('what comes in must be closed to unknown fields');
  const object = (more: [string, string][]) => objectJson(new Map([...good, ...more]));
  const twice = (name: string, spelled = JSON.stringify(name)) => {
    const json = goodJson(properties[name] ?? {});
    return `{${spelled}:${json},${objectJson(new Map([...good, [name, json]])).slice(1)}`;
  };
  const unknown = (name: string, field = name) => wrong(`unknown ${name}`, object([[name, '1']]), field);
  return [
    ...others('[]', '[{}]', '"{}"', '1', 'true'),
    ...required.map((name) =>
      wrong(`without ${name}`, objectJson([...good].filter(([each]) => each !== name)), name),
    ),
    ...Object.entries(properties).flatMap(([name, property]) => [
      ...wrongJson(property).map(({ name: how, text, fields, ...rest }) => ({
        ...rest,
        name: `${name}: ${how}`,
        text: object([[name, text]]),
        fields: fields.map((field) => within(name, field)),
      })),
      wrong(`${name} twice`, twice(name), name),
      wrong(`${name} twice, spelled otherwise`, twice(name, escaped(name)), name),
    ]),
    ...('expires_at' in properties
      ? [
          wrong('expires_at: past', object([['expires_at', PAST]]), 'expires_at'),
          wrong(
            'expires_at: past, and nothing else',
            objectJson([['expires_at', PAST]]),
            'expires_at',
            ...required,
          ),
        ]
      : []),
    unknown('surprise'),
    unknown('constructor'),
    unknown('hasOwnProperty'),
    unknown('__proto__'),
    unknown('', '[""]'),
    unknown('x'.repeat(40), '["xxxxxxxx…"]'),
    ...['id', 'created_at'].filter((name) => !(name in properties)).map((name) => unknown(name)),
    ...[0, 1, 2, 3].map((shift) => everythingWrong(properties, shift)),
  ];
}

/** All fields wrong at once, each in one of its ways, and one unknown. */
function everythingWrong(properties: Record<string, Schema>, shift: number): Mutation {
  const all = Object.entries(properties).map(([name, property], at) => {
    const ways = wrongJson(property).filter(({ isHopeless }) => isHopeless === undefined);
    const { text, fields } = ways[(at + shift * 5) % ways.length]!;
    return { name, text, fields: fields.map((field) => within(name, field)) };
  });
  return wrong(
    `everything (${String(shift)})`,
    objectJson([['surprise', '1'], ...all.map(({ name, text }): [string, string] => [name, text])]),
    'surprise',
    ...all.flatMap(({ fields }) => fields),
  );
}

/** `name` → `"n\u0061me"`: the same key. */
function escaped(name: string): string {
  const second = name.charCodeAt(1).toString(16).padStart(4, '0');
  return `"${name.charAt(0)}\\u${second}${name.slice(2)}"`;
}

/** The path of a place inside a value. */
function within(path: string, inner: string): string {
  return inner === '' || inner.startsWith('[') ? path + inner : `${path}.${inner}`;
}

/** Values that no query parameter of this schema takes, percent-encoded. */
function wrongValues(schema: Schema): string[] {
  const { minimum = 0, maximum = 0 } = schema;
  switch (typeOf(schema)) {
    case 'string':
      return [...wrongTexts(schema), 'a\0', 'a\n'].map(encodeURIComponent);
    case 'integer':
      return [
        ...['', 'x', ' 1', '01', '+1', '-0', '1.0', '1e1', '0x1', '١', '1\0', '9'.repeat(400)],
        ...[minimum - 1, maximum + 1].map(String),
      ].map(encodeURIComponent);
    case 'boolean':
      return ['', '1', 'TRUE', 'yes', 'true\0'].map(encodeURIComponent);
    default:
      throw new Error(`test/bad-input does not know the query parameter ${JSON.stringify(schema)}`);
  }
}

/** What is no percent-encoded UTF-8: cut short, no hexadecimal, overlong, a surrogate. */
const UNDECODABLE = ['%', '%zz', '%ff', '%c0%af', '%ed%a0%80'];

/** Every way to get one query parameter wrong, as a part of a query string. */
function wrongParameter({ name, schema }: Parameter): Mutation[] {
  const given = (value: string) => `${name}=${value}`;
  const way = (text: string, field = name) => wrong(text.slice(0, 60), text, field);
  const isList = typeOf(schema) === 'array';
  const good = encodeURIComponent(String(JSON.parse(goodJson(isList ? itemsOf(schema) : schema))));
  if (!isList) {
    return [
      ...[...wrongValues(schema), ...UNDECODABLE].map((value) => way(given(value))),
      way(name),
      way(`${given(good)}&${given(good)}`),
    ];
  }
  const { maxItems = Infinity } = schema;
  return [
    ...wrongValues(itemsOf(schema)).map((value) => way(`${given(good)}&${given(value)}`, `${name}[1]`)),
    ...UNDECODABLE.map((value) => way(given(value))),
    way(Array.from({ length: maxItems + 1 }, () => given(good)).join('&')),
  ];
}

/** Parameters that no operation knows, and the name of the fault. */
const UNKNOWN_PARAMETERS: [text: string, field: string][] = [
  ['astray=1', 'astray'],
  ['astray', 'astray'],
  ['astray=1&astray=2', 'astray'],
  ['__proto__=1', '__proto__'],
  ['__proto__[a]=1', '["__proto__[a]"]'],
  ['constructor=1', 'constructor'],
  ['toString=1', 'toString'],
  ['LIMIT=1', 'LIMIT'],
  ['limit[]=1', '["limit[]"]'],
  ['=1', '[""]'],
  ['%00=1', String.raw`["\u0000"]`],
  ['%ff=1', '["%ff"]'],
  ['%0d%0aX-Evil:1', String.raw`["\r\nX-Evil:1"]`],
];

/** Everything that can be wrong with a request of this operation and still be read as JSON. */
export function badRequests(operation: Operation): BadRequest[] {
  const { method, query, body } = operation;
  const good = objectJson(leastBody(operation));
  const goodBody = body === null ? undefined : good;
  const bodies =
    body === null ? [] : [...others('null'), ...wrongObject(resolved(body), leastBody(operation))];
  const unwanted =
    body !== null || method === 'GET'
      ? []
      : [
          ...others('null', '[]', '[{}]', '"{}"', '1'),
          wrong('fields', '{"surprise":1,"id":{"a":1}}', 'surprise', 'id'),
          wrong('a field twice', '{"surprise":1,"surprise":2}', 'surprise'),
        ];
  const ofQuery = [
    ...query.flatMap(wrongParameter),
    ...UNKNOWN_PARAMETERS.map(([text, field]) => wrong(text, text, field)),
    ...[0, 1, 2].map((shift) => everyParameterWrong(query, shift)),
  ];
  const everything = bodies.find(({ name }) => name === 'everything (0)');
  return [
    ...[...bodies, ...unwanted].map(({ name, text, fields, isHopeless }) => ({
      name,
      query: '',
      body: text,
      fields: isHopeless === true ? fields.map(beginning) : fields,
    })),
    ...ofQuery.map(({ name, text, fields }) => ({
      name: `?${name}`,
      query: `?${text}`,
      body: goodBody,
      fields,
    })),
    ...(everything === undefined
      ? []
      : [
          {
            name: 'query and body',
            query: '?astray=1',
            body: everything.text,
            fields: ['astray', ...everything.fields],
          },
        ]),
  ];
}

/** Of a path that is too long to tell: its first four steps. */
function beginning(path: string): string {
  return /^(?:\.?[^.[\]]+|\[[^\]]+\]){1,4}/.exec(path)![0];
}

function everyParameterWrong(parameters: Parameter[], shift: number): Mutation {
  const all = parameters.map((parameter, at) => {
    const ways = wrongParameter(parameter);
    return ways[(at + shift * 3) % ways.length]!;
  });
  const text = ['astray=1', ...all.map((each) => each.text)].join('&');
  return wrong(`everything (${String(shift)})`, text, 'astray', ...all.flatMap(({ fields }) => fields));
}

/** Filters that make another list of it: one for each parameter, and not what is meant without it. */
export function otherFilters({ query }: Operation): string[] {
  return query
    .filter(({ name }) => name !== 'limit' && name !== 'cursor')
    .map(({ name, schema }) => {
      const one = typeOf(schema) === 'array' ? itemsOf(schema) : schema;
      const values = (one.enum ?? [JSON.parse(goodJson(one))]).filter((value) => value !== schema.default);
      return `${name}=${encodeURIComponent(String(values.at(-1)))}`;
    });
}
