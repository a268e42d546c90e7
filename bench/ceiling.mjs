/**
 * The ceiling: a bare Fastify that answers a verification from a Map. It checks no caller, asks no database and
 * records nothing, so no server on Fastify can be faster. Run as a child of the bench, which sends it the answers.
 */
import Fastify from 'fastify';

const server = Fastify();
let answers = new Map();

server.post('/v1/tokens/verify', (request, reply) => {
  reply.send(answers.get(request.body.token));
});

process.once('message', async (entries) => {
  answers = new Map(entries);
  process.send(await server.listen({ host: '127.0.0.1', port: 0 }));
});
// However the bench ends.
process.once('disconnect', () => process.exit());
