/** When a token ends: after so many days, at a moment, or never. */
export const EXPIRY_PRESETS = [
  { value: '1', label: '1 day' },
  { value: '7', label: '7 days' },
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: '1 year' },
  { value: 'at', label: 'At…' },
  { value: 'never', label: 'Never' },
] as const;

export type ExpiryPreset = (typeof EXPIRY_PRESETS)[number]['value'];

const DAY_SECONDS = 86_400;

/** The part of an issue body that says when it ends. */
export function expiryOf(
  preset: ExpiryPreset,
  at: string | null,
): { expires_in?: number; expires_at?: string | null } {
  if (preset === 'never') return {};
  if (preset === 'at') return at === null ? {} : { expires_at: new Date(at).toISOString() };
  return { expires_in: Number(preset) * DAY_SECONDS };
}
