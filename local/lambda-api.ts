import type { IncomingMessage, ServerResponse } from 'node:http';
import { LocalFault } from './fault.ts';
import { functionNameIn } from './function-name.ts';
import { readBody } from './http-server.ts';
import type { InvocationResult } from './lambda-protocol.ts';

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: of a call that waits for its answer */
const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024;
const INVOKE_PATH = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

/**
 * The part of Lambda's API that the command line uses: Invoke, waiting for the answer. Whatever else is asked is
 * answered 501.
 */
export function lambdaApi(
  invoke: (functionName: string, event: object) => Promise<InvocationResult>,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    answer(invoke, request, response).catch((cause: unknown) => {
      const isUnknown = cause instanceof LocalFault;
      fail(
        response,
        isUnknown ? 404 : 500,
        isUnknown ? 'ResourceNotFoundException' : 'ServiceException',
        cause,
      );
    });
  };
}

async function answer(
  invoke: (functionName: string, event: object) => Promise<InvocationResult>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [path = ''] = (request.url ?? '').split('?');
  const [, name] = INVOKE_PATH.exec(path) ?? [];
  const type = request.headers['x-amz-invocation-type'] ?? 'RequestResponse';
  if (request.method !== 'POST' || name === undefined || type !== 'RequestResponse')
    return fail(response, 501, 'NotImplemented', 'only Invoke is offered here, and it waits for the answer');
  const body = await readBody(request, MAX_PAYLOAD_BYTES);
  if (!body) return fail(response, 413, 'RequestTooLargeException', 'the payload is too large');
  const event: unknown = body.length === 0 ? {} : JSON.parse(body.toString());
  const result = await invoke(functionNameIn(decodeURIComponent(name)), event as object);
  response.writeHead(200, {
    'content-type': 'application/json',
    'x-amz-executed-version': '$LATEST',
    ...(result.ok ? {} : { 'x-amz-function-error': 'Unhandled' }),
  });
  response.end(result.ok ? result.payload : JSON.stringify(result.error));
}

function fail(response: ServerResponse, status: number, code: string, cause: unknown): void {
  const Message = cause instanceof Error ? cause.message : String(cause);
  response.writeHead(status, { 'content-type': 'application/json', 'x-amzn-errortype': code });
  response.end(JSON.stringify({ Type: 'User', Message }));
}
