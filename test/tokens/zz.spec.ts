import { afterAll, beforeAll, it } from '@jest/globals';
import { World, type Json } from '../support/world.js';
let world: World;
beforeAll(async () => { world = await World.start({ instances: 2 }); });
afterAll(() => world.close());
const scopes = ['tokens:write', 'things:read'];
it('x', async () => {
  const count: Record<string, number> = {};
  for (let r = 0; r < 40; r++) {
    const a = await world.token({ scopes });
    const b = await world.token({ scopes }, world.as(a.token));
    await world.database.query(`insert into tokens (id, workspace_id, environment, name, scopes, hint, prefix, created_at, created_by_type, parent_id, lineage)
      select id || n, workspace_id, environment, name, scopes, hint, prefix, created_at, created_by_type, id, id || lineage from tokens, generate_series(1,3000) n where id = $1`, [b.id]);
    await world.root.patch(`/v1/tokens/${b.id}`, { name: 'changed' + r });
    const answers = await Promise.all([a, b, b, a].map(({ id }, n) => world.as(world.rootKey, n % 2).post<Json>(`/v1/tokens/${id}/revoke`, {})));
    for (const a of answers) count[a.status] = (count[a.status] ?? 0) + 1;
  }
  console.log(count);
}, 120000);
