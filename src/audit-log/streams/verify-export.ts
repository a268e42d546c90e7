import { open, readFile } from 'node:fs/promises';
import { checkExport, type ExportCheck } from './check-export.js';
import { linesOf } from './lines-of.js';

/**
 * Checks an export that lies in a file, with evidence that lies in files: as the API answers it, as JSON or as plain
 * text.
 *
 * @throws Error of the file system when one cannot be read.
 */
export async function verifyExport(
  file: string,
  checkpoint?: string,
  publicKey?: string,
): Promise<ExportCheck> {
  const evidence = {
    note: checkpoint === undefined ? undefined : await evidenceIn(checkpoint, 'checkpoint'),
    vkey: publicKey === undefined ? undefined : (await evidenceIn(publicKey, 'verifier_key')).trim(),
  };
  // Opened first: a stream that fails to open would tell it where nobody listens.
  const handle = await open(file);
  try {
    return await checkExport(linesOf(handle.createReadStream()), evidence);
  } finally {
    await handle.close();
  }
}

async function evidenceIn(file: string, field: string): Promise<string> {
  const text = await readFile(file, 'utf8');
  if (!text.startsWith('{')) return text;
  const json = JSON.parse(text) as Record<string, unknown>;
  return String(json[field]);
}
