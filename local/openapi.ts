import { toJsonSchema } from '@valibot/to-json-schema';
import { readFileSync, writeFileSync } from 'node:fs';
import { format } from 'prettier';
import type { GenericSchema } from 'valibot';
import { decisionRequestSchema } from '../shared/protocol/decision-request.ts';
import { batchSchema } from '../shared/protocol/ingestion.ts';
import { messageSchema } from '../shared/protocol/message.ts';
import {
  decisionResponseSchema,
  erasedResponseSchema,
  errorSchema,
  exportResponseSchema,
  ingestionResponseSchema,
  profileResponseSchema,
} from '../shared/protocol/responses.ts';

const FILE = new URL('../docs/openapi.json', import.meta.url);

/** The wire schemas as OpenAPI 3.1: the same ones that requests are checked with and answers are tested against. */
function openApi(version: string): object {
  return {
    openapi: '3.1.0',
    info: { title: 'Cartwright', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    servers: [{ url: 'http://127.0.0.1:8787', description: 'The local run' }],
    paths: {
      '/v1/batch': post(
        'Sends events. 200: every event that is not in `rejected` is in the stream, durable.',
        batchSchema,
        ingestionResponseSchema,
      ),
      ...Object.fromEntries(
        ['track', 'identify', 'page', 'screen', 'group', 'alias'].map((call) => [
          `/v1/${call}`,
          post(`Sends one event; its type is \`${call}\`.`, messageSchema, ingestionResponseSchema),
        ]),
      ),
      '/v1/decisions': post(
        'Decides how a checkout is arranged.',
        decisionRequestSchema,
        decisionResponseSchema,
      ),
      '/v1/profiles/{subject}': {
        get: {
          summary: 'What is known of a subject. Secret key only.',
          parameters: SUBJECT,
          responses: responses(profileResponseSchema),
        },
        delete: {
          summary:
            'Erases a subject, a user with all its devices, for good. Asked again it completes what a failure left. Secret key only.',
          parameters: SUBJECT,
          responses: responses(erasedResponseSchema),
        },
      },
      '/v1/profiles/{subject}/export': {
        get: {
          summary: 'All that is stored of a subject, for the person who asks. Secret key only.',
          parameters: SUBJECT,
          responses: responses(exportResponseSchema),
        },
      },
    },
    components: {
      securitySchemes: {
        basic: { type: 'http', scheme: 'basic', description: "A source's key as user name, no password" },
        bearer: { type: 'http', scheme: 'bearer', description: 'The secret key, or an identity token' },
      },
      schemas: { Error: schemaOf(errorSchema) },
    },
    security: [{ basic: [] }, { bearer: [] }, {}],
  };
}

const SUBJECT = [
  {
    name: 'subject',
    in: 'path',
    required: true,
    schema: { type: 'string' },
    description: '`u:<userId>` or `a:<anonymousId>`, percent-encoded',
  },
];

function post(summary: string, request: GenericSchema, response: GenericSchema): object {
  return {
    post: {
      summary,
      requestBody: { required: true, content: { 'application/json': { schema: schemaOf(request) } } },
      responses: responses(response),
    },
  };
}

function responses(ok: GenericSchema): object {
  const error = (description: string) => ({
    description,
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
  });
  return {
    200: {
      description: 'Done',
      headers: {
        'x-correlation-id': {
          description: 'What the logs know the request by: the trace-id of its `traceparent`, or its own id',
          schema: { type: 'string' },
        },
      },
      content: { 'application/json': { schema: schemaOf(ok) } },
    },
    400: error('The request is wrong; `path` says where'),
    401: error('The key is missing or unknown'),
    413: error('Too large'),
    500: error('Something went wrong here'),
    503: error('Out of reach: try again after `Retry-After` seconds'),
  };
}

function schemaOf(schema: GenericSchema): object {
  // Checks that JSON Schema cannot say (a real day, a length after trimming) are left out of the document.
  const { $schema: _, ...rest } = toJsonSchema(schema, { typeMode: 'input', errorMode: 'ignore' });
  return rest;
}

/** The document as it stands in `docs/openapi.json`. */
async function openApiText(): Promise<string> {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return await format(JSON.stringify(openApi(version)), { parser: 'json', printWidth: 110 });
}

writeFileSync(process.argv[2] ?? FILE, await openApiText());
