import { UsageFault, type Command } from './cli.command.js';
import { withApp } from './cli.with-app.js';
import type { FoundingService } from './founding/founding.service.js';

/** Making workspaces and keys, for who has none to ask with. */
export const FOUNDING_COMMANDS: readonly Command[] = [
  {
    name: 'workspace create',
    usage: `NAME
      Makes a workspace; prints it with its first API key, as JSON.`,
    options: {},
    read(words) {
      const name = nameIn(words);
      return () => withFounding((founding) => founding.foundBySystem(name));
    },
  },
  {
    name: 'workspace lift-ips',
    usage: `SLUG
      Lets API keys and tokens call from anywhere again; for who has locked everybody out.`,
    options: {},
    read(words) {
      const slug = nameIn(words);
      return () =>
        withApp(async (app) => {
          const { WorkspacesService } = await import('./workspaces/workspaces.service.js');
          const workspace = await app.get(WorkspacesService).liftManagementIps(slug);
          if (workspace === null) throw new UsageFault(`There is no workspace "${slug}"`);
          return workspace;
        });
    },
  },
  {
    name: 'api-key create',
    usage: `NAME [--workspace SLUG] [--environment live|test]
      Makes an API key, of the workspace "default" unless told; prints it with its value, as JSON.`,
    options: { workspace: { type: 'string' }, environment: { type: 'string' } },
    read(words, { workspace = 'default', environment = 'live' }) {
      const name = nameIn(words);
      if (environment !== 'live' && environment !== 'test')
        throw new UsageFault('--environment must be live or test');
      return () =>
        withFounding(async (founding) => {
          const key = await founding.keyBySystem(String(workspace), environment, name);
          if (key === null) throw new UsageFault(`There is no workspace "${String(workspace)}"`);
          return key;
        });
    },
  },
];

function nameIn([name, ...rest]: readonly string[]): string {
  if (name === undefined || rest.length > 0) throw new UsageFault('NAME must be one word, or in quotes');
  if (name.trim() === '' || [...name].length > 120 || /\p{Cc}/u.test(name))
    throw new UsageFault('NAME must have 1 to 120 characters, and no control characters');
  return name;
}

function withFounding<T>(work: (founding: FoundingService) => Promise<T>): Promise<T> {
  return withApp(async (app) => {
    const { FoundingService } = await import('./founding/founding.service.js');
    return work(app.get(FoundingService));
  });
}
