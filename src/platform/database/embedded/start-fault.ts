/** The product cannot start, for a reason the operator can mend: the message is one sentence meant to be read. */
export class StartFault extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StartFault';
  }
}

const ELSEWHERE = 'or set TOOKEN_DATA_DIR to another folder';

/** What an error of the file system means for somebody who starts a server on a folder, and how to mend it. */
const MEANINGS: Readonly<Record<string, string>> = {
  // Node's answer, too, when a folder is to be made on a read-only file system.
  ENOENT: `the folder cannot be made there; set TOOKEN_DATA_DIR to a folder that can be written to`,
  EACCES: `permission denied; give this user the right to read and write there, ${ELSEWHERE}`,
  EPERM: `operation not permitted; give this user the right to read and write there, ${ELSEWHERE}`,
  EROFS: 'the file system is read-only; set TOOKEN_DATA_DIR to a folder that can be written to',
  ENOSPC: `the disk is full; free some space, ${ELSEWHERE}`,
  EDQUOT: `the disk quota is used up; free some space, ${ELSEWHERE}`,
  ENOTDIR: `a part of the path is a file and not a folder; move it away, ${ELSEWHERE}`,
  EEXIST: `a file is in the way; move it away, ${ELSEWHERE}`,
  ENAMETOOLONG: 'the path is too long; set TOOKEN_DATA_DIR to a shorter one',
};

/** Puts an error of the file system into the operator's words; any other error comes back unchanged. */
export function explained(error: unknown, dataDir: string): unknown {
  const code = errorCode(error);
  const meaning = code === undefined ? undefined : MEANINGS[code];
  if (meaning === undefined) return error;
  return new StartFault(`Tooken cannot keep its data in ${dataDir}: ${meaning}`, { cause: error });
}

/** `ENOENT` and its like, of an error from the operating system. */
export function errorCode(error: unknown): string | undefined {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  return typeof code === 'string' ? code : undefined;
}
