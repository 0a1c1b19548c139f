import { Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { synthesized } from './synthesized.ts';

interface Run {
  readonly status: number | null;
  readonly stderr: string;
  readonly written: readonly string[];
}

/** The CDK app as the CLI starts it. */
function runApp(stage: string): Run {
  const outdir = mkdtempSync(join(tmpdir(), 'cartwright-synth-'));
  try {
    const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'infra/app.ts'], {
      encoding: 'utf8',
      env: {
        ...process.env,
        NODE_OPTIONS: '',
        CDK_OUTDIR: outdir,
        CDK_CONTEXT_JSON: JSON.stringify({ stage, 'aws:cdk:bundling-stacks': [] }),
      },
    });
    return { status, stderr, written: readdirSync(outdir) };
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

test('prod is not synthesized until the shop has chosen its consent regime', () => {
  const { status, stderr, written } = runApp('prod');
  expect(status).toBe(1);
  expect(stderr).toMatch(/^Choose stages\.prod\.consentRegime in store\.config\.ts .*\n$/);
  expect(written).toEqual([]);
});

test('a misspelt stage is answered with the stages there are', () => {
  const { status, stderr } = runApp('prdo');
  expect(status).toBe(1);
  expect(stderr).toBe('There is no stage "prdo": did you mean "prod"? The stages are dev and prod.\n');
});

describe.each(['dev', 'prod'] as const)('the AWS Solutions rules in %s', (name) => {
  const { app } = synthesized(name);

  test('no finding is left unexplained', () => {
    expect(new AwsSolutionsChecks().validateScope(app).violations).toEqual([]);
  });

  test('every exception carries a reason', () => {
    const reasons = app.node
      .findAll()
      .flatMap(({ node }) => node.metadata)
      .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
      .flatMap(({ data }) => Object.values(data as Record<string, string>));
    expect(reasons.length).toBeGreaterThan(0);
    for (const reason of reasons) expect(reason).toMatch(/^\S.{40,}\.$/);
  });
});
