/** What a person may be in a workspace, the mightiest first. What each may do: `src/auth/powers.ts`. */
export const ROLES = ['owner', 'admin', 'developer', 'auditor'] as const;
export type Role = (typeof ROLES)[number];
