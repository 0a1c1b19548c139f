/**
 * `npm run bench -- browser-sizes`: what a page loads for one call of each of these, ours and other people's, built in
 * the same way, into docs/benchmarks.md.
 */
import { readFileSync } from 'node:fs';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { bundleText } from '../../web/sdk-bundle.ts';
import { ROOT } from '../e2e/local-stack.ts';
import { writeSection } from './benchmark-page.ts';

interface Candidate {
  readonly name: string;
  /** An installed package; absent: ours. */
  readonly packageName?: string;
  readonly does: string;
  /** The smallest page that uses it. */
  readonly page: string;
}

const OURS = `import { createCartwright } from './web/sdk/index.ts';
const cartwright = createCartwright({ host: 'https://api.example', writeKey: 'key' });
cartwright.track('Product Added', {});`;

const CANDIDATES: readonly Candidate[] = [
  {
    name: 'web-vitals',
    packageName: 'web-vitals',
    does: 'the yardstick: three numbers of a page, nothing sent',
    page: `import { onCLS, onINP, onLCP } from 'web-vitals'; onCLS(console.log); onINP(console.log); onLCP(console.log);`,
  },
  { name: '**Cartwright, core**', does: 'events, sessions, consent, decisions', page: OURS },
  {
    name: '**Cartwright with `mount`**',
    does: 'and a checkout that is arranged',
    page: `${OURS}
import { mount } from './web/sdk/mount.ts';
mount(cartwright, { request: () => ({ checkout: {} }) });`,
  },
  {
    name: 'GrowthBook',
    packageName: '@growthbook/growthbook',
    does: 'flags and experiments',
    page: `import { GrowthBook } from '@growthbook/growthbook';
const growthbook = new GrowthBook({ apiHost: 'https://api.example', clientKey: 'key' });
growthbook.init().then(() => console.log(growthbook.isOn('flag')));`,
  },
  {
    name: 'Apache Unomi tracker',
    packageName: 'apache-unomi-tracker',
    does: 'events, a profile',
    page: `import { useTracker } from 'apache-unomi-tracker';
const tracker = useTracker(); tracker.initTracker({ wem: { contextServerUrl: 'https://api.example' } }); tracker.startTracker();`,
  },
  {
    name: 'Snowplow',
    packageName: '@snowplow/browser-tracker',
    does: 'events, sessions',
    page: `import { newTracker, trackPageView } from '@snowplow/browser-tracker';
newTracker('sp', 'https://api.example', {}); trackPageView();`,
  },
  {
    name: 'Jitsu',
    packageName: '@jitsu/js',
    does: 'events',
    page: `import { jitsuAnalytics } from '@jitsu/js';
jitsuAnalytics({ host: 'https://api.example', writeKey: 'key' }).track('Product Added', {});`,
  },
  {
    name: 'RudderStack',
    packageName: '@rudderstack/analytics-js',
    does: 'events, sessions, consent; loads plugins beside',
    page: `import { RudderAnalytics } from '@rudderstack/analytics-js';
const rudder = new RudderAnalytics(); rudder.load('key', 'https://api.example'); rudder.track('Product Added', {});`,
  },
  {
    name: 'Segment analytics.js',
    packageName: '@segment/analytics-next',
    does: 'events; loads settings beside',
    page: `import { AnalyticsBrowser } from '@segment/analytics-next';
AnalyticsBrowser.load({ writeKey: 'key' }).track('Product Added', {});`,
  },
  {
    name: 'PostHog',
    packageName: 'posthog-js',
    does: 'events, flags, recordings',
    page: `import posthog from 'posthog-js';
posthog.init('key', { api_host: 'https://api.example' }); posthog.capture('Product Added');`,
  },
];

function versionOf(packageName: string): string {
  const manifest = readFileSync(`${ROOT}/node_modules/${packageName}/package.json`, 'utf8');
  return (JSON.parse(manifest) as { readonly version: string }).version;
}

const kilobytes = (bytes: number): string => (bytes / 1_000).toFixed(1);

const rows: string[] = [];
for (const { name, packageName, does, page } of CANDIDATES) {
  const text = await bundleText({
    stdin: { contents: page, resolveDir: ROOT, loader: 'ts' },
    format: 'esm',
    platform: 'browser',
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  const version = packageName === undefined ? '' : ` ${versionOf(packageName)}`;
  const sizes = [text.length, gzipSync(text, { level: 9 }).length, brotliCompressSync(text).length];
  rows.push(`| ${name}${version} | ${sizes.map(kilobytes).join(' | ')} | ${does} |`);
  console.log(rows.at(-1));
}
await writeSection(
  'browser-sizes',
  `## What a page loads

One page each that starts the client and sends one event, bundled and minified by esbuild ${versionOf('esbuild')} for
ES2020, in thousands of bytes (\`npm run bench -- browser-sizes\`). What a client loads beside while it runs is not in it. Our
own sizes are limits that [fail the tests](../test/sdk/size.test.ts): 5.0 the core, 9.0 with \`mount\`.

| client | minified | gzip | brotli | what it does |
| --- | ---: | ---: | ---: | --- |
${rows.join('\n')}`,
);
