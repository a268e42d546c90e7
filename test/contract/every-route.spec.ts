import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { ENTITIES } from '../../src/app.entities.js';
import { AppModule } from '../../src/app.module.js';
import { setUpHttp } from '../../src/app.setup.js';
import { AUDIT_ACTIONS } from '../../src/audit-log/audit-actions.js';
import { Audited } from '../../src/audit-log/audited.decorator.js';
import { FoundingService } from '../../src/founding/founding.service.js';
import { Clock } from '../../src/platform/clock.js';
import { readConfig } from '../../src/platform/config/config.js';
import type { RoutePolicy } from '../../src/platform/context/route-policy.js';
import { makeDataSource } from '../../src/platform/database/data-source.js';
import { Database } from '../../src/platform/database/database.js';
import { SecretHasher } from '../../src/platform/secrets/secret-hasher.js';
import { Requires } from '../../src/scopes/requires.decorator.js';
import { Caller } from '../support/caller.js';
import { cloneDatabase, type TestDatabase } from '../support/test-database.js';
import { SECRET_KEY } from '../support/world.js';

let answeredBy: string[] = [];

/** What a developer might forget. */
@Controller('v1/forgotten')
class ForgottenController {
  @Get('everything')
  everything(): string {
    return this.answer('everything');
  }

  @Post('guard')
  @Audited('token.issue')
  guard(): string {
    return this.answer('guard');
  }

  @Get('audit')
  @Requires('any')
  audit(): string {
    return this.answer('audit');
  }

  private answer(by: string): string {
    answeredBy.push(by);
    return by;
  }
}

/** The product and that. */
@Module({ controllers: [ForgottenController] })
class Everything {}

interface Route {
  name: string;
  path: string;
  policy: RoutePolicy;
}

describe('every route', () => {
  let database: TestDatabase;
  let app: NestFastifyApplication;
  let key: string;
  const routes: Route[] = [];
  beforeAll(async () => {
    database = await cloneDatabase();
    const parts = {
      config: readConfig({ PORT: '0' }, () => true),
      database: new Database(makeDataSource(database.url, ENTITIES)),
      databaseUrl: database.url,
      hasher: new SecretHasher(SECRET_KEY),
      clock: new Clock(),
    };
    await parts.database.connect();
    const module = {
      module: Everything,
      imports: [AppModule.with(parts)],
    };
    app = await NestFactory.create<NestFastifyApplication>(module, new FastifyAdapter(), {
      logger: false,
      bodyParser: false,
    });
    setUpHttp(app);
    app
      .getHttpAdapter()
      .getInstance()
      .addHook('onRoute', ({ method, url, config }) => {
        routes.push({ name: `${String(method)} ${url}`, path: url, policy: config?.policy ?? {} });
      });
    await app.listen({ host: '127.0.0.1', port: 0 });
    key = (await app.get(FoundingService).foundInstance())!.key;
  });
  afterAll(async () => {
    await app.close();
    await database.drop();
  });

  const ours = (): Route[] =>
    routes.filter(({ path }) => /^\/(?:v1|oauth)\//.test(path) && !path.startsWith('/v1/forgotten'));

  it('of the API says who may enter, and which action its events name', () => {
    expect(ours().length).toBeGreaterThan(30);
    const undeclared = ours().filter(({ policy }) => {
      const isDecided = (policy.requires === undefined) === (policy.public === true);
      return !isDecided || policy.action === undefined || !Object.hasOwn(AUDIT_ACTIONS, policy.action);
    });
    expect(undeclared).toEqual([]);
  });

  it('of the API demands a credential, but for those by which people come to one, and for who has found a leak', () => {
    const open = ours().filter(({ policy }) => policy.public === true);
    expect(open.map(({ name }) => name).sort()).toEqual([
      'GET /v1/setup',
      'HEAD /v1/setup',
      // Its form holds the credential, and a client that names itself is judged.
      'POST /oauth/token',
      'POST /v1/account/password/reset',
      'POST /v1/invitations/accept',
      'POST /v1/invitations/read',
      'POST /v1/leaks',
      'POST /v1/leaks/github',
      'POST /v1/session',
      'POST /v1/session/passkey',
      'POST /v1/session/passkey/options',
      'POST /v1/session/second-factor',
      'POST /v1/setup',
      'POST /v1/signup',
    ]);
  });

  it('that only reads names an action that changes nothing', () => {
    const changing = ours().filter(
      ({ name, policy }) => /^(GET|HEAD) /.test(name) && AUDIT_ACTIONS[policy.action!].changes,
    );
    expect(changing).toEqual([]);
  });

  it('outside of the API and its documentation is one of these, open, and leaves no events', () => {
    const others = routes.filter(({ path }) => !/^\/(?:v1|oauth)\//.test(path));
    const wellKnown = [
      'oauth-authorization-server',
      'oauth-authorization-server/:workspace/:environment',
      'jwks.json',
      'tooken/status-lists/:id',
    ].map((name) => `/.well-known/${name}`);
    const operations = ['/livez', '/readyz', '/metrics'];
    expect(new Set(others.map(({ path }) => path))).toEqual(new Set([...operations, ...wellKnown]));
    for (const { policy } of others) expect(policy).toEqual({ public: true });
  });

  it.each([
    ['GET', 'everything', 404],
    ['POST', 'guard', 404],
    ['GET', 'audit', 500],
  ])('that forgets its decorators answers nobody: %s %s', async (method, path, status) => {
    answeredBy = [];
    const caller = new Caller(await app.getUrl());
    for (const each of [caller, caller.with({ authorization: `Bearer ${key}` })]) {
      expect((await each.send(method, `/v1/forgotten/${path}`)).status).toBe(status);
    }
    expect(answeredBy).toEqual([]);
  });
});
