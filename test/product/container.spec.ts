import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { emptyDatabase, type EmptyDatabase } from '../support/empty-database.js';
import { cleanUp, emptyFolder, Product } from '../support/product.js';

jest.setTimeout(180_000);

interface Stage {
  name: string;
  copies: { from: string | null; sources: string[]; target: string }[];
  runs: string[];
  command: string[];
}

/** Where the stages that build leave what the run of these tests has built already. */
const BUILT: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  build: { '/app/dist': 'dist' },
  dashboard: { '/app/dist': 'dashboard/dist' },
};

let database: EmptyDatabase;
beforeAll(async () => {
  database = await emptyDatabase();
});
afterAll(async () => {
  await cleanUp();
  await database.drop();
});

describe('the container', () => {
  const stages = stagesOf(readFileSync('Dockerfile', 'utf8'));
  const last = stages.at(-1)!;

  it('builds from nothing but what is sent to the builder', () => {
    const sent = readFileSync('.dockerignore', 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    const named = stages.flatMap(({ copies }) =>
      copies.flatMap(({ from, sources }) => (from === null ? sources : [])),
    );
    expect(named.filter((path) => !existsSync(path))).toEqual([]);
    expect(
      named.filter((path) => !sent.some((each) => path === each || path.startsWith(`${each}/`))),
    ).toEqual([]);
  });

  it('remembers what was signed in a folder of the server’s user, which compose keeps in a volume', () => {
    const [, folder] = /^ +TOOKEN_DATA_DIR=(\S+)/m.exec(readFileSync('Dockerfile', 'utf8')) ?? [];
    expect(last.runs).toContain(`install --directory --owner=node --group=node --mode=0700 ${folder}`);
    const [, services = '', volumes = ''] = readFileSync('compose.yaml', 'utf8').split(
      /^(?:services|volumes):$/m,
    );
    const [, volume] = new RegExp(`^ +- (\\w+):${folder}$`, 'm').exec(services) ?? [];
    expect(volumes).toContain(`\n  ${volume}:\n`);
  });

  it('starts with the packages that are put into it, and serves people with passwords', async () => {
    const image = emptyFolder();
    for (const { from, sources, target } of last.copies) {
      for (const source of sources) {
        const place = join(image, target, target.endsWith('/') ? source : '');
        mkdirSync(dirname(place), { recursive: true });
        if (from === null) cpSync(source, place, { recursive: true });
        else if (BUILT[from] !== undefined) cpSync(BUILT[from][source]!, place, { recursive: true });
        else renameSync(carriedOut(from, source), place);
      }
    }
    const [node, script] = last.command;
    expect(node).toBe('node');

    const product = await Product.start(
      {
        DATABASE_URL: database.ownerUrl,
        TOOKEN_SECRET_KEY: randomBytes(32).toString('base64'),
        TOOKEN_ADMIN_EMAIL: 'owner@example.com',
        TOOKEN_ADMIN_PASSWORD: 'a password of this test',
        NODE_ENV: 'production',
      },
      { command: [join(image, script!)], cwd: image },
    );
    expect((await product.as(product.key!).get('/v1/me')).status).toBe(200);
    expect((await product.anonymous.get('/sign-in')).status).toBe(200);
    const signedIn = await product.anonymous.post('/v1/session', {
      email: 'owner@example.com',
      password: 'a password of this test',
    });
    expect(signedIn.status).toBe(200);
    expect(await product.stop()).toBe(0);
  });

  /** Where a path of a stage is, once all that the stage says is done. */
  function carriedOut(name: string, path: string): string {
    const folder = emptyFolder();
    const { copies, runs } = stages.find((stage) => stage.name === name)!;
    for (const { sources } of copies) for (const source of sources) cpSync(source, join(folder, source));
    for (const command of runs) {
      // What npm has fetched for this machine already need not come again.
      const offline = 'export npm_config_prefer_offline=true;';
      execFileSync('sh', ['-c', `${offline} ${command}`], { cwd: folder, stdio: 'pipe' });
    }
    return join(folder, path.replace('/app/', ''));
  }
});

function stagesOf(dockerfile: string): Stage[] {
  const stages: Stage[] = [];
  const lines = dockerfile.replaceAll('\\\n', ' ').split('\n');
  for (const line of lines) {
    const [, instruction = '', rest = ''] = /^([A-Z]+) (.*)$/.exec(line) ?? [];
    const stage = stages.at(-1)!;
    if (instruction === 'FROM') {
      stages.push({ name: / AS (\S+)/.exec(rest)?.[1] ?? '', copies: [], runs: [], command: [] });
    } else if (instruction === 'COPY') {
      const [, from = null, paths = ''] = /^(?:--from=(\S+) )?(.*)$/.exec(rest) ?? [];
      const all = paths.split(/\s+/);
      stage.copies.push({ from, sources: all.slice(0, -1), target: all.at(-1)! });
    } else if (instruction === 'RUN') {
      stage.runs.push(rest);
    } else if (instruction === 'CMD') {
      stage.command = JSON.parse(rest) as string[];
    }
  }
  return stages;
}
