import type { INestApplicationContext } from '@nestjs/common';
import type { ExportCheck } from './audit-log/streams/check-export.js';
import { UsageFault, type Command } from './cli.command.js';
import { withApp } from './cli.with-app.js';

/** What proves the audit log, or finds that it cannot be proven: then the exit code is 1. */
export const AUDIT_PROOF_COMMANDS: readonly Command[] = [
  {
    name: 'audit verify',
    usage: `EXPORT [--checkpoint FILE] [--public-key FILE]
      Checks an export (NDJSON) offline: recomputes the log's Merkle tree from it and holds the root against the
      checkpoint and the one in the export, whose signature it takes the key to check; prints how many events are
      proven, or the first that does not fit, as JSON. Without a file of either kind nothing is proven.`,
    options: { checkpoint: { type: 'string' }, 'public-key': { type: 'string' } },
    read(words, { checkpoint, 'public-key': publicKey }) {
      const [file, ...rest] = words;
      if (file === undefined || rest.length > 0) throw new UsageFault('EXPORT must be one file');
      return async () => {
        const { verifyExport } = await import('./audit-log/streams/verify-export.js');
        const check = await verifyExport(file, text(checkpoint), text(publicKey));
        if (check.ok && check.proven < check.size) console.error(unproven(check));
        return wrongUnless(check, ({ ok }) => ok);
      };
    },
  },
  {
    name: 'audit scrub',
    usage: `[--workspace SLUG]
      Reads every log again, or one, and recomputes all that can be; prints what it found for each, as JSON.`,
    options: { workspace: { type: 'string' } },
    read(words, { workspace }) {
      requireNone(words);
      return () =>
        withApp(async (app) => {
          const { NightlyScrub } = await import('./audit-log/scrubbing/nightly-scrub.js');
          const logs = workspace === undefined ? undefined : [await workspaceIdOf(app, String(workspace))];
          const { isWhole } = await import('./audit-log/scrubbing/scrub-report.js');
          const reports = await app.get(NightlyScrub).scrubAll(logs);
          return wrongUnless({ logs: reports }, () => reports.every(isWhole));
        });
    },
  },
  {
    name: 'audit open-epoch',
    usage: `(--workspace SLUG | --instance) --reason TEXT
      Begins the signed history of a log anew, after the database was restored from an older backup; prints the new
      origin of its checkpoints, as JSON.`,
    options: { workspace: { type: 'string' }, instance: { type: 'boolean' }, reason: { type: 'string' } },
    read(words, { workspace, instance = false, reason }) {
      requireNone(words);
      if ((workspace === undefined) !== instance)
        throw new UsageFault('Say one of --workspace SLUG and --instance');
      const why = String(reason ?? '').trim();
      if (why === '' || why.length > 500) throw new UsageFault('--reason must have 1 to 500 characters');
      return () =>
        withApp(async (app) => {
          const { EpochsService } = await import('./audit-log/checkpoints/epochs.service.js');
          const log = workspace === undefined ? 'instance' : await workspaceIdOf(app, String(workspace));
          return app.get(EpochsService).open(log, why);
        });
    },
  },
];

/** Said beside the answer, so that nobody takes an export that agrees with itself for one that is proven. */
function unproven({ proven, size }: ExportCheck): string {
  const how =
    proven === 0
      ? 'Nothing is proven'
      : `Only the first ${String(proven)} of ${String(size)} events are proven`;
  return `${how}: whoever wrote this export can have written its checkpoint too. --public-key tells.`;
}

/** Whose log it is. */
export async function workspaceIdOf(app: INestApplicationContext, slug: string): Promise<string> {
  const { WorkspacesService } = await import('./workspaces/workspaces.service.js');
  const workspace = await app.get(WorkspacesService).bySlug(slug);
  if (workspace === null) throw new UsageFault(`There is no workspace "${slug}"`);
  return workspace.id;
}

function wrongUnless<Answer>(answer: Answer, isRight: (answer: Answer) => boolean): Answer {
  if (!isRight(answer)) process.exitCode = 1;
  return answer;
}

function requireNone(words: readonly string[]): void {
  if (words.length > 0) throw new UsageFault(`What is "${words.join(' ')}"?`);
}

function text(option: string | boolean | undefined): string | undefined {
  return typeof option === 'string' ? option : undefined;
}
