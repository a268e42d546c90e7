interface Sample {
  value: string;
  label: string;
  /** @param origin where this very Tooken is. */
  code: (origin: string) => string;
}

/** How an API asks about a token that it was shown. */
export const SAMPLES: Sample[] = [
  {
    value: 'curl',
    label: 'curl',
    code: (origin) => `curl -s ${origin}/v1/tokens/verify \\
  -H "Authorization: Bearer $TOOKEN_API_KEY" \\
  -H "Content-Type: application/json" \\
  -d '{"token": "'"$TOKEN"'", "scopes": ["invoices:read"]}'`,
  },
  {
    value: 'javascript',
    label: 'JavaScript',
    code: (origin) => `const response = await fetch('${origin}/v1/tokens/verify', {
  method: 'POST',
  headers: {
    authorization: \`Bearer \${process.env.TOOKEN_API_KEY}\`,
    'content-type': 'application/json',
  },
  body: JSON.stringify({ token, scopes: ['invoices:read'] }),
});
const { valid, code, subject } = await response.json();
if (!valid) return new Response(code, { status: 401 });`,
  },
  {
    value: 'python',
    label: 'Python',
    code: (origin) => `import os, requests

answer = requests.post(
    "${origin}/v1/tokens/verify",
    headers={"Authorization": f"Bearer {os.environ['TOOKEN_API_KEY']}"},
    json={"token": token, "scopes": ["invoices:read"]},
    timeout=5,
).json()
if not answer["valid"]:
    raise PermissionError(answer["code"])`,
  },
];
