import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { LocalFault } from '../fault.ts';
import type { StackNames } from '../stack-names.ts';

const TIMEOUT_MS = 300_000;

/**
 * Calls functions of a stack: of the local run, or with the AWS credentials and region of whoever asks, who needs
 * `lambda:InvokeFunction` and nothing else.
 */
export function functionInvoker({ api, region, lambda }: StackNames) {
  const client = new LambdaClient({
    ...(api !== undefined && { region, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } }),
    ...(lambda !== undefined && { endpoint: lambda }),
    // A call that is made again has its work done twice.
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler({ requestTimeout: TIMEOUT_MS, throwOnRequestTimeout: true }),
  });
  return async (functionName: string, event: object): Promise<unknown> => {
    const { Payload, FunctionError } = await client.send(
      new InvokeCommand({ FunctionName: functionName, Payload: Buffer.from(JSON.stringify(event)) }),
    );
    const answer: unknown = JSON.parse(Payload?.transformToString() ?? 'null');
    if (FunctionError === undefined) return answer;
    const { errorType = FunctionError, errorMessage = '' } = (answer ?? {}) as Readonly<
      Record<string, string>
    >;
    throw new LocalFault(`the function ${functionName} failed: ${errorType}: ${errorMessage}`);
  };
}
