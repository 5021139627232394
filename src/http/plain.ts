// HTTP: an answer in one line of text. In: a code and the line. Out: the reply.
import type { FastifyReply } from 'fastify';

export function plain(reply: FastifyReply, code: number, text: string): FastifyReply {
  return reply.code(code).header('content-type', 'text/plain; charset=utf-8').send(`${text}\n`);
}
