import { ApiError } from '../../api/api-error.ts';
import { placeHeaders } from '../../api/client.ts';
import { queryStringOf, type EventSearch } from './search.ts';

type Format = 'ndjson' | 'csv';

/** Not every browser has it; where it is missing the file is put together in memory first. */
interface SavePicker {
  showSaveFilePicker?: (options: { suggestedName: string }) => Promise<FileSystemFileHandle>;
}

/**
 * Saves the export to a file, streamed where the browser can.
 *
 * @param onProgress gets the bytes so far.
 * @returns the file's name; null when the person chose none.
 */
export async function downloadExport(
  search: EventSearch,
  format: Format,
  onProgress: (bytes: number) => void,
): Promise<string | null> {
  const name = `tooken-audit-log-${new Date().toISOString().slice(0, 10)}.${format}`;
  const file = await chooseFile(name);
  if (file === 'none') return null;
  const query = queryStringOf(search);
  const response = await fetch(`/v1/audit-events/export?format=${format}${query === '' ? '' : `&${query}`}`, {
    headers: placeHeaders(),
  });
  if (!response.ok || response.body === null) {
    throw ApiError.from(response, await response.json().catch(() => null));
  }
  const counted = response.body.pipeThrough(counting(onProgress));
  if (file !== null) await counted.pipeTo(await file.createWritable());
  else offer(await new Response(counted).blob(), name);
  return name;
}

async function chooseFile(name: string): Promise<FileSystemFileHandle | 'none' | null> {
  const { showSaveFilePicker } = window as SavePicker;
  if (showSaveFilePicker === undefined) return null;
  try {
    return await showSaveFilePicker({ suggestedName: name });
  } catch {
    return 'none';
  }
}

function counting(
  onProgress: (bytes: number) => void,
): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  let bytes = 0;
  return new TransformStream({
    transform(chunk, controller) {
      bytes += chunk.length;
      onProgress(bytes);
      controller.enqueue(chunk);
    },
  });
}

function offer(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser has taken it over by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
