// HTTP: loads what fastify loads at its first use, while we may still read our own files: a clone may be root's alone.
import fastify from 'fastify';

export async function preload(): Promise<void> {
  const app = fastify({ logger: false });
  app.get('/', () => '');
  app.setErrorHandler((_error, _request, reply) => void reply.send(''));
  await app.inject('/');
  await app.inject('/nowhere');
  await app.close();
}
