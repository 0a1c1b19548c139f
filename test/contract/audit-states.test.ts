import { memoryAuditStates } from '../../shared/adapters/memory/memory-audit-states.ts';
import { s3AuditStates } from '../../shared/adapters/s3/s3-audit-states.ts';
import type { AuditState } from '../../shared/domain/audit.ts';
import type { AuditStates } from '../../shared/ports/audit-states.ts';
import { s3Stub, type S3Stub } from './s3-stub.ts';

const STATE: AuditState = {
  position: {
    'critical/shardId-000000000000': {
      incarnation: 'a1B2c3D4',
      after: '496654321',
      until: 1_700_000_000_000,
    },
    'bulk/shardId-000000000001': { incarnation: 'e5F6g7H8', until: 0 },
  },
  open: [
    {
      lane: 'critical',
      incarnation: 'a1B2c3D4',
      shardId: 'shardId-000000000000',
      sequence: '49665432',
      key: 'k'.repeat(22),
      facets: ['orders', 'checkout'],
      mark: '0123456789ab',
      arrivedAt: 1_700_000_000_000,
    },
  ],
};

/** What every {@link AuditStates} does. `makeStates` gives empty ones. */
function keepsAuditStates(makeStates: () => AuditStates): void {
  test('before the first audit there is none', async () => {
    expect(await makeStates().load()).toBeNull();
  });

  test('what was saved last is loaded, whole', async () => {
    const states = makeStates();
    await states.save({ position: {}, open: [] });
    await states.save(STATE);
    expect(await states.load()).toEqual(STATE);
  });
}

describe('what audits leave to each other, in memory', () => {
  keepsAuditStates(memoryAuditStates);
});

describe('what audits leave to each other, in S3', () => {
  let stub: S3Stub;
  let buckets = 0;
  beforeAll(async () => {
    stub = await s3Stub();
  });
  afterAll(() => stub.close());
  const statesIn = (bucket: string) => s3AuditStates({ bucket, client: () => stub.client() });

  keepsAuditStates(() => statesIn(`audit-${++buckets}`));

  test('is one object, out of the way of what is in quarantine', async () => {
    await statesIn('one').save(STATE);
    expect([...stub.objects('one').keys()]).toEqual(['audit/state.json']);
  });

  test.each(['rubbish', '{"position":{},"open":[{}]}', ''])(
    'that cannot be understood (%j) is as if there were none: all is audited again',
    async (body) => {
      (stub.objects('strange') as Map<string, string>).set('audit/state.json', body);
      expect(await statesIn('strange').load()).toBeNull();
    },
  );

  test('out of reach is not the same as empty', async () => {
    const states = s3AuditStates({ bucket: 'b', client: () => Promise.reject(new Error('no route')) });
    await expect(states.load()).rejects.toMatchObject({ code: 'audit_states_unavailable' });
    await expect(states.save(STATE)).rejects.toMatchObject({ code: 'audit_states_unavailable' });
  });
});
