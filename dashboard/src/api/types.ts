import type { components } from './schema.d.ts';

type Schemas = components['schemas'];

export type ApiKey = Schemas['ApiKey'];
export type NewApiKey = Schemas['NewApiKey'];
export type Token = Schemas['Token'];
export type NewToken = Schemas['NewToken'];
export type IssueToken = Schemas['IssueToken'];
export type UpdateToken = Schemas['UpdateToken'];
export type TokenStatus = Token['status'];
export type Scope = Schemas['Scope'];
export type Workspace = Schemas['Workspace'];
export type AuditEvent = Schemas['AuditEvent'];
export type EventStats = Schemas['EventStats'];
export type InclusionProof = Schemas['InclusionProof'];
export type PublicKey = Schemas['PublicKey'];

/** One page of a list. */
export interface Page<Item> {
  data: Item[];
  next_cursor: string | null;
}
