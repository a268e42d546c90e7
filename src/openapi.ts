import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { completeDocument } from './openapi-completion.js';
import { PRODUCT_VERSION } from './platform/product-version.js';

const DESCRIPTION = `Tooken issues scoped, expiring tokens to your partners and services, verifies them, and keeps an
audit log of every decision.

**Two kinds of credential.** API keys (\`tok_live_…\`) are unscoped: your own servers manage Tooken with them. Tokens
(\`tkn_live_…\`) are limited to scopes; you issue them, and your own APIs verify them here. Both are sent as
\`Authorization: Bearer …\`, or as the password of HTTP Basic with the workspace's slug, or nothing, as the user name.

**People** use the dashboard, which speaks this same API with the cookie of a session. Their role decides: an \`owner\`
may do what an API key may, an \`admin\` the same but for owners, a \`developer\` has \`tokens:*\` and \`scopes:*\`, an
\`auditor\` \`audit:read\`. A session acts in the workspace of \`X-Tooken-Workspace\` (an id; left out: the last one) and
the environment of \`X-Tooken-Environment\` (\`live\`, \`test\`; left out: \`live\`). What changes something must come from
the dashboard's own origin. What lasts (making, regenerating and deleting API keys, inviting and changing people) needs a
session in which the person has confirmed within ten minutes that it is they (\`POST /v1/session/sudo\`): else 403 with
\`details: [{"field":"session","message":"sudo_required"}]\`.

**Two environments.** \`live\` and \`test\` never meet: tokens, scopes and events of one do not exist for the other. Only
live API keys manage API keys of both.

**Every decision is recorded** before its answer leaves; \`X-Request-Id\` leads from the answer to its event.

**Errors** have one shape (the schema \`Problem\`), list every fault at once, and come as RFC 9457 to those who accept
\`application/problem+json\`. What belongs to another workspace or environment is a 404 like what never existed.

**Repeating.** A POST that changes something takes an \`Idempotency-Key\` of your making. The same call again within 24
hours gets the same answer, its secret included, and changes nothing: when an answer was lost, send the call again.

**Lists** return \`next_cursor\`; send it back as \`cursor\` with the same filters. Null ends the list. Fields that a
request does not know, and query parameters too, are refused, never ignored; a field that may be null means the same
as one left out.`;

/** The OpenAPI document, from the decorators of the running code. */
export function buildDocument(app: INestApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Tooken')
    .setDescription(DESCRIPTION)
    .setVersion(PRODUCT_VERSION)
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addServer('/')
    .addTag('API keys', 'Unscoped credentials of your own servers; managed with API keys only')
    .addTag('Tokens', 'Scoped credentials for partners and services. Nobody gives what they do not have')
    .addTag('Verification', 'What your own APIs ask')
    .addTag('OAuth', 'The same in the words of the standards: RFC 7662, 7009, 8414, 8693, 9068')
    .addTag('Scopes', "The workspace's own scopes")
    .addTag('Audit log', 'Every decision, granted or refused')
    .addTag('Leaks', 'Stopping what has leaked, and finding it')
    .addTag('Webhooks', 'Notices of what happens to tokens and keys, sent to your own servers')
    .addTag('Session', 'Signing in to the dashboard, and out')
    .addTag('Account', 'How people come to an account, and what they do with their own')
    .addTag('Members', 'Who belongs to the workspace, and invitations to it')
    .addTag('Workspace', 'The tenant and its policies')
    .addTag('Caller', 'Who am I')
    .addTag('Operations', 'For orchestrators and Prometheus; these leave no audit events')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An API key or a token' }, 'bearer')
    .addBasicAuth({ type: 'http', scheme: 'basic', description: 'The same, as the password' }, 'basic')
    .addCookieAuth(
      'tooken_session',
      {
        type: 'apiKey',
        in: 'cookie',
        description:
          'A person who is signed in; over HTTPS the cookie is called `__Host-tooken_session`. Looked at only where there is no `Authorization`.',
      },
      'session',
    )
    .build();
  const document = SwaggerModule.createDocument(app, config, {
    operationIdFactory: (controller, method) => operationId(controller, method),
  });
  return completeDocument(document);
}

/** Serves the document and its reader; built when first asked for, so that it costs the start nothing. */
export function setUpDocs(app: INestApplication): void {
  SwaggerModule.setup('docs', app, () => buildDocument(app), {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    customSiteTitle: 'Tooken API',
  });
}

/** How our classes are divided is no concern of those who read the names. */
const SUBJECTS: Record<string, string> = {
  discovery: 'oauthDiscovery',
  founding: 'workspaces',
  verification: 'tokens',
  workspaces: 'workspace',
};

/** `ApiKeysController.create` → `apiKeysCreate`. */
function operationId(controller: string, method: string): string {
  const name = controller.replace(/Controller$/, '');
  const subject = name.charAt(0).toLowerCase() + name.slice(1);
  return `${SUBJECTS[subject] ?? subject}${method.charAt(0).toUpperCase()}${method.slice(1)}`;
}
