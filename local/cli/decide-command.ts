import * as v from 'valibot';
import type { StoreConfig } from '../../shared/domain/store-config.ts';
import { decisionResponseSchema } from '../../shared/protocol/responses.ts';
import { commandLine } from './command-line.ts';
import { LocalFault } from '../fault.ts';
import { decisionText } from './decision-text.ts';

export const DECIDE_USAGE = `npm run cli -- decide u:USER|a:DEVICE [--payment LIST] [--shipping LIST] …

  asks how this person's checkout would look, and says why: the order with its reasons, the law that corrected it, what
  the profile knew and how fresh it was
  --payment   options in the shop's own order, ID[:KIND[:CREDIT]] each; a KIND is card, debit, bnpl, wallet, transfer, voucher,
              cash or invoice, CREDIT is no, maybe or yes: --payment credit_card:card,boleto:voucher,pix:transfer
  --shipping  options, ID[:PRICE[:DAYS]] each, the price in minor units: --shipping standard:390:5,express:990:1
  --lines     what is in the cart, PRODUCT[:QUANTITY[:PRICE]] each
  --country, --region, --currency, --locale   of the checkout: --country SE --locale sv-SE
  --at        as of another time: --at 2026-01-31T12:00:00Z
  --slots     only these: --slots payment,shipping (default: all that apply)
  --json      the answer as it came
  --url       of the API; its secret key is taken from CARTWRIGHT_SECRET_KEY
  --outputs   of a deployed stage: the file that \`cdk deploy --outputs-file\` wrote; without both, the local run`;

/** What the API is asked; what is undefined goes unsaid. */
export interface DecisionQuestion {
  readonly userId?: string | undefined;
  readonly anonymousId?: string | undefined;
  readonly checkout: {
    readonly payment?: readonly { readonly id: string }[] | undefined;
    readonly shipping?: readonly { readonly id: string }[] | undefined;
    readonly lines?: readonly { readonly productId: string; readonly quantity: number }[] | undefined;
  };
  readonly context: Readonly<Record<string, string | undefined>>;
  readonly slots?: readonly string[] | undefined;
  readonly at?: string | undefined;
}

export type DecideCommand =
  | { readonly name: 'help' }
  | {
      readonly name: 'decide';
      readonly subject: string;
      readonly question: DecisionQuestion;
      readonly asJson: boolean;
      readonly url?: string;
      readonly outputs?: string;
    };

const OPTIONS = {
  payment: { type: 'string' },
  shipping: { type: 'string' },
  lines: { type: 'string' },
  country: { type: 'string' },
  region: { type: 'string' },
  currency: { type: 'string' },
  locale: { type: 'string' },
  at: { type: 'string' },
  slots: { type: 'string' },
  json: { type: 'boolean' },
  url: { type: 'string' },
  outputs: { type: 'string' },
  help: { type: 'boolean' },
} as const;

/**
 * Reads what follows `decide` on the command line.
 *
 * @throws {LocalFault} on what it does not know; what the API knows better, it says itself
 */
export function parseDecideCommand(args: readonly string[]): DecideCommand {
  const { values, positionals } = parsed(args);
  const [subject, ...more] = positionals;
  if (values.help || subject === undefined) return { name: 'help' };
  if (more.length > 0) throw new LocalFault(`"${more[0]}" is one word too many`);
  if (!/^[ua]:./.test(subject)) throw new LocalFault('decide takes a person: u:USER_ID or a:ANONYMOUS_ID');
  if (values.url !== undefined && values.outputs !== undefined)
    throw new LocalFault('--url and --outputs both say where the API is: say one of them');
  const { country, region, currency, locale, at } = values;
  const id = subject.slice(2);
  return {
    name: 'decide',
    subject,
    question: {
      ...(subject.startsWith('u:') ? { userId: id } : { anonymousId: id }),
      checkout: {
        payment: entriesOf(values.payment)?.map(([name = '', kind, credit]) => ({ id: name, kind, credit })),
        shipping: entriesOf(values.shipping)?.map(([name = '', price, days]) => ({
          id: name,
          price: numberOf('--shipping', price),
          etaDays: numberOf('--shipping', days),
        })),
        lines: entriesOf(values.lines)?.map(([productId = '', quantity, price]) => ({
          productId,
          quantity: numberOf('--lines', quantity) ?? 1,
          price: numberOf('--lines', price),
        })),
      },
      context: { country, region, currency, locale },
      slots: values.slots?.split(','),
      at,
    },
    asJson: values.json ?? false,
    ...(values.url !== undefined && { url: values.url }),
    ...(values.outputs !== undefined && { outputs: values.outputs }),
  };
}

function parsed(args: readonly string[]) {
  return commandLine({ args: [...args], allowPositionals: true, options: OPTIONS });
}

/** `a:b,c` → [['a', 'b'], ['c']] */
function entriesOf(list: string | undefined): readonly (readonly (string | undefined)[])[] | undefined {
  return list?.split(',').map((entry) => entry.split(':').map((part) => (part === '' ? undefined : part)));
}

function numberOf(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isFinite(value)) throw new LocalFault(`${flag} has "${text}" where a number belongs`);
  return value;
}

export interface DecideDependencies {
  /** Posts JSON to `/v1/decisions` with the secret key. */
  readonly post: (body: object) => Promise<{ readonly status: number; readonly body: unknown }>;
  readonly config: Pick<StoreConfig, 'payment' | 'shipping' | 'offers'>;
  /** ms since the epoch */
  readonly now: number;
  readonly say: (line: string) => void;
}

/**
 * Asks for one decision and explains it.
 *
 * @throws {LocalFault} with what the API says against the question
 */
export async function runDecideCommand(
  { subject, question, asJson }: Exclude<DecideCommand, { readonly name: 'help' }>,
  { post, config, now, say }: DecideDependencies,
): Promise<void> {
  const { status, body } = await post({ ...question, explain: true });
  if (status !== 200) throw new LocalFault(refusal(status, body));
  const parsedBody = v.safeParse(decisionResponseSchema, body);
  if (!parsedBody.success) throw new LocalFault('what answers there is not of this version of Cartwright');
  if (asJson) say(JSON.stringify(body, null, 2));
  else for (const line of decisionText(subject, question, parsedBody.output, config, now)) say(line);
}

function refusal(status: number, body: unknown): string {
  const { error } = (body ?? {}) as {
    readonly error?: { readonly message?: string; readonly path?: string };
  };
  return `answered ${status}: ${error?.message ?? 'nothing'}${error?.path ? ` (${error.path})` : ''}`;
}
