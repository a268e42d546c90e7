import { connect } from './database.mjs';
import { built, call } from './product.mjs';

/** The role that the embedded database serves requests with: what a statement takes depends on whose it is. */
const APP_ROLE = 'tooken_app';

/**
 * The statements of one page of the audit log, as the product itself builds them, to be sent again and again without
 * it. They are those of the page as it was when this was called.
 *
 * @returns `run` sends them once, and `close` ends their connection.
 */
export async function listDirectly(lifetime, product, database, { environment = 'live', limit = 50 } = {}) {
  const { EventFinder } = await built('audit-log/reading/event-finder.js');
  const { WorkspaceLog } = await built('audit-log/reading/workspace-log.js');
  const { EVER } = await built('audit-log/reading/span.js');
  const { workspace } = await call(product, 'GET', '/v1/me');
  const client = await connect(lifetime, database.url);
  await client.query(`set role ${APP_ROLE}`);

  const statements = [];
  const recording = recorder(client, statements);
  const finder = new EventFinder(recording, new WorkspaceLog(recording), { now: () => Date.now() });
  const view = { workspaceId: workspace.id, environments: [environment, 'none'] };
  await finder.page({ view, span: EVER, conditions: [] }, 'desc', limit, null);
  const run = async () => {
    for (const { text, values } of statements) await client.query(text, values);
  };
  return { run, close: client.close };
}

/** What the finder takes for its database: it sends each statement, and writes it down. */
function recorder(client, statements) {
  const send = async (text, values = []) => {
    statements.push({ text, values });
    return (await client.query(text, values)).rows;
  };
  return {
    query: send,
    transaction: async (work) => {
      await send('begin');
      const result = await work();
      await send('commit');
      return result;
    },
  };
}
