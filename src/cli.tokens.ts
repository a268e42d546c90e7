import { createReadStream } from 'node:fs';
import { UsageFault, type Command } from './cli.command.js';
import { withApp } from './cli.with-app.js';

/** What may be done with tokens by whoever runs the product. */
export const TOKEN_COMMANDS: readonly Command[] = [
  {
    name: 'tokens import',
    usage: `FILE [--workspace SLUG] [--environment live|test] [--dry-run]
      Imports tokens with the values they have elsewhere, from NDJSON: each line is an item of POST /v1/tokens/import.
      All of them, or none; prints how many, or every fault with its line, as JSON.`,
    options: {
      workspace: { type: 'string' },
      environment: { type: 'string' },
      'dry-run': { type: 'boolean' },
    },
    read([file, ...rest], { workspace = 'default', environment = 'live', 'dry-run': dryRun = false }) {
      if (file === undefined || rest.length > 0) throw new UsageFault('FILE must be one file');
      if (environment !== 'live' && environment !== 'test')
        throw new UsageFault('--environment must be live or test');
      return () =>
        withApp(async (app) => {
          const { WorkspacesService } = await import('./workspaces/workspaces.service.js');
          const { ImportFile } = await import('./tokens/import-file.js');
          const { linesOf } = await import('./audit-log/streams/lines-of.js');
          const slug = String(workspace);
          const row = await app.get(WorkspacesService).bySlug(slug);
          if (row === null) throw new UsageFault(`There is no workspace "${slug}"`);
          const lines = linesOf(createReadStream(file) as AsyncIterable<Buffer>);
          const report = await app
            .get(ImportFile)
            .run({ workspace: row, environment }, lines, dryRun === true);
          if (!report.ok) process.exitCode = 1;
          return { dry_run: dryRun, ...report };
        });
    },
  },
];
