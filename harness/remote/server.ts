/** Puts a machine behind HTTP: the table of operations, a token, limits, and an OpenAPI description. */
import type * as BearerAuth from '@fastify/bearer-auth';
import type * as Swagger from '@fastify/swagger';
import type * as Fastify from 'fastify';
import type { TestMachine } from '../machine/test-machine';
import { OPERATIONS, type Operation } from './operations';
import { requireToken } from './require-token';

export interface ServeOptions {
  /** Whoever asks must know it (`Authorization: Bearer …`): at least 16 characters. */
  readonly token: string;
  /** Default 0: one that is free. */
  readonly port?: number;
  /** Default `127.0.0.1`: this host alone. */
  readonly host?: string;
}

/** A machine that is being served. */
export interface ServedMachine {
  /** Such as `http://127.0.0.1:41234`. */
  readonly url: string;
  /** Answers what is being answered, and no more. */
  close(): Promise<void>;
}

/** Bytes of a request with JSON, and of one with an image or a snapshot beyond the largest RAM. */
const LARGEST_JSON = 64 * 1024;
const BESIDES_RAM = 16 * 1024 * 1024;
const BYTES = 'application/octet-stream';

/** HTTP's word for each of an author's mistakes; any other is 400. */
const STATUS: Partial<Record<string, number>> = {
  'unknown-vm': 404,
  'wrong-state': 409,
  'lock-held': 409,
  'later-snapshot': 409,
};

/**
 * Serves a machine until it is closed. Requests are carried out one after the other.
 * @throws AuthorError for a token that is too short; what the host throws when it cannot listen
 */
export async function serveMachine(
  machine: TestMachine,
  { token, port = 0, host = '127.0.0.1' }: ServeOptions,
): Promise<ServedMachine> {
  requireToken('serveMachine({ token })', token);
  /* eslint-disable @typescript-eslint/no-require-imports -- loaded when somebody serves, and not before. */
  const { fastify } = require('fastify') as typeof Fastify;
  const { default: bearerAuth } = require('@fastify/bearer-auth') as typeof BearerAuth;
  const { default: swagger } = require('@fastify/swagger') as typeof Swagger;
  /* eslint-enable @typescript-eslint/no-require-imports */
  const server = fastify({
    bodyLimit: LARGEST_JSON,
    // What is not described is refused, not left out.
    ajv: { customOptions: { removeAdditional: false } },
    routerOptions: { maxParamLength: 100 },
  });
  server.addContentTypeParser(BYTES, { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  server.setErrorHandler((error: Fastify.FastifyError & { readonly mend?: string }, _request, reply) => {
    const code = error.code ?? 'failed';
    const status =
      STATUS[code] ??
      (error.name === 'Error' || error.statusCode !== undefined ? (error.statusCode ?? 500) : 400);
    void reply.code(status).send({ code, message: error.message });
  });
  server.setNotFoundHandler((_request, reply) => void reply.code(404).send({ code: 'unknown-operation' }));
  await server.register(bearerAuth, {
    keys: new Set([token]),
    errorResponse: () => ({ error: 'unauthorised' }),
  });
  await server.register(swagger, {
    openapi: {
      openapi: '3.0.3',
      info: { title: 'A testvisor machine', version: '1' },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{ token: [] }],
    },
  });
  const largest = Math.max(...machine.system.vms.map(({ limits }) => limits.ram)) * 2 + BESIDES_RAM;
  for (const operation of OPERATIONS) server.route(routeOf(operation, machine, largest));
  server.get('/openapi.json', { schema: { hide: true } }, () => server.swagger());
  await server.ready();
  const url = await server.listen({ port, host });
  return { url, close: () => server.close() };
}

function routeOf(operation: Operation, machine: TestMachine, largest: number): Fastify.RouteOptions {
  const { method, path, summary, query, body, takesBytes, givesBytes } = operation;
  return {
    method,
    url: path,
    bodyLimit: takesBytes === true ? largest : LARGEST_JSON,
    schema: {
      summary,
      operationId: `${method.toLowerCase()}${path.replaceAll(/[/:]+(\w)/g, (_, letter: string) => letter.toUpperCase())}`,
      ...(query === undefined ? {} : { querystring: query }),
      ...(body === undefined ? {} : { body }),
      ...(takesBytes === true ? { consumes: [BYTES] } : {}),
      ...(givesBytes === true ? { produces: [BYTES] } : {}),
    },
    handler: async (request, reply) => {
      if (takesBytes === true && !Buffer.isBuffer(request.body))
        return reply.code(415).send({ code: 'not-bytes', message: `Send ${BYTES}.` });
      const answer = await operation.carryOut(machine, {
        params: request.params as Readonly<Record<string, string>>,
        query: request.query as Readonly<Record<string, unknown>>,
        body: request.body,
      });
      return reply.type(givesBytes === true ? BYTES : 'application/json; charset=utf-8').send(answer);
    },
  };
}
