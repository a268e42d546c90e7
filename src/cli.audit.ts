import type { Selector } from './audit-log/keeping/erasure.js';
import { UsageFault, type Command, type Options } from './cli.command.js';
import { workspaceIdOf } from './cli.audit-proof.js';
import { withApp } from './cli.with-app.js';
import { parseCidr } from './platform/addresses.js';
import { isHandle } from './platform/ids.js';

/** What may be done to the audit log, and with it, by whoever runs the product. */
export const AUDIT_COMMANDS: readonly Command[] = [
  {
    name: 'audit erase',
    usage: `(--ip ADDRESS|CIDR | --actor ID) (--workspace SLUG | --all) [--dry-run]
      Erases what is personal (names, addresses, user agents) from the events of an address or a range, or of an API
      key, a token, a person (with the invitations of their e-mail address) or an invitation, and from the notices of
      these events to webhooks; the events stay, and every proof still verifies. Prints from which logs, as JSON.`,
    options: {
      ip: { type: 'string' },
      actor: { type: 'string' },
      workspace: { type: 'string' },
      all: { type: 'boolean' },
      'dry-run': { type: 'boolean' },
    },
    read(words, options) {
      if (words.length > 0) throw new UsageFault(`What is "${words.join(' ')}"?`);
      const selector = selectorIn(options);
      const { workspace, all = false, 'dry-run': dryRun = false } = options;
      if ((workspace === undefined) !== all) throw new UsageFault('Say one of --workspace SLUG and --all');
      return () =>
        withApp(async (app) => {
          const { Erasure } = await import('./audit-log/keeping/erasure.js');
          const workspaceId = workspace === undefined ? null : await workspaceIdOf(app, String(workspace));
          const erased = await app.get(Erasure).erase(selector, workspaceId, dryRun === true);
          return { dry_run: dryRun, logs: erased };
        });
    },
  },
];

function selectorIn({ ip, actor }: Options): Selector {
  if ((ip === undefined) === (actor === undefined)) throw new UsageFault('Say one of --ip and --actor');
  if (ip === undefined) {
    const id = String(actor);
    if (!(['key', 'token', 'usr', 'inv'] as const).some((prefix) => isHandle(prefix, id)))
      throw new UsageFault('--actor must be the id of an API key, a token, a person or an invitation');
    return { by: 'actor', id };
  }
  const range = parseCidr(String(ip));
  if (range === null) throw new UsageFault('--ip must be an address, or a range in CIDR notation');
  return { by: 'ip', range };
}
