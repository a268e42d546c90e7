import * as oauth from 'oauth4webapi';
import { customFetch, createRemoteJWKSet, type JWTVerifyGetKey } from 'jose';
import type { Answer } from '../support/caller.js';
import type { World } from '../support/world.js';

/** Under which clients know the product of these tests; behind a proxy, so to say. */
export const PUBLIC_URL = 'https://tooken.example';
export const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
export const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';

type Fetch = (url: string, init?: object) => Promise<Response>;

/** Leads a client that calls the public address to the instance under test. */
export function proxyTo(world: World, instance = 0): Fetch {
  return (url, init) => fetch(url.replace(PUBLIC_URL, world.urls[instance]!), init);
}

/** What oauth4webapi needs to know beside the product's own metadata. */
export function options(world: World): { [oauth.customFetch]: Fetch } {
  return { [oauth.customFetch]: proxyTo(world) };
}

export async function discovered(world: World, issuer = PUBLIC_URL): Promise<oauth.AuthorizationServer> {
  const url = new URL(issuer);
  const response = await oauth.discoveryRequest(url, { algorithm: 'oauth2', ...options(world) });
  return oauth.processDiscoveryResponse(url, response);
}

/** The product's published keys, as an independent verifier gets them. */
export function publishedKeys(world: World): JWTVerifyGetKey {
  const url = new URL(`${PUBLIC_URL}/.well-known/jwks.json`);
  return createRemoteJWKSet(url, { [customFetch]: proxyTo(world) });
}

type Parameters_ = Record<string, string> | [string, string][];

/** Posts a form, with this header if any. */
export async function postForm(
  world: World,
  path: string,
  parameters: Parameters_ | string,
  authorization?: string,
): Promise<Answer> {
  const response = await fetch(`${world.urls[0]!}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      ...(authorization !== undefined && { authorization }),
    },
    body: typeof parameters === 'string' ? parameters : new URLSearchParams(parameters).toString(),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>,
    text,
    requestId: response.headers.get('x-request-id') ?? '',
  };
}

/** A JWT for the token, with what else is asked. */
export async function exchanged(world: World, token: string, more: Parameters_ = {}): Promise<string> {
  const asked = [...new URLSearchParams(more)];
  const { status, body, text } = await postForm(world, '/oauth/token', [
    ['grant_type', EXCHANGE],
    ['subject_token', token],
    ['subject_token_type', ACCESS_TOKEN],
    ...asked,
  ]);
  if (status !== 200) throw new Error(`the exchange answered ${String(status)}: ${text}`);
  return String(body.access_token);
}
