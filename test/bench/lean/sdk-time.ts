/** CPU of the process within calls of the SDK, µs, until their answers are there; calls that overlap count once. */
export interface SdkTime {
  cpuUs: number;
}

// Each bundle brings its own copy of this file; they share what they count.
const time: SdkTime = ((globalThis as { sdkTime?: SdkTime }).sdkTime ??= { cpuUs: 0 });
let calls = 0;
let begun = 0;

export function cpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** Does within a call of the SDK what is none of its work, and is counted outside. */
export function outsideSdk<Result>(work: () => Result): Result {
  const before = cpuUs();
  try {
    return work();
  } finally {
    time.cpuUs -= cpuUs() - before;
  }
}

type Send = (...args: readonly unknown[]) => Promise<unknown>;

/** The client itself, whose calls are timed from now on. */
export function withTimedSend<Client extends object>(client: Client): Client {
  const untimed = (client as unknown as { readonly send: Send }).send.bind(client);
  const send: Send = async (...args) => {
    if (calls++ === 0) begun = cpuUs();
    try {
      return await untimed(...args);
    } finally {
      if (--calls === 0) time.cpuUs += cpuUs() - begun;
    }
  };
  return Object.assign(client, { send });
}
