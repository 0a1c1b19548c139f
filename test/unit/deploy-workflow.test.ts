import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
interface Job {
  readonly if?: string;
  readonly needs?: string;
  readonly environment?: string;
  readonly concurrency?: string;
  readonly permissions: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}
interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const FOLDER = '.github/workflows';
const files = readdirSync(FOLDER).map((name) => readFileSync(`${FOLDER}/${name}`, 'utf8'));
const { on, jobs } = parse(readFileSync(`${FOLDER}/deploy.yml`, 'utf8')) as Workflow;
const takesRole = ({ steps }: Job): boolean =>
  steps.some(({ uses }) => uses?.startsWith('aws-actions/configure-aws-credentials@'));

test('a workflow starts without any permission, and a job gets no more than it uses', () => {
  for (const text of files) {
    const workflow = parse(text) as Workflow;
    expect(workflow.permissions).toEqual({});
    for (const job of Object.values(workflow.jobs))
      expect(job.permissions).toEqual(
        takesRole(job) ? { contents: 'read', 'id-token': 'write' } : { contents: 'read' },
      );
  }
});

test('no long-lived key is used: a role is taken by OpenID Connect', () => {
  for (const text of files) expect(text).not.toMatch(/secrets\.|access-key|AKIA|SECRET_KEY/i);
  const roles = Object.values(jobs)
    .flatMap(({ steps }) => steps)
    .filter(({ uses }) => uses?.startsWith('aws-actions/'))
    .map((step) => step.with?.['role-to-assume']);
  expect(roles.length).toBeGreaterThan(0);
  expect(new Set(roles)).toEqual(new Set(['${{ vars.AWS_ROLE }}']));
});

test('actions are pinned to a commit, and the checkout keeps no token', () => {
  const used = files.flatMap((text) =>
    Object.values((parse(text) as Workflow).jobs).flatMap(({ steps }) => steps.filter(({ uses }) => uses)),
  );
  expect(used.length).toBeGreaterThan(3);
  for (const { uses = '', with: options } of used) {
    expect(uses).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
    if (uses.startsWith('actions/checkout@')) expect(options?.['persist-credentials']).toBe(false);
  }
});

test('what a fork sends never meets credentials', () => {
  expect(Object.keys(on).sort()).toEqual(['pull_request', 'push']);
  for (const job of Object.values(jobs).filter(takesRole))
    expect(job.if).toMatch(
      /^github\.event_name == 'push'( &&|$)|head\.repo\.full_name == github\.repository$/,
    );
});

test('main goes to dev and then, by the approval of its environment, to prod, and is tried there each time', () => {
  expect(on.push).toEqual({ branches: ['main'] });
  expect(jobs.dev).toMatchObject({ needs: 'synth', environment: 'dev', concurrency: 'deploy-dev' });
  expect(jobs.prod).toMatchObject({ needs: 'dev', environment: 'prod', concurrency: 'deploy-prod' });
  expect(jobs.prod?.if).toContain("vars.DEPLOY_PROD == 'true'");
  for (const name of ['dev', 'prod'])
    expect(jobs[name]?.steps.slice(-2).map(({ run }) => run)).toEqual([
      'npx cdk deploy --all --require-approval never -c stage=${{ github.job }} --outputs-file .local/outputs.json',
      'npm run --silent smoke -- --outputs .local/outputs.json',
    ]);
});

test('nothing that comes from a pull request is pasted into a shell', () => {
  for (const { steps } of Object.values(jobs))
    for (const { run = '' } of steps) expect(run.replaceAll('${{ github.job }}', '')).not.toContain('${{');
});
