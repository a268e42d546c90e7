import { parseArgs } from 'node:util';
import { AUDIT_COMMANDS } from './cli.audit.js';
import { AUDIT_PROOF_COMMANDS } from './cli.audit-proof.js';
import { UsageFault } from './cli.command.js';
import { FOUNDING_COMMANDS } from './cli.founding.js';
import { PEOPLE_COMMANDS } from './cli.people.js';
import { TOKEN_COMMANDS } from './cli.tokens.js';

const COMMANDS = [
  ...FOUNDING_COMMANDS,
  ...PEOPLE_COMMANDS,
  ...AUDIT_COMMANDS,
  ...AUDIT_PROOF_COMMANDS,
  ...TOKEN_COMMANDS,
];

const USAGE = `Usage: npm run -s tooken -- COMMAND

${COMMANDS.map(({ name, usage }) => `  ${name} ${usage}\n`).join('')}`;

function readCommand(given: string[]): () => Promise<unknown> {
  const command = COMMANDS.find(({ name }) => `${given.join(' ')} `.startsWith(`${name} `));
  if (command === undefined) throw new UsageFault('Not a command');
  const args = given.slice(command.name.split(' ').length);
  const { positionals, values } = parseArgs({ args, allowPositionals: true, options: command.options });
  return command.read(positionals, values as Record<string, string | boolean>);
}

async function report(error: unknown): Promise<void> {
  const isUsage =
    error instanceof UsageFault || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') === true;
  process.exitCode = isUsage ? 2 : 1;
  const { message } = error as Error;
  if (isUsage) {
    console.error(`${message}\n\n${USAGE}`);
  } else {
    const { inWords } = await import('./start-faults.js');
    console.error(inWords(error) ?? error);
  }
}

try {
  const answer = await readCommand(process.argv.slice(2))();
  process.stdout.write(`${JSON.stringify(answer, null, 2)}\n`);
} catch (error) {
  await report(error);
}
