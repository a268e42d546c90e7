/** What is shown of the example: a name, an address, and what to do there first. */
export function screens({ token, rotated, family, event, webhook }) {
  return {
    outside: [
      ['sign-in', '/sign-in'],
      ['setup', '/setup#EXAMPLE'],
    ],
    inside: [
      ['overview', '/'],
      ['tokens', '/tokens'],
      ['issue-token', '/tokens/new'],
      ['token', `/tokens/${token}`],
      ['revoke-by-filter', '/tokens', (page) => previewRevocation(page)],
      ['token-rotated', `/tokens/${rotated}`],
      ['token-family', `/tokens/${family}`],
      ['api-keys', '/settings/api-keys'],
      [
        'audit-log',
        '/settings/audit-log?action=%5B%22token.*%22%2C%22api_key.*%22%5D&actor_type=%5B%22api_key%22%5D',
      ],
      ['audit-event', `/settings/audit-log/${event}`, (page) => prove(page)],
      ['scopes', '/settings/scopes'],
      ['webhooks', '/settings/webhooks'],
      ['webhook', `/settings/webhooks/${webhook}`],
      ['members', '/settings/members'],
      ['workspace', '/settings/workspace'],
      ['account', '/account', (page) => showSecondFactors(page)],
    ],
  };
}

async function showSecondFactors(page) {
  const section = page.getByRole('region', { name: 'Second factors' });
  await section.evaluate((it) => it.scrollIntoView({ block: 'center' }));
}

async function prove(page) {
  await page.getByRole('button', { name: 'Check' }).click();
  await page.getByText('This event is in the signed log').waitFor();
}

async function previewRevocation(page) {
  await page.getByRole('button', { name: 'Revoke by filter' }).click();
  await page.getByLabel('Scope', { exact: true }).and(page.locator('input')).last().fill('invoices:read');
  await page.getByRole('button', { name: 'Show what would be hit' }).click();
  await page.getByText('would be revoked').waitFor();
}
