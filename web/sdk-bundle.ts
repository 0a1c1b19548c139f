import { build, type BuildOptions } from 'esbuild';
import { fileURLToPath } from 'node:url';

/** What is shipped, by file name. */
const BUNDLES = {
  /** `createCartwright`, for bundlers and `<script type="module">`. */
  'index.js': { entry: 'sdk/index.ts', format: 'esm' },
  'mount.js': { entry: 'sdk/mount.ts', format: 'esm' },
  /** Both in one tag, as `window.cartwright`. */
  'cartwright.js': { entry: 'sdk/tag.ts', format: 'iife' },
} as const satisfies Readonly<Record<string, { readonly entry: string; readonly format: 'esm' | 'iife' }>>;

export type SdkBundle = keyof typeof BUNDLES;

export const SDK_BUNDLES = Object.keys(BUNDLES) as readonly SdkBundle[];

/** Any browser of the last five years. */
const SHIPPED = { bundle: true, minify: true, target: 'es2020', write: false, logLevel: 'silent' } as const;

/** One of the SDK's bundles as it is shipped: minified, no dependency, no source map. */
export async function sdkBundle(name: SdkBundle): Promise<string> {
  const { entry, format } = BUNDLES[name];
  return bundleText({ entryPoints: [fileURLToPath(new URL(entry, import.meta.url))], format });
}

/** Whatever else is to be compared with it, built in the same way. */
export async function bundleText(options: BuildOptions): Promise<string> {
  const { outputFiles } = await build({ ...SHIPPED, ...options, write: false });
  return outputFiles[0]?.text ?? '';
}
