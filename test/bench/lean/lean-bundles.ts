import { build, type BuildOptions, type Plugin } from 'esbuild';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import type { StoreConfig } from '../../../shared/domain/store-config.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** The code whose types stand in `dist-types`. */
const MARSHALLING = join(ROOT, 'node_modules/@aws-sdk/lib-dynamodb/dist-es/commands/utils.js');

/** As infra/stage-function.ts bundles a function. */
const AS_DEPLOYED: BuildOptions = {
  format: 'esm',
  mainFields: ['module', 'main'],
  minify: true,
  target: 'node20',
  outExtension: { '.js': '.mjs' },
  banner: {
    js: "import{createRequire as cartwrightRequire}from'node:module';const require=cartwrightRequire(import.meta.url);",
  },
};
const LAMBDA_CREDENTIALS = join(ROOT, 'shared/adapters/aws/lambda-credentials.ts');
/** As CDK's NodejsFunction bundles one that is told nothing. */
const AS_USUAL: BuildOptions = { format: 'cjs', target: 'node20', outExtension: { '.js': '.cjs' } };

const ENTRIES = {
  cartwright: join(ROOT, 'functions/decide-checkout/index.ts'),
  conventional: here('conventional.ts'),
  'sdk-alone': here('sdk-alone.ts'),
} as const;
export type Design = keyof typeof ENTRIES;

export interface LeanBundle {
  readonly path: string;
  readonly bytes: number;
}

/**
 * Bundles a function for the bench.
 *
 * @param config in the place of store.config.ts; absent: the one that ships
 * @param isTimed with clients of the SDK that say how much CPU their calls take (sdk-time.ts)
 */
export async function leanBundle(
  design: Design,
  dir: string,
  {
    how = 'as-deployed',
    config,
    isTimed = false,
  }: {
    readonly how?: 'as-deployed' | 'as-usual';
    readonly config?: StoreConfig;
    readonly isTimed?: boolean;
  } = {},
): Promise<LeanBundle> {
  const name = `${design}-${how}${config ? '-configured' : ''}${isTimed ? '-timed' : ''}`;
  const plugins = [...(config ? [configured(dir, config)] : []), ...(isTimed ? [timedSdk()] : [])];
  const { outputFiles } = await build({
    ...(how === 'as-deployed' ? AS_DEPLOYED : AS_USUAL),
    ...(design === 'cartwright' && { alias: { '@aws-sdk/credential-provider-node': LAMBDA_CREDENTIALS } }),
    entryPoints: { [name]: ENTRIES[design] },
    outdir: dir,
    bundle: true,
    platform: 'node',
    logLevel: 'error',
    plugins,
    write: false,
  });
  const { path, contents } = outputFiles[0]!;
  writeFileSync(path, contents);
  return { path, bytes: contents.length };
}

function configured(dir: string, config: StoreConfig): Plugin {
  const path = join(dir, 'lean-store-config.mjs');
  writeFileSync(path, `export const store = ${JSON.stringify(config)};`);
  return {
    name: 'configured',
    setup: ({ onResolve }) => onResolve({ filter: /\/store\.config\.ts$/ }, () => ({ path })),
  };
}

function timedSdk(): Plugin {
  const standIns: Readonly<Record<string, string>> = {
    '@aws-sdk/client-dynamodb': here('timed-client.ts'),
    '@aws-sdk/lib-dynamodb': here('timed-document-client.ts'),
  };
  return {
    name: 'timed-sdk',
    setup({ onResolve }) {
      onResolve({ filter: /^@aws-sdk\/(client|lib)-dynamodb$/ }, ({ path, importer }) =>
        importer === standIns[path] || importer.includes('node_modules')
          ? undefined
          : { path: standIns[path]! },
      );
      onResolve({ filter: /\/commands\/utils$/ }, ({ path, importer }) => {
        if (path.startsWith('@aws-sdk/lib-dynamodb/dist-types/')) return { path: MARSHALLING };
        return importer.endsWith('/DynamoDBDocumentClientCommand.js')
          ? { path: here('timed-marshalling.ts') }
          : undefined;
      });
    },
  };
}
